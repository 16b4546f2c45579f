import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { randomUUID } from "node:crypto";
import { declareAbsence, endAbsence } from "@episante/contracts/absence";
import {
  type Appointment,
  book,
  cancel,
  getAppointment,
  hold,
  listAppointments,
  listSlots,
  putSchedule,
  slotSchema,
} from "@episante/contracts/appointment";
import { listAudit } from "@episante/contracts/audit";
import { visitCalendarFile } from "@episante/contracts/calendar-feed";
import type { Endpoint } from "@episante/contracts/endpoint";
import { captured } from "@episante/contracts/notification";
import {
  createPatient,
  endProxy,
  getPatient,
  listPatients,
  listProxies,
  listRelationships,
  listRelatives,
  requestRelative,
  verifyProxy,
} from "@episante/contracts/patient";
import { latestReadings } from "@episante/contracts/reading";
import {
  getNoShowBlock,
  getNoShowPolicy,
  liftNoShowBlock,
  moveVisit,
  putNoShowPolicy,
  setVisitStatus,
  undoVisitStatus,
  visitFeed,
  visitHistory,
} from "@episante/contracts/visit";
import { z } from "zod";
import { type Answer, type Caller, openFeed, pathOf, until } from "./calls.ts";
import {
  addDays,
  inLanes,
  lyon,
  mailsAbout,
  mondayBeforeClockChange,
  mornings,
  newDoctor,
  newPatient,
  type Person,
  setClock,
  take,
  timesOn,
  wallTime,
} from "./clinic.ts";
import { type Instance, startInstance } from "./instance.ts";
import { accountOf, patientIdOf, signIn } from "./people.ts";

/*
 * Acceptance scenarios of booking, through the public port alone: fifty people and one time, a doctor who falls ill, what patients may cancel and
 * move until when, a mother who books for her child, a secretary's morning, a clock change. Each has a doctor of its own; the business day is
 * the Monday before a clock change, and the clock only ever goes on. The one with a held time is in booking-screens, in browsers.
 */
let instance: Instance;
let admin: Caller;
let desk: Caller;
let people: Person[];
const monday = mondayBeforeClockChange();
const [tuesday, thursday, friday, mondayAfter] = [1, 3, 4, 7].map((count) => addDays(monday, count)) as [string, string, string, string];
beforeAll(async () => {
  // The server stands where it is another day for most of the clinic's: nothing may depend on it.
  instance = await startInstance(["--test-clock"], undefined, "Pacific/Auckland");
  await setClock(instance, { at: lyon(monday, "08:00") });
  admin = await signIn(instance, accountOf(instance, "admin"));
  desk = await signIn(instance, accountOf(instance, "staff"));
  people = await inLanes([...Array(50).keys()], 4, (index) => newPatient(instance, `Patient${index}`));
}, 240_000);
afterAll(async () => {
  await instance?.stop();
}, 60_000);

function person(index: number): Person {
  const found = people[index];
  if (!found) throw new Error(`there is no patient number ${index}`);
  return found;
}
const doctor = (familyName: string, more?: Parameters<typeof newDoctor>[3]) => newDoctor(instance, admin, familyName, more);
const key = () => ({ "idempotency-key": randomUUID() });
const said = ({ status, code }: Answer) => `${status} ${code}`;
const show = (id: string, caller = desk) => caller.call(getAppointment, { params: { id } });
/** An instant as calendar files write it. */
const stamp = (instant: string) => instant.replace(/[-:]|\.\d+/g, "");
const isChange = ({ subject }: { subject: string }) => /déplacé|annulé/.test(subject);

