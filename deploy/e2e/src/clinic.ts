import { randomUUID } from "node:crypto";
import { type Appointment, book, listSlots, putSchedule, type Schedule } from "@episante/contracts/appointment";
import { acceptInvitation, invite, login, register } from "@episante/contracts/auth";
import { listReasons, putMyProfile, putMyReasons } from "@episante/contracts/doctor";
import type { BodyInputOf } from "@episante/contracts/endpoint";
import { captured } from "@episante/contracts/notification";
import { getMyProfile } from "@episante/contracts/patient";
import { testClockPath } from "@episante/contracts/system";
import { type Caller, jsonOf, makeCaller, until } from "./calls.ts";
import type { Place } from "./instance.ts";

const zone = "Europe/Paris";
/** Of every account that is made here. */
export const password = "four easy words here";
/** Monday to Friday, 09:00 to 12:00 in Lyon; bookable up to the last minute. */
export const mornings: Schedule = {
  zone,
  windows: [1, 2, 3, 4, 5].map((day) => ({ day, from: "09:00", to: "12:00" })),
  closures: [],
  noticeMinutes: 0,
  horizonDays: 60,
};

/** A patient with an account, signed in. */
export interface Person {
  readonly caller: Caller;
  readonly email: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly patientId: `pat_${string}`;
}
/** A doctor of the clinic with the reasons R20 and R40 (10 min free after it) and weekday mornings. */
export interface Practice {
  readonly doctorId: `doc_${string}`;
  readonly familyName: string;
  readonly caller: Caller;
  readonly r20: `rea_${string}`;
  readonly r40: `rea_${string}`;
}
type GivenReason = BodyInputOf<typeof putMyReasons>["reasons"][number];

/** Sets business time of the whole installation, which needs `--test-clock`; it goes on from there. */
export async function setClock({ url }: Place, to: { at: string } | { advanceSeconds: number }): Promise<void> {
  const answer = await makeCaller(url).send("POST", testClockPath, jsonOf(to));
  if (answer.status !== 200) throw new Error(`the test clock answered ${answer.status} ${answer.text}`);
}

/** Day and time on the wall in Lyon: `2027-03-28 09:00`. */
export function wallTime(instant: string): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" }).format(new Date(instant));
}
/** The instant at which the clocks of Lyon show this. */
export function lyon(day: string, time: string): string {
  const found = ["+01:00", "+02:00"]
    .map((offset) => new Date(`${day}T${time}:00${offset}`).toISOString())
    .find((instant) => wallTime(instant) === `${day} ${time}`);
  if (!found) throw new Error(`the clocks of Lyon never show ${day} ${time}`);
  return found;
}
export function addDays(day: string, count: number): string {
  return new Date(Date.parse(day) + count * 86_400_000).toISOString().slice(0, 10);
}
/** Monday of the next week at whose end the clocks of Lyon change, a fortnight from now at least: what is booked across it must keep its hour. */
export function mondayBeforeClockChange(): string {
  const noon = (day: string) => wallTime(`${day}T12:00:00Z`).slice(11);
  for (let day = new Date(Date.now() + 14 * 86_400_000).toISOString().slice(0, 10); ; day = addDays(day, 1)) {
    if (new Date(day).getUTCDay() === 1 && noon(day) !== noon(addDays(day, 7))) return day;
  }
}

/** Registers somebody who then is signed in and known to the clinic's services. */
export async function newPatient({ url }: Place, familyName: string, givenName = "Camille"): Promise<Person> {
  const caller = makeCaller(url);
  const email = `${familyName}.${randomUUID().slice(0, 8)}@patients.example`.toLowerCase();
  const body = { email, password, givenName, familyName, birthDate: "1980-05-17", locale: "fr" as const };
  const { patientId } = await caller.call(register, { body });
  await until(
    () => caller.ask(getMyProfile),
    ({ status }) => status === 200,
    "profile of a new patient",
  );
  return { caller, email, givenName, familyName, patientId };
}

