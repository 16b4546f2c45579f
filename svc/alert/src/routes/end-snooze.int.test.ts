import { afterEach, beforeEach, expect, test } from "bun:test";
import { type Alert, ackAlert, endSnooze, getAlert, resolveAlert, snoozeAlert } from "@episante/contracts/alert";
import type { AlertId } from "@episante/contracts/ids";
import { expectProblem } from "@episante/testkit/refusals";
import { makeWorld, openAlert, type World } from "../../test/world.ts";
import { endWaits } from "../actions/end-waits.ts";

let world: World;
let id: AlertId;
beforeEach(async () => {
  world = await makeWorld();
  id = await openAlert(world);
  await world.api.call(ackAlert, { actor: world.doctor, params: { id } });
});
afterEach(() => world.close());

const read = async (): Promise<Alert> => (await world.api.call(getAlert, { actor: world.doctor, params: { id } })).json;
const snooze = () => world.api.call(snoozeAlert, { actor: world.doctor, params: { id }, body: { minutes: 15 } });
const end = () => world.api.call(endSnooze, { actor: world.doctor, params: { id } });
const told = async () =>
  (await world.database.owner`select payload::jsonb -> 'data' as data from outbox where type = 'alert.snooze-ended' order by seq`).map(
    ({ data }) => data,
  );

test("a snooze ended by hand is over at once, by whom is on record, and its time passes without a word", async () => {
  await snooze();
  const { cursor } = await read();
  const answer = await end();
  expect(answer.status).toBe(200);
  expect(answer.json).toMatchObject({ id, status: "acked", owner: { accountId: world.doctor.accountId } });
  expect(answer.json.snoozedUntil).toBeUndefined();
  expect(answer.json.cursor).toBeGreaterThan(cursor);
  expect(answer.json.history.at(-1)).toMatchObject({ action: "snooze-ended", by: { accountId: world.doctor.accountId } });
  world.clock.advance(16 * 60_000);
  await endWaits(world.deps, world.clock.now());
  expect((await read()).history.filter(({ action }) => action === "snooze-ended")).toHaveLength(1);
  expect(await told()).toMatchObject([{ id, status: "acked", reason: "person" }]);
});
test("ending it twice, or at once from two consoles, ends it once; what nobody has put off stays as it is", async () => {
  const { cursor } = await read();
  expect((await end()).json.cursor).toBe(cursor);
  await snooze();
  await Promise.all([end(), end()]);
  expect((await read()).history.filter(({ action }) => action === "snooze-ended")).toHaveLength(1);
  expect(await told()).toHaveLength(1);
});
test("an alert that is closed has no snooze to end", async () => {
  await snooze();
  await world.api.call(resolveAlert, { actor: world.doctor, params: { id } });
  expectProblem(await end(), 409, "wrong-state");
});