test("1. fifty people and the secretary want one time: one has it, the others are told three free ones, one mail leaves, a retry changes nothing", async () => {
  const practice = await doctor("Lafoule");
  const { doctorId, r20, r40 } = practice;
  expect(await timesOn(person(0).caller, practice, tuesday)).toHaveLength(9);
  const wanted = people.map(({ caller }, index) => ({
    caller,
    sent: { body: { doctorId, reasonId: index % 2 ? r40 : r20, start: lyon(tuesday, "09:00") }, headers: key() },
  }));
  const call = { doctorId, reasonId: r20, start: lyon(tuesday, "09:10"), patientId: patientIdOf(instance) };
  const asked = [...wanted, { caller: desk, sent: { body: call, headers: key() } }];
  const answers = await Promise.all(asked.map(({ caller, sent }) => caller.ask(book, sent)));

  const won = answers.findIndex(({ status }) => status === 201);
  expect(answers.filter((_, index) => index !== won).map(said)).toEqual(Array(50).fill("409 slot-taken"));
  // Nothing has changed since the answers: what is free now was free then.
  const free = async (caller: Caller, reasonId: string) => {
    const { items } = await caller.call(listSlots, { query: { doctorId, reasonId, from: tuesday, to: mondayAfter } });
    return new Set(items.map(({ start }) => start));
  };
  const offers = new Map([
    ["patient R20", await free(person(0).caller, r20)],
    ["patient R40", await free(person(0).caller, r40)],
    ["desk R20", await free(desk, r20)],
  ]);
  for (const [index, { json }] of answers.entries()) {
    if (index === won) continue;
    const { alternatives } = z.object({ alternatives: z.array(slotSchema) }).parse(json);
    const offer = offers.get(index === 50 ? "desk R20" : index % 2 ? "patient R40" : "patient R20");
    expect([index, alternatives.length, alternatives.every(({ start }) => offer?.has(start))]).toEqual([index, 3, true]);
  }

  const visit = answers[won]?.json as Appointment;
  const again = await asked[won]?.caller.ask(book, asked[won]?.sent);
  expect([again?.status, again?.json]).toEqual([201, visit]);
  const agenda = await desk.call(listAppointments, {
    query: { doctorId, from: lyon(tuesday, "00:00"), to: lyon(addDays(tuesday, 1), "00:00") },
  });
  expect(agenda.items.map(({ id }) => id)).toEqual([visit.id]);
  // A later booking's mail leaves after everything that was due before it.
  await take(person(0).caller, practice, lyon(thursday, "11:40"));
  const mails = await until(
    () => mailsAbout(desk, practice),
    (found) => found.some(({ text }) => text.includes("11:40")),
    "the later confirmation",
  );
  const winner = won === 50 ? accountOf(instance, "patient").email : person(won).email;
  expect(mails.filter(({ text }) => !text.includes("11:40")).map(({ to }) => to)).toEqual([winner]);
}, 60_000);