/** Invites a doctor as the clinic's admin does, who then publishes reasons and hours; ready once patients see times. */
export async function newDoctor(
  { url, demo }: Place,
  admin: Caller,
  familyName: string,
  more: { r20?: Partial<GivenReason>; schedule?: Partial<Schedule> } = {},
): Promise<Practice> {
  const clinicId = demo.clinicId as `cli_${string}`;
  const email = `${familyName}@clinic.example`.toLowerCase();
  const invited = { clinicId, email, givenName: "Dominique", familyName, role: "doctor" as const };
  const { invitation, doctorId } = await admin.call(invite, { body: invited });
  if (!doctorId) throw new Error("an invited doctor has no doctor id");
  const caller = makeCaller(url);
  await caller.call(acceptInvitation, { body: { invitation, password } });
  await caller.call(login, { body: { email, password } });
  /** Membership and directory travel by events. */
  const arrived = (ask: () => ReturnType<Caller["ask"]>, what: string) => until(ask, ({ status }) => status < 300, what);
  const profile = { specialty: "general-practice", languages: ["fr", "en"], sector: "1", wheelchair: true, acceptsNew: true } as const;
  await arrived(() => caller.ask(putMyProfile, { body: { ...profile, languages: [...profile.languages] } }), "own profile");
  const reasons: GivenReason[] = [
    { name: { fr: "Consultation", en: "Consultation" }, minutes: 20, online: true, ...more.r20 },
    { name: { fr: "Bilan", en: "Check-up" }, minutes: 40, online: true, bufferAfterMinutes: 10 },
  ];
  await arrived(() => caller.ask(putMyReasons, { body: { reasons } }), "own reasons");
  const schedule = { ...mornings, ...more.schedule };
  await arrived(() => caller.ask(putSchedule, { params: { doctorId }, body: schedule }), "own hours");
  const { items } = await caller.call(listReasons, { params: { id: doctorId } });
  const [r20, r40] = [20, 40].map((minutes) => items.find((reason) => reason.minutes === minutes)?.id);
  if (!r20 || !r40) throw new Error("a published reason is missing");
  const day = wallTime(new Date().toISOString()).slice(0, 10);
  await arrived(() => makeCaller(url).ask(listSlots, { query: { doctorId, reasonId: r40, from: day, to: day } }), "public times");
  return { doctorId, familyName, caller, r20, r40 };
}

/** Books R20 (or another reason) for the caller, or for `patientId`; must succeed. */
export function take(
  caller: Caller,
  { doctorId, r20 }: Practice,
  start: string,
  more: { reasonId?: `rea_${string}`; patientId?: `pat_${string}`; overbook?: { reason: string } } = {},
): Promise<Appointment> {
  return caller.call(book, {
    body: { doctorId, reasonId: r20, start, ...more },
    headers: { "idempotency-key": randomUUID() },
  });
}
/** Wall-clock times of one day that the caller may book. */
export async function timesOn(caller: Caller, { doctorId, r20 }: Practice, day: string, reasonId = r20): Promise<string[]> {
  const { items } = await caller.call(listSlots, { query: { doctorId, reasonId, from: day, to: day } });
  return items.map(({ start }) => wallTime(start).slice(11));
}
/** Captured mails that name this doctor, the newest first. */
export async function mailsAbout(member: Caller, { familyName }: Practice, to?: string) {
  const { items } = await member.call(captured, { query: { limit: "200", ...(to ? { to } : {}) } });
  return items.filter(({ text }) => text.includes(familyName));
}

/** Does at most so many at once, keeping the order. */
export async function inLanes<T, R>(items: readonly T[], lanes: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const done: R[] = new Array(items.length);
  const rest = items.entries();
  const lane = async () => {
    for (const [index, item] of rest) done[index] = await work(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return done;
}
