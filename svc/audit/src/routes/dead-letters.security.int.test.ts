import { afterAll, beforeAll, expect, test } from "bun:test";
import { listDeadLetters, replayDeadLetter } from "@episante/contracts/audit";
import { adminActor } from "@episante/testkit/actors";
import { expectProblem, refusals } from "@episante/testkit/refusals";
import { deadLetter, makeWorld, type World } from "../../test/world.ts";
import { deadLetterSample } from "../actions/sample-dead-letters.ts";

let world: World;
const actor = adminActor();
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

refusals(listDeadLetters, async () => ({ harness: world.service, accepted: { actor } }));
refusals(replayDeadLetter, async () => ({
  harness: world.service,
  accepted: { actor, params: { id: await deadLetter(world.broker, "readings.0", "{}") } },
}));

test("dead letters are listed newest first with where they came from and why, never with what they say", async () => {
  const first = await deadLetter(world.broker, "readings.2", '{"secret":"Marie"}');
  const second = await deadLetter(world.broker, "events.appointment.booked.v1", "{}");
  const answer = await world.service.call(listDeadLetters, { actor, query: { limit: 2 } });
  expect(answer.json.items).toMatchObject([
    { id: second, service: "ingest", reader: "store", subject: "events.appointment.booked.v1", reason: "SyntaxError", bytes: 2 },
    { id: first, subject: "readings.2", bytes: 18 },
  ]);
  expect(answer.text).not.toContain("Marie");
  const next = await world.service.call(listDeadLetters, { actor, query: { limit: 2, cursor: answer.json.next } });
  expect(next.json.items.every((item: { id: string }) => Number(item.id) < Number(first))).toBe(true);
});

test("a replay goes back to its own subject unchanged, exactly once, also when asked for ten times at once", async () => {
  const payload = '{"v":1,"frames":[],"é":"ü"}';
  const id = await deadLetter(world.broker, "readings.3", payload);
  const answers = await Promise.all(Array.from({ length: 10 }, () => world.service.call(replayDeadLetter, { actor, params: { id } })));
  expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
  for (const answer of answers.filter((one) => one.status !== 200)) expectProblem(answer, 409, "wrong-state");
  const queued = await world.database.owner`select subject, payload from outbox where id = ${`replay.${id}`}`;
  expect([...queued]).toEqual([{ subject: "readings.3", payload }]);
  const listed = await world.service.call(listDeadLetters, { actor });
  expect(listed.json.items.find((item: { id: string }) => item.id === id)?.replayedAt).toBe("2026-01-15T08:00:00.000Z");
});

test("a replay and a refused replay are audited with the dead letter's id", async () => {
  const id = await deadLetter(world.broker, "readings.1", "{}");
  await world.service.call(replayDeadLetter, { actor, params: { id } });
  await world.service.call(replayDeadLetter, { actor, params: { id } });
  const rows = await world.database.owner`select payload from outbox where type = 'audit' order by seq desc limit 2`;
  const records = rows.map((row) => JSON.parse(String(row.payload)));
  expect(records).toMatchObject([
    { code: "audit.replay-dead-letter", outcome: "refused", reason: "wrong-state", entity: { type: "dead-letter", id } },
    { code: "audit.replay-dead-letter", outcome: "ok", entity: { type: "dead-letter", id } },
  ]);
});

test("what cannot go back is refused: no text, a foreign subject, an id that is none", async () => {
  const binary = await deadLetter(world.broker, "readings.0", new Uint8Array([0xff, 0xfe, 0x00]));
  const foreign = await deadLetter(world.broker, "$JS.API.STREAM.DELETE.AUDIT", "{}");
  for (const id of [binary, foreign])
    expectProblem(await world.service.call(replayDeadLetter, { actor, params: { id } }), 409, "wrong-state");
  for (const id of ["999999", "0", "abc", "999999999999999999"]) {
    expectProblem(await world.service.call(replayDeadLetter, { actor, params: { id } }), 404, "not-found");
  }
});

test("only dead letters that nobody replayed count as waiting", async () => {
  const gauge = world.deps.metrics.make.gauge("dead_letters_waiting", "test");
  const waiting = async () => {
    await deadLetterSample(world.deps, gauge).take();
    return (await gauge.get()).values[0]?.value ?? 0;
  };
  const before = await waiting();
  const id = await deadLetter(world.broker, "readings.0", "{}");
  expect(await waiting()).toBe(before + 1);
  await world.service.call(replayDeadLetter, { actor, params: { id } });
  expect(await waiting()).toBe(before);
});