test("4. a doctor falls ill: two visits go to a colleague with their ids, four are cancelled with the reason, five patients hear once, one is called", async () => {
  const ill = await doctor("Souffrant");
  const colleague = await doctor("Relais", {
    schedule: { overrides: [{ day: thursday, windows: [{ from: "09:20", to: "10:00" }] }] },
  });
  const unreachable = await desk.call(createPatient, {
    body: { givenName: "Odile", familyName: "Sansmail", birthDate: "1941-02-03", phone: "0478000001" },
  });
  const patients = people.slice(10, 15);
  const times = ["09:00", "09:20", "09:40", "10:00", "10:20"];
  const visits: Appointment[] = [];
  for (const [index, { caller }] of patients.entries()) visits.push(await take(caller, ill, lyon(thursday, times[index] ?? "")));
  const known = () =>
    desk.ask(book, {
      body: { doctorId: ill.doctorId, reasonId: ill.r20, start: lyon(thursday, "11:00"), patientId: unreachable.id },
      headers: key(),
    });
  const last = await until(known, ({ status }) => status === 201, "the caller's file at the desk");
  visits.push(last.json as Appointment);

  const body = {
    doctorId: ill.doctorId,
    start: lyon(thursday, "00:00"),
    end: lyon(friday, "00:00"),
    visits: { plan: "colleague", toDoctorId: colleague.doctorId, otherwise: "cancel", reason: "Dr Souffrant est malade" },
    dryRun: false,
  } as const;
  const rehearsed = await desk.call(declareAbsence, { body: { ...body, dryRun: true }, headers: key() });
  expect((await show(visits[0]?.id ?? "")).status).toBe("booked");
  const done = await desk.call(declareAbsence, { body, headers: key() });
  expect(done.visits).toEqual(rehearsed.visits);
  const outcomes = (found: typeof done.visits): unknown[][] =>
    found.map(({ appointmentId, outcome, reach }) => [appointmentId, outcome, reach]);
  const fates = ["cancelled", "moved", "moved", "cancelled", "cancelled", "cancelled"];
  expect(outcomes(done.visits)).toEqual(visits.map(({ id }, index) => [id, fates[index], index === 5 ? "call" : "message"]));
  expect(done.callList).toEqual([visits[5]?.id as Appointment["id"]]);

  const after = await Promise.all(visits.map(({ id }) => show(id)));
  expect(after.map(({ id, status, doctorId, start }) => [id, status, doctorId, start])).toEqual(
    visits.map(({ id, start }, index) =>
      fates[index] === "moved" ? [id, "booked", colleague.doctorId, start] : [id, "cancelled", ill.doctorId, start],
    ),
  );
  const reasons = after.filter(({ status }) => status === "cancelled").map(({ cancelReason, cancelledBy }) => [cancelReason, cancelledBy]);
  expect(reasons).toEqual(Array(4).fill(["Dr Souffrant est malade", "staff"]));

  expect(await timesOn(person(0).caller, ill, thursday)).toEqual([]);
  expect(await timesOn(desk, ill, thursday)).toEqual([]);
  await desk.call(endAbsence, { params: { id: done.absence?.id ?? "" } });
  expect(await timesOn(person(0).caller, ill, thursday)).toHaveLength(9);
  expect(await Promise.all(visits.map(({ id }) => show(id)))).toEqual(after);

  const told = async () =>
    (await Promise.all(patients.map(({ email }) => desk.call(captured, { query: { to: email, limit: "200" } })))).map(({ items }) => items);
  const inboxes = await until(told, (found) => found.every((mails) => mails.some(isChange)), "five mails about the absence");
  const changes = inboxes.map((mails) => mails.filter(isChange).map(({ subject }) => subject.split(" ").at(-1)));
  expect(changes).toEqual([["annulé"], ["déplacé"], ["déplacé"], ["annulé"], ["annulé"]]);
}, 60_000);

