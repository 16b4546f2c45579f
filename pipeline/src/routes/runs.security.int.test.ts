import { afterAll, beforeAll, expect, test } from "bun:test";
import { listRuns, startRun, startRunInternal } from "@episante/contracts/pipeline";
import { adminActor, doctorActor, serviceActor } from "@episante/testkit/actors";
import { expectProblem, refusals } from "@episante/testkit/refusals";
import { type Harness, harness } from "@episante/testkit/service";
import { makeWorld, type World } from "../../test/world.ts";
import { runSamples } from "../actions/sample-runs.ts";
import { pipelineRoutes } from "../app.ts";

let world: World;
let service: Harness;
beforeAll(async () => {
  world = await makeWorld();
  service = await harness({ service: "pipeline", routes: pipelineRoutes(world.deps) });
});
afterAll(() => world.close());

refusals(listRuns, async () => ({ harness: service, accepted: { actor: doctorActor() } }));
refusals(startRun, async () => ({ harness: service, accepted: { actor: adminActor(), body: { stage: "silver" } } }));
refusals(startRunInternal, async () => ({ harness: service, accepted: { actor: serviceActor("operator"), body: { stage: "silver" } } }));

test("an unknown stage and a day that is none are refused", async () => {
  const actor = adminActor();
  for (const body of [{ stage: "platinum" }, { stage: "gold", day: "2026-02-30" }, { stage: "gold", day: "../../etc" }]) {
    expectProblem(await service.call(startRun, { actor, body }), 422, "invalid-input");
  }
});

test("starting a run is audited with who started it", async () => {
  const actor = adminActor();
  const answer = await service.call(startRun, { actor, body: { stage: "gold" } });
  expect(answer).toMatchObject({ status: 201, json: { status: "done", changed: false } });
  const rows = await world.database.owner`select payload from outbox where subject = 'audit.pipeline' order by seq desc limit 1`;
  expect(JSON.parse(String(rows[0]?.payload))).toMatchObject({
    code: "pipeline.start-run",
    outcome: "ok",
    actor: { accountId: actor.accountId },
    entity: { type: "run", id: answer.json.id },
  });
});

test("the list of runs pages without gaps, newest first", async () => {
  const actor = doctorActor();
  const all = (await service.call(listRuns, { actor, query: { limit: 200 } })).json.items.map((run: { id: string }) => run.id);
  expect(all.length).toBeGreaterThan(2);
  const first = (await service.call(listRuns, { actor, query: { limit: 2 } })).json;
  const second = (await service.call(listRuns, { actor, query: { limit: 2, cursor: first.next } })).json;
  expect([...first.items, ...second.items].map((run: { id: string }) => run.id)).toEqual(all.slice(0, 4));
  const made = await service.call(listRuns, { actor, query: { cursor: "made-up" } });
  expect([made.status, made.json.code]).toEqual([422, "invalid-input"]);
});

test("runs are counted by stage and outcome, and the last good one is known again after a restart", async () => {
  const { runMetrics } = world.deps;
  const lastSuccess = async (stage: string) => {
    for (const sample of runSamples(world.deps)) await sample.take();
    return (await runMetrics.lastSuccess.get()).values.find(({ labels }) => labels.stage === stage)?.value;
  };
  runMetrics.runSeconds.reset();
  await service.call(startRun, { actor: adminActor(), body: { stage: "silver" } });
  const { values } = await runMetrics.runSeconds.get();
  const counted = values.filter(({ metricName }) => metricName === "pipeline_run_seconds_count");
  expect(counted).toMatchObject([{ labels: { stage: "silver", status: "done" }, value: 1 }]);
  runMetrics.lastSuccess.reset();
  expect(await lastSuccess("silver")).toBe(world.clock.now() / 1000);
  expect(await lastSuccess("bronze")).toBe(0);
});
