import { randomBytes, randomInt } from "node:crypto";
import { book, cancel, listSlots, putSchedule } from "@episante/contracts/appointment";
import { acceptInvitation, bootstrap, invite, login, register } from "@episante/contracts/auth";
import { createPairing, pair } from "@episante/contracts/device";
import { listReasons, putMyProfile, putMyReasons } from "@episante/contracts/doctor";
import { getMyProfile, openRelationship } from "@episante/contracts/patient";
import { type Client, makeClient, Refused } from "./client.ts";
import type { Demo, DemoAccount } from "./demo.ts";
import {
  type DemoDoctor,
  demoAdmin,
  demoClinic,
  demoDoctors,
  demoPatients,
  demoStaff,
  mailOf,
  visitReasons,
  weeklyWindows,
} from "./demo-people.ts";

const clinicDomain = "deux-fleuves.example";
const patientDomain = "patients.example";
/** Facts travel by events; what has not arrived yet answers so, for a moment. */
const onItsWay = ["not-found", "mirror-stale", "care-relationship-required", "forbidden", "upstream-unreachable", "not-ready"];
/** Password hashing takes a core each: more at once would only queue. */
const atOnce = 3;

interface Person {
  readonly account: DemoAccount;
  readonly client: Client;
}

/** Makes the demo clinic through the real API, as people would. @param say one line per stage */
export async function seedDemo(input: {
  url: string;
  /** A caller without a session; several act at once. */
  open?: () => Client;
  operator: Client;
  say: (text: string) => void;
}): Promise<Demo> {
  const { url, operator, say, open = () => makeClient(url) } = input;
  const admin = await openClinic(open, operator);
  say("  clinic and administrator");
  const [doctors, staff] = await Promise.all([
    inParallel(demoDoctors, atOnce, (person) => joinClinic(open, admin, person, "doctor")),
    inParallel(demoStaff, 1, (person) => joinClinic(open, admin, person, "staff")),
  ]);
  say(`  ${doctors.length} doctors, ${staff.length} receptionists`);
  const [offers, patients] = await Promise.all([
    inParallel(doctors, atOnce, (person, index) => publishOffer(person, demoDoctors[index], index)),
    inParallel(demoPatients, 2, (person) => registerPatient(open, person)),
  ]);
  say(`  profiles, visit reasons and hours; ${patients.length} patients`);
  await inParallel(patients, 2, (patient, index) => letTreat(patient, doctors, index));
  const devices = await inParallel(patients, 2, (patient, index) => pairDevice(open, patient, index));
  say(`  ${devices.length} paired devices`);
  const booked = await bookVisits(patients, offers);
  say(`  ${booked} visits booked`);
  return {
    url,
    accounts: [admin.person, ...doctors, ...staff, ...patients].map(({ account }) => account),
    clinicId: admin.clinicId,
    doctors: offers.map(({ doctorId, reasons }) => ({ id: doctorId, reasons: reasons.map(({ id, minutes }) => ({ id, minutes })) })),
    devices,
  };
}

type Admin = Awaited<ReturnType<typeof openClinic>>;
type Offer = Awaited<ReturnType<typeof publishOffer>>;

async function openClinic(open: () => Client, operator: Client) {
  const email = mailOf(demoAdmin, clinicDomain);
  const { clinicId, invitation } = await operator.call(bootstrap, {
    body: { clinic: demoClinic, admin: { ...demoAdmin, email, locale: "fr" } },
  });
  const person = await accept(open, "admin", email, invitation);
  return { clinicId, person };
}

async function joinClinic(
  open: () => Client,
  admin: Admin,
  person: { givenName: string; familyName: string },
  role: "doctor" | "staff",
): Promise<Person> {
  const { givenName, familyName } = person;
  const email = mailOf(person, clinicDomain);
  const { invitation } = await admin.person.client.call(invite, {
    body: { clinicId: admin.clinicId, email, givenName, familyName, role, locale: "fr" },
    retryOn: onItsWay,
  });
  return accept(open, role, email, invitation);
}

async function accept(open: () => Client, role: DemoAccount["role"], email: string, invitation: string): Promise<Person> {
  const client = open();
  const password = makePassword();
  const { accountId, doctorId } = await client.call(acceptInvitation, { body: { invitation, password } });
  await client.call(login, { body: { email, password } });
  return { client, account: { role, email, password, id: accountId, ...(doctorId ? { doctorId } : {}) } };
}

async function registerPatient(open: () => Client, person: (typeof demoPatients)[number]): Promise<Person> {
  const client = open();
  const email = mailOf(person, patientDomain);
  const password = makePassword();
  const { accountId, patientId } = await client.call(register, { body: { ...person, email, password, locale: "fr" } });
  await client.call(getMyProfile, { retryOn: onItsWay });
  return { client, account: { role: "patient", email, password, id: accountId, patientId } };
}

