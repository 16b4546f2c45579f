import { afterEach, beforeEach, expect, test } from "bun:test";
import { book, hold, whyNot } from "@episante/contracts/appointment";
import { refuse } from "@episante/contracts/problem";
import type { CallInternal } from "@episante/service/call";
import { grant } from "@episante/service/db";
import { patientActor } from "@episante/testkit/actors";
import { bookingWorld, freshKey, tuesdayNine, type World } from "../../test/world.ts";
import { findBirthDate } from "../storage/births.ts";
import { savePatient } from "../storage/patients.ts";
import { saveProxy } from "../storage/proxies.ts";
import { readBirthDates } from "./read-birth-dates.ts";

let world: World;
/** What svc/patient knows, and what it was asked. */
let known: Map<string, string>;
let asked: string[][];
let isAway: boolean;
beforeEach(async () => {
  [world, known, asked, isAway] = [await bookingWorld(), new Map(), [], false];
  await world.database.owner`update reasons set min_age = 16, max_age = 65 where reason_id = ${world.reasons.r20}`;
});
afterEach(() => world.close());

const callInternal = (async (_: unknown, { body }: { body: { ids: string[] } }) => {
  if (isAway) return refuse("upstream-unreachable");
  asked.push(body.ids);
  return { items: body.ids.flatMap((patientId) => (known.has(patientId) ? [{ patientId, birthDate: known.get(patientId) }] : [])) };
}) as unknown as CallInternal;
const read = () => readBirthDates({ ...world.deps, callInternal });
const register = (patientId: string) => world.database.db.transaction(grant.system("test"), (tx) => savePatient(tx, patientId));
async function born(birthDate: string) {
  const actor = patientActor();
  known.set(actor.patientId, birthDate);
  await register(actor.patientId);
  return actor;
}
const wanted = (minutes = 0) => ({
  doctorId: world.doctorId,
  reasonId: world.reasons.r20,
  start: new Date(Date.parse(tuesdayNine) + minutes * 60_000).toISOString(),
});
const bookAs = (actor: World["staff"], body: Record<string, unknown>) => world.harness.call(book, { actor, body, headers: freshKey() });
const tooYoungOrOld = { code: "slot-outside-hours", why: "age" };

test("completed years on the day of the visit decide, both limits included", async () => {
  const days = { "2010-11-25": false, "2010-11-24": true, "1960-11-25": true, "1960-11-24": false };
  const people = await Promise.all(Object.keys(days).map(born));
  await read();
  const judged: Record<string, boolean> = {};
  for (const [index, actor] of people.entries()) {
    const { status, json } = await bookAs(actor, wanted(20 * index));
    if (status !== 201) expect(json).toMatchObject(tooYoungOrOld);
    judged[known.get(actor.patientId) ?? ""] = status === 201;
  }
  expect(judged).toEqual(days);
});

test("a time may be held by anybody and is judged when it is booked: for the child, not for the parent", async () => {
  const [parent, child] = [await born("1985-01-01"), await born("2020-01-01")];
  await read();
  const link = { proxyId: `prx_${"1".repeat(32)}`, patientId: child.patientId, proxyPatientId: parent.patientId, scopes: ["book"] };
  await world.database.db.transaction(grant.system("test"), (tx) => saveProxy(tx, link as never, "2026-11-01T00:00:00Z"));
  const held = await world.harness.call(hold, { actor: parent, body: wanted() });
  expect(held.status).toBe(201);
  const forChild = { holdId: held.json.id, patientId: child.patientId };
  expect((await bookAs(parent, forChild)).json).toMatchObject(tooYoungOrOld);
  expect((await bookAs(parent, { ...wanted(), patientId: child.patientId })).json).toMatchObject(tooYoungOrOld);
  expect((await bookAs(parent, { holdId: held.json.id })).status).toBe(201);
});

test("members of the clinic book whom they want, and a birth date nobody knows is not judged", async () => {
  const child = await born("2020-01-01");
  await read();
  expect((await bookAs(world.staff, { ...wanted(), patientId: child.patientId })).status).toBe(201);
  expect((await bookAs(patientActor(), wanted(20))).status).toBe(201);
  const why = await world.harness.call(whyNot, {
    actor: world.staff,
    query: { doctorId: world.doctorId, reasonId: world.reasons.r20, at: wanted(40).start },
  });
  expect(why.json).toMatchObject({ online: true, blockers: [] });
});

test("everybody is asked about once, in parts; who is not known is asked about again when the registration arrives", async () => {
  await Promise.all(Array.from({ length: 250 }, () => born("1990-01-01")));
  const unknown = patientActor().patientId;
  await register(unknown);
  isAway = true;
  await read();
  isAway = false;
  await read();
  await read();
  expect(asked.map((ids) => ids.length)).toEqual([200, 51]);
  known.set(unknown, "1990-01-01");
  await register(unknown);
  await register([...known.keys()][0] ?? "");
  await read();
  expect(asked.slice(2)).toEqual([[unknown]]);
});

test("the birth date is seen as the patient and the system, by nobody else", async () => {
  const actor = await born("1990-01-01");
  await read();
  const seenAs = (granted: Parameters<typeof world.database.db.transaction>[0]) =>
    world.database.db.transaction(granted, (tx) => findBirthDate(tx, actor.patientId));
  expect(await seenAs(grant.patients([actor.patientId]))).toBe("1990-01-01");
  for (const other of [grant.public(), grant.patients([patientActor().patientId]), grant.clinics([world.clinicId])])
    expect(await seenAs(other)).toBeUndefined();
});