test("5. cancel until 4 h and move until 24 h before: a late move is refused with the policy in words, a taken time leaves the visit, the calendar file follows", async () => {
  const practice = await doctor("Delais", { r20: { cancelHours: 4, moveHours: 24 } });
  const [owner, rival] = [person(20), person(21)];
  const visit = await take(owner.caller, practice, lyon(tuesday, "11:00"));
  const params = { id: visit.id };
  await setClock(instance, { at: lyon(monday, "12:00") });

  const late = await owner.caller.ask(moveVisit, { params, body: { start: lyon(tuesday, "11:20") } });
  expect(said(late)).toBe("409 wrong-state");
  const refusal = z.object({ detail: z.string(), policy: z.object({ kind: z.string(), hours: z.number(), until: z.string() }) });
  const { detail, policy } = refusal.parse(late.json);
  expect(policy).toEqual({ kind: "move", hours: 24, until: lyon(monday, "11:00") });
  expect(detail).toContain("24");
  // Cancelling is still allowed, and asking about it does nothing.
  const mine = await show(visit.id, owner.caller);
  expect([mine.status, mine.cancelUntil, mine.moveUntil]).toEqual(["booked", lyon(tuesday, "07:00"), lyon(monday, "11:00")]);

  await take(rival.caller, practice, lyon(tuesday, "11:20"));
  const taken = await desk.ask(moveVisit, { params, body: { start: lyon(tuesday, "11:20") } });
  expect(said(taken)).toBe("409 slot-taken");
  expect(await show(visit.id, owner.caller)).toEqual(mine);

  const file = async () => {
    const { status, text } = await owner.caller.ask(visitCalendarFile, { params });
    const field = (name: string) => new RegExp(`^${name}[^:]*:(.*?)\r?$`, "m").exec(text)?.[1];
    return { status, uid: field("UID"), sequence: Number(field("SEQUENCE")), start: field("DTSTART") };
  };
  const before = await file();
  expect(before).toEqual({ status: 200, uid: expect.stringContaining(visit.id), sequence: 0, start: stamp(visit.start) });
  const moved = await desk.call(moveVisit, { params, body: { start: lyon(tuesday, "11:40") } });
  expect([moved.id, moved.start]).toEqual([visit.id, lyon(tuesday, "11:40")]);
  expect(await file()).toEqual({ ...before, sequence: 1, start: stamp(moved.start) });
  const { items } = await owner.caller.call(visitHistory, { params });
  expect(items.map(({ kind, attempt, code, by, channel }) => [kind, attempt, code, by, channel])).toEqual([
    ["booked", undefined, undefined, undefined, "online"],
    ["refused", "move", "wrong-state", "patient", "online"],
    ["refused", "move", "slot-taken", "staff", "clinic"],
    ["moved", undefined, undefined, "staff", "clinic"],
  ]);
}, 60_000);
test("8. a mother books for her child and sees what she was given, a stranger learns nothing, revoking ends it at once, and all of it stands in the child's log", async () => {
  const practice = await doctor("Lenfance");
  const [mother, stranger] = [person(30), person(31)];
  const child = { givenName: "Lucie", familyName: mother.familyName, birthDate: "2019-09-01" };
  const { id } = await mother.caller.call(requestRelative, { body: { ...child, basis: "parent", scopes: ["book", "documents"] } });
  expect((await desk.call(listProxies, { query: { status: "requested" } })).items.map((link) => link.id)).toContain(id);
  const { patient } = await desk.call(verifyProxy, { params: { id }, body: { basis: "parent", seen: "livret de famille" } });
  const childId = patient?.id;
  if (!childId) throw new Error("the child has no file");
  const body = { doctorId: practice.doctorId, reasonId: practice.r20, start: lyon(friday, "09:00"), patientId: childId };
  const booked = await until(
    () => mother.caller.ask(book, { body, headers: key() }),
    ({ status }) => status === 201,
    "the link at the agenda",
  );
  const visit = booked.json as Appointment;
  expect(visit.patientId).toBe(childId);
  await until(
    () => mailsAbout(desk, practice, mother.email),
    (mails) => mails.some(({ text }) => text.includes("Lucie")),
    "the mother's mail",
  );

  const [noVisit, nobody] = [
    `apt_${visit.id.slice(4).replace(/[0-9a-f]/g, (digit) => ((Number.parseInt(digit, 16) + 7) % 16).toString(16))}`,
    `pat_${"7".repeat(32)}`,
  ];
  /** What a caller is told of a visit and its patient, by every way there is. */
  const told = async (caller: Caller, visitId: string, patientId: string) => {
    const asked: [Endpoint, Record<string, string>, Record<string, string>][] = [
      [getAppointment, { id: visitId }, {}],
      [visitHistory, { id: visitId }, {}],
      [visitCalendarFile, { id: visitId }, {}],
      [listAppointments, {}, { patientId }],
      [getPatient, { id: patientId }, {}],
      [listRelationships, { id: patientId }, {}],
      [latestReadings, {}, { patientId }],
    ];
    const answers: [string, Answer][] = [];
    for (const [endpoint, params, query] of asked) answers.push([endpoint.id, await caller.send("GET", pathOf(endpoint, params, query))]);
    const writes: [string, Answer][] = [
      [
        book.id,
        await caller.ask(book, { body: { ...body, start: lyon(friday, "10:00"), patientId: patientId as typeof childId }, headers: key() }),
      ],
      [moveVisit.id, await caller.ask(moveVisit, { params: { id: visitId }, body: { start: lyon(friday, "10:20") } })],
      [cancel.id, await caller.ask(cancel, { params: { id: visitId }, body: {} })],
    ];
    return [...answers, ...writes].map(([what, { status, json }]) => [what, status, { ...(json as object), traceId: "" }] as const);
  };
  const random = await told(stranger.caller, noVisit, nobody);
  expect(await told(stranger.caller, visit.id, childId)).toEqual(random);
  expect(random.filter(([, status]) => status < 400)).toEqual([]);
  expect(await show(visit.id)).toMatchObject({ status: "booked", start: visit.start });

  // Booking and identity are hers; the record is not.
  const reads = await Promise.all(
    [getAppointment, visitHistory, visitCalendarFile].map((of) => mother.caller.ask(of, { params: { id: visit.id } })),
  );
  expect(reads.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect((await mother.caller.call(listAppointments, { query: { patientId: childId } })).items.map((one) => one.id)).toEqual([visit.id]);
  expect((await mother.caller.call(getPatient, { params: { id: childId } })).givenName).toBe("Lucie");
  expect(said(await mother.caller.ask(listRelationships, { params: { id: childId } }))).toBe("404 not-found");

  await desk.call(endProxy, { params: { id } });
  expect((await mother.caller.ask(getPatient, { params: { id: childId } })).status).toBe(404);
  await until(
    () => mother.caller.ask(getAppointment, { params: { id: visit.id } }),
    ({ status }) => status === 404,
    "revocation at the agenda",
    2_000,
  );
  expect(await told(mother.caller, visit.id, childId)).toEqual(random);
  expect((await mother.caller.call(listRelatives)).items).toEqual([]);

  const forChild = async () => {
    const { items } = await admin.call(listAudit, { query: { patientId: childId, limit: "200" } });
    return items.filter(({ onBehalfOf, actor }) => onBehalfOf === childId && actor.patientId === mother.patientId);
  };
  const wanted = [
    [book.id, "ok"],
    [getAppointment.id, "ok"],
    [visitHistory.id, "ok"],
    [getPatient.id, "ok"],
    [listRelationships.id, "denied"],
    [getPatient.id, "denied"],
    [getAppointment.id, "denied"],
    [cancel.id, "denied"],
  ];
  const has = (log: Awaited<ReturnType<typeof forChild>>, [code, outcome]: string[]) =>
    log.some((one) => one.code === code && one.outcome === outcome);
  const log = await until(forChild, (found) => wanted.every((one) => has(found, one)), "the child's log").catch(forChild);
  expect(wanted.filter((one) => !has(log, one))).toEqual([]);
}, 60_000);

test("9. a secretary's morning: a caller without e-mail, an overbooking with its reason, the floor, an undone mistake, a block and its end, all on a second screen within two seconds", async () => {
  const practice = await doctor("Matinee");
  const { doctorId, r20 } = practice;
  const times = ["09:00", "09:20", "09:40", "10:00", "10:20", "10:40", "11:00", "11:20", "11:40"];
  const [missing, other] = [person(40), person(49)];
  const bookers = [missing, missing, ...people.slice(41, 48)];
  const visits: Appointment[] = [];
  for (const [index, time] of times.entries()) visits.push(await take(bookers[index]?.caller ?? desk, practice, lyon(tuesday, time)));
  const visitAt = (time: string) => visits[times.indexOf(time)]?.id ?? "";
  await setClock(instance, { at: lyon(tuesday, "09:50") });

  const second = await signIn(instance, accountOf(instance, "staff", 1));
  const screen = await openFeed(`${instance.url}${visitFeed.path}?doctorIds=${doctorId}`, second.cookie);
  await until(
    async () => screen.events,
    (events) => events.some(({ event }) => event === "heartbeat"),
    "the second screen",
  );
  /** Does something to a visit and waits until the second screen has it as answered. */
  const seen = async (work: () => Promise<Appointment>): Promise<Appointment> => {
    const startedAt = performance.now();
    const visit = await work();
    const isIt = (data: unknown) => (data as Appointment).id === visit.id && (data as Appointment).version === visit.version;
    const frame = () => screen.events.find(({ event, data }) => event === "visit" && isIt(data));
    await until(
      async () => frame(),
      (found) => found !== undefined,
      "the change on the second screen",
      5_000,
    );
    expect((frame()?.atMs ?? Number.POSITIVE_INFINITY) - startedAt).toBeLessThan(2_000);
    expect(frame()?.data).toMatchObject({ status: visit.status, start: visit.start, patientId: visit.patientId });
    return visit;
  };

  const age = 80;
  const birthDate = `${Number(tuesday.slice(0, 4)) - age}-01-15`;
  const caller = await desk.call(createPatient, {
    body: { givenName: "Fernande", familyName: "Duphone", birthDate, phone: "+33 4 78 00 00 80" },
  });
  for (const q of ["Duphone", "000080", birthDate]) {
    expect((await desk.call(listPatients, { query: { q } })).items.map((one) => one.id)).toContain(caller.id);
  }
  const overbooked = await until(
    () =>
      desk.ask(book, {
        body: {
          doctorId,
          reasonId: r20,
          start: lyon(tuesday, "10:00"),
          patientId: caller.id,
          overbook: { reason: "fièvre depuis trois jours" },
        },
        headers: key(),
      }),
    ({ status }) => status === 201,
    "the caller's file at the desk",
  );
  const extra = await seen(async () => show((overbooked.json as Appointment).id));
  expect(extra).toMatchObject({ overbooked: true, overbookedReason: "fièvre depuis trois jours" });
  const period = { doctorId, from: lyon(tuesday, "10:00"), to: lyon(tuesday, "10:20") };
  const both = (await desk.call(listAppointments, { query: period })).items;
  expect(both.map(({ id, overbooked }): unknown[] => [id, overbooked ?? false]).sort()).toEqual(
    [
      [visitAt("10:00"), false],
      [extra.id, true],
    ].sort(),
  );
  // For patients the time is taken, whatever they send.
  expect(await timesOn(other.caller, practice, tuesday)).toEqual([]);
  const want = { doctorId, reasonId: r20, start: lyon(tuesday, "10:00") };
  expect(said(await other.caller.ask(book, { body: want, headers: key() }))).toBe("409 slot-taken");
  expect(said(await other.caller.ask(hold, { body: want }))).toBe("409 slot-taken");
  expect(
    (await other.caller.ask(book, { body: { ...want, overbook: { reason: "moi aussi" } }, headers: key() })).status,
  ).toBeGreaterThanOrEqual(400);
  expect((await desk.call(listAppointments, { query: period })).items).toHaveLength(2);

  const set = (time: string, body: { status: "arrived" | "checked-in" | "noshow"; excused?: boolean }) =>
    seen(() => desk.call(setVisitStatus, { params: { id: visitAt(time) }, body }));
  expect((await set("10:00", { status: "arrived" })).arrivedAt).toBeDefined();
  expect((await set("10:00", { status: "checked-in" })).inRoomAt).toBeDefined();
  await set("09:40", { status: "arrived" });
  const undo = (time: string) => seen(() => desk.call(undoVisitStatus, { params: { id: visitAt(time) } }));
  const versionless = (visit: Appointment) => ({ ...visit, version: 0 });
  const before = await show(visitAt("10:20"));
  expect(await set("10:20", { status: "noshow" })).toMatchObject({ status: "noshow", excused: false });
  expect(versionless(await undo("10:20"))).toEqual(versionless(before));
  expect(versionless(await show(visitAt("10:20")))).toEqual(versionless(before));
  const inRoom = await show(visitAt("10:00"));
  await seen(() => desk.call(setVisitStatus, { params: { id: visitAt("10:00") }, body: { status: "fulfilled" } }));
  expect(versionless(await undo("10:00"))).toEqual(versionless(inRoom));

  const policy = await desk.call(getNoShowPolicy, {});
  await desk.call(putNoShowPolicy, { body: { limit: 2 } });
  await set("09:00", { status: "noshow" });
  const tomorrow = { doctorId, reasonId: r20, start: lyon(addDays(tuesday, 1), "09:00") };
  const tried = async () => missing.caller.ask(book, { body: tomorrow, headers: key() });
  await set("09:20", { status: "noshow" });
  const refused = await tried();
  expect(said(refused)).toBe("403 online-booking-closed");
  expect(said(await missing.caller.ask(hold, { body: tomorrow }))).toBe("403 online-booking-closed");
  expect(refused.text).not.toMatch(/no-?show|missed|absen|manqu|block|bloqu|limit/i);
  const params = { patientId: missing.patientId };
  expect(await desk.call(getNoShowBlock, { params })).toMatchObject({ count: 2, blocked: true });
  await desk.call(liftNoShowBlock, { params, body: {} });
  expect((await tried()).status).toBe(201);
  await desk.call(putNoShowPolicy, { body: { limit: policy.limit } });
  screen.close();
}, 90_000);

describe("across the clock change", () => {
  test("nine o'clock is nine o'clock on both sides, in the times, the visit, the agenda, the calendar file and the mail", async () => {
    const practice = await doctor("Lheure");
    const { caller, email } = person(48);
    for (const day of [friday, mondayAfter]) {
      expect((await timesOn(caller, practice, day))[0]).toBe("09:00");
      const visit = await take(caller, practice, lyon(day, "09:00"));
      expect([visit.zone, wallTime(visit.start)]).toEqual(["Europe/Paris", `${day} 09:00`]);
      const query = { doctorId: practice.doctorId, from: lyon(day, "00:00"), to: lyon(addDays(day, 1), "00:00") };
      expect((await desk.call(listAppointments, { query })).items.map(({ start }) => start)).toEqual([visit.start]);
      const { text } = await caller.ask(visitCalendarFile, { params: { id: visit.id } });
      expect(text).toContain(`DTSTART:${stamp(visit.start)}`);
      const words = new Intl.DateTimeFormat("fr-FR", { dateStyle: "full", timeZone: "UTC" }).format(new Date(day));
      await until(
        () => mailsAbout(desk, practice, email),
        (mails) => mails.some((mail) => mail.text.includes(`${words} à 09:00 (Europe/Paris)`)),
        "the mail with the same hour",
      );
    }
    const hours = [friday, mondayAfter].map((day) => new Date(lyon(day, "09:00")).getUTCHours());
    expect(Math.abs((hours[0] ?? 0) - (hours[1] ?? 0))).toBe(1);
  }, 60_000);

  test("a doctor who moves to another zone: booked visits keep their instant, can be moved, and new times are those of the new wall clock", async () => {
    const practice = await doctor("Levoyage");
    const { caller } = person(47);
    const visit = await take(caller, practice, lyon(friday, "09:00"));
    const params = { doctorId: practice.doctorId };
    await practice.caller.call(putSchedule, { params, body: { ...mornings, zone: "America/Montreal" } });
    expect((await show(visit.id, caller)).start).toBe(visit.start);
    const query = { ...params, reasonId: practice.r20, from: friday, to: friday };
    const { items } = await caller.call(listSlots, { query });
    expect(items.map(({ zone }) => zone)).toEqual(Array(9).fill("America/Montreal"));
    const start = items[0]?.start ?? "";
    const inMontreal = new Intl.DateTimeFormat("en-GB", { timeZone: "America/Montreal", timeStyle: "short" }).format(new Date(start));
    expect(inMontreal).toBe("09:00");
    const moved = await caller.call(moveVisit, { params: { id: visit.id }, body: { start } });
    expect([moved.id, moved.start, moved.zone]).toEqual([visit.id, start, "America/Montreal"]);
  }, 60_000);
});