async function publishOffer({ client, account }: Person, doctor: DemoDoctor | undefined, index: number) {
  const { doctorId } = account;
  if (!doctor || !doctorId) throw new Error("an invited doctor has no doctor id");
  const { specialty, languages, sector, address, lat, lng, about } = doctor;
  await client.call(putMyProfile, {
    body: { specialty, languages: [...languages], sector, address, lat, lng, about, wheelchair: index % 4 !== 2, acceptsNew: true },
    retryOn: onItsWay,
  });
  await client.call(putMyReasons, { body: { reasons: visitReasons(index) }, retryOn: onItsWay });
  await client.call(putSchedule, {
    params: { doctorId },
    body: { zone: demoClinic.zone, windows: weeklyWindows(index), closures: [], noticeMinutes: 60, horizonDays: 60 },
    retryOn: onItsWay,
  });
  const { items: reasons } = await client.call(listReasons, { params: { id: doctorId } });
  return { doctorId, reasons };
}

/** The first two doctors treat the first three patients; the first one treats the others with a device as well. */
async function letTreat({ client, account }: Person, doctors: readonly Person[], index: number): Promise<void> {
  const treating = doctors.slice(0, index < 3 ? 2 : 1);
  for (const doctor of treating) {
    const doctorId = doctor.account.doctorId as `doc_${string}`;
    await client.call(openRelationship, { params: { id: account.patientId ?? "" }, body: { doctorId }, retryOn: onItsWay });
  }
}

async function pairDevice(open: () => Client, { client, account }: Person, index: number): Promise<Demo["devices"][number]> {
  const patientId = account.patientId as `pat_${string}`;
  const kind = index < 2 ? ("replay" as const) : ("wearable" as const);
  const { code } = await client.call(createPairing, { body: { patientId }, retryOn: onItsWay });
  const serial = randomBytes(5).toString("hex").toUpperCase();
  const model = kind === "replay" ? "EpiSanté Replay" : "Pulse Ring 2";
  const { deviceId, token } = await open().call(pair, {
    body: { code, model, serial, kind },
    retryOn: ["mirror-stale", "care-relationship-required"],
  });
  return { id: deviceId, token, patientId, kind };
}

/** Two or three visits per patient in the coming days, spread over the doctors; one of them is cancelled again. */
async function bookVisits(patients: readonly Person[], offers: readonly Offer[]): Promise<number> {
  const now = Date.now();
  const day = (plus: number) => new Date(now + plus * 86_400_000).toISOString().slice(0, 10);
  const done = await inParallel(patients, 2, async ({ client }, index) => {
    let booked = 0;
    for (const [nth, step] of [0, 4, 7].entries()) {
      const offer = offers[nth === 0 ? index % 2 : (index * 2 + step) % offers.length];
      const reason = offer?.reasons[nth % 2];
      if (!offer || !reason) continue;
      const query = { doctorId: offer.doctorId, reasonId: reason.id, from: day(nth * 5), to: day(nth * 5 + 10) };
      const { items } = await client.call(listSlots, { query, retryOn: onItsWay });
      const slot = items[(index * 5 + nth * 3) % Math.max(1, items.length)];
      if (!slot) continue;
      const visit = await bookSlot(client, { doctorId: query.doctorId as `doc_${string}`, reasonId: reason.id, start: slot.start });
      if (visit) booked++;
      if (visit && index === 3 && nth === 2) await client.call(cancel, { params: { id: visit }, body: { reason: "Empêchement" } });
    }
    return booked;
  });
  return done.reduce((sum, count) => sum + count, 0);
}

/** @returns the appointment's id, or null when another demo patient took the time first */
async function bookSlot(
  client: Client,
  body: { doctorId: `doc_${string}`; reasonId: `rea_${string}`; start: string },
): Promise<string | null> {
  try {
    const { id } = await client.call(book, { body, idempotencyKey: randomBytes(12).toString("hex"), retryOn: onItsWay });
    return id;
  } catch (error) {
    if (error instanceof Refused && error.code === "slot-taken") return null;
    throw error;
  }
}

/** Four groups of four characters without look-alikes: 19 characters, about 79 bits. */
export function makePassword(): string {
  const letters = "abcdefghjkmnpqrstuvwxyz23456789";
  const group = () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join("");
  return [group(), group(), group(), group()].join("-");
}

/** Maps with at most so many at once, keeping the order. */
async function inParallel<T, R>(items: readonly T[], limit: number, work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index] as T;
      results[index] = await work(item, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  return results;
}
