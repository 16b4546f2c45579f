import { afterAll, beforeAll } from "bun:test";
import {
  appointmentForMessage,
  book,
  cancel,
  extendHold,
  getAppointment,
  getHold,
  getSchedule,
  hold,
  listAppointments,
  listSlots,
  putSchedule,
  releaseHold,
} from "@episante/contracts/appointment";
import type { Endpoint } from "@episante/contracts/endpoint";
import { serviceActor } from "@episante/testkit/actors";
import { type Accepted, refusals } from "@episante/testkit/refusals";
import { bookingWorld, freshKey, tuesdayNine, type World, weekdays } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await bookingWorld();
});
afterAll(() => world.close());

const day = "2026-11-24";
const unknown = (prefix: string) => ({ id: `${prefix}_${"0".repeat(32)}` });
const offer = () => ({ doctorId: world.doctorId, reasonId: world.reasons.r20 });
const held = () => ({ actor: world.patient, params: unknown("hld") });
const visit = () => ({ actor: world.patient, params: unknown("apt") });
const hours = () => ({ actor: world.doctor, params: { doctorId: world.doctorId } });

const positive: [Endpoint, () => Accepted][] = [
  [listSlots, () => ({ query: { ...offer(), from: day, to: day } })],
  [hold, () => ({ actor: world.patient, body: { ...offer(), start: tuesdayNine } })],
  [getHold, held],
  [extendHold, held],
  [releaseHold, held],
  [book, () => ({ actor: world.patient, body: { ...offer(), start: tuesdayNine }, headers: freshKey() })],
  [cancel, () => ({ ...visit(), body: {} })],
  [listAppointments, () => ({ actor: world.patient })],
  [getAppointment, visit],
  [getSchedule, hours],
  [putSchedule, () => ({ ...hours(), body: weekdays })],
  [appointmentForMessage, () => ({ actor: serviceActor("notification"), params: unknown("apt") })],
];
for (const [endpoint, accepted] of positive) refusals(endpoint, async () => ({ harness: world.harness, accepted: accepted() }));
