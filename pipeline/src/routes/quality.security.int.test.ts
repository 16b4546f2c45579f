import { afterAll, beforeAll, expect, test } from "bun:test";
import { quality } from "@episante/contracts/pipeline";
import { adminActor } from "@episante/testkit/actors";
import { refusals } from "@episante/testkit/refusals";
import { type Harness, harness } from "@episante/testkit/service";
import { frame, makeWorld, noonMs, type World } from "../../test/world.ts";
import { pipelineRoutes } from "../app.ts";

let world: World;
let service: Harness;
beforeAll(async () => {
  world = await makeWorld();
  service = await harness({ service: "pipeline", routes: pipelineRoutes(world.deps) });
});
afterAll(() => world.close());

refusals(quality, async () => ({ harness: service, accepted: { actor: adminActor() } }));

test("quality lists every check of the last run and names no patient", async () => {
  await world.publishReadings([frame(0, [["8867-4", 60, noonMs]])]);
  await world.run("all");
  const answer = await service.call(quality, { actor: adminActor() });
  expect(answer.status).toBe(200);
  expect(answer.json.items).toContainEqual({
    check: "readings_one_row_each",
    day: "2026-11-18",
    offending: 0,
    ok: true,
    at: new Date(noonMs).toISOString(),
  });
  expect(answer.text).not.toContain("pat_");
});
