import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Endpoint } from "@episante/contracts/endpoint";
import { bookSeries, cancelSeries, getSeries, moveSeries, previewSeries, previewSeriesChange } from "@episante/contracts/series";
import { doctorActor, staffActor } from "@episante/testkit/actors";
import { type Accepted, refusals } from "@episante/testkit/refusals";
import { bookingWorld, freshKey, type World } from "../../test/world.ts";

let world: World;
let patientId: string;
let params: { id: string };
let appointmentId: string;
beforeAll(async () => {
  world = await bookingWorld();
  patientId = await world.knownPatient();
  const answer = await world.harness.call(bookSeries, { actor: world.staff, body: booking(), headers: freshKey() });
  params = { id: answer.json.id };
  appointmentId = answer.json.items[0].id;
});
afterAll(() => world.close());

const rhythm = { unit: "week", every: 1 };
const wanted = () => ({ doctorId: world.doctorId, reasonId: world.reasons.r20, patientId, rhythm });
const booking = () => ({ ...wanted(), starts: ["2026-11-24T09:00:00Z", "2026-12-01T09:00:00Z"] });
const asked = () => ({ ...wanted(), start: "2026-11-24T11:00", end: { count: 2 } });
const change = () => ({ appointmentId, scope: "all", to: "2026-11-25T10:00" });
const move = () => ({ visits: [{ appointmentId, start: "2026-11-25T09:00:00Z" }] });

const positive: [Endpoint, () => Accepted][] = [
  [previewSeries, () => ({ actor: world.staff, body: asked() })],
  [bookSeries, () => ({ actor: world.staff, body: booking(), headers: freshKey() })],
  [getSeries, () => ({ actor: world.staff, params })],
  [previewSeriesChange, () => ({ actor: world.staff, params, body: change() })],
  [moveSeries, () => ({ actor: world.staff, params, body: move(), headers: freshKey() })],
  [cancelSeries, () => ({ actor: world.staff, params, body: { appointmentIds: [appointmentId] }, headers: freshKey() })],
];
for (const [endpoint, accepted] of positive) refusals(endpoint, async () => ({ harness: world.harness, accepted: accepted() }));

test("another clinic's series answers like one that never was; so does another clinic's doctor, and a patient nobody knows", async () => {
  const unknown = { id: `ser_${"0".repeat(32)}` };
  const told = async (endpoint: Endpoint, accepted: Accepted) => {
    const answer = await world.harness.call(endpoint, { ...accepted, headers: freshKey() });
    expect(answer.status).toBe(404);
    return { ...answer.json, traceId: "" };
  };
  for (const [endpoint, accepted] of positive.slice(2)) {
    const answers = [];
    for (const actor of [staffActor(), doctorActor()]) answers.push(await told(endpoint, { ...accepted(), actor }));
    answers.push(await told(endpoint, { ...accepted(), params: unknown }));
    expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1);
  }
  for (const [endpoint, body] of [
    [previewSeries, asked()],
    [bookSeries, booking()],
  ] as const) {
    const foreign = await told(endpoint, { actor: staffActor(), body });
    expect(await told(endpoint, { actor: world.staff, body: { ...body, doctorId: `doc_${"0".repeat(32)}` } })).toEqual(foreign);
    expect(await told(endpoint, { actor: world.staff, body: { ...body, patientId: `pat_${"0".repeat(32)}` } })).toEqual(foreign);
  }
});

test("what was looked at and changed is in the access log: who, whose visits, which series; refused strangers too", async () => {
  const { owner } = world.database;
  const count = async () =>
    Number((await owner`select count(*) as n from outbox where type = 'audit' and payload like ${`%${patientId}%`}`)[0]?.n);
  const before = await count();
  await world.harness.call(getSeries, { actor: world.staff, params });
  await world.harness.call(previewSeriesChange, { actor: world.staff, params, body: change() });
  await world.harness.call(previewSeries, { actor: world.staff, body: asked() });
  await world.harness.call(previewSeries, { actor: staffActor(), body: asked() });
  expect(await count()).toBe(before + 4);
});
