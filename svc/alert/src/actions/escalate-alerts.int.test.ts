import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { ackAlert, getAlert, resolveAlert, snoozeAlert } from "@episante/contracts/alert";
import type { EventData } from "@episante/contracts/events";
import type { AccountId, AlertId, PatientId } from "@episante/contracts/ids";
import { type OnCallSettings, putOnCall } from "@episante/contracts/on-call";
import { createRule } from "@episante/contracts/rule";
import { grant } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import { addPerson, makeWorld, nameOf, openAlert, run, start, type World } from "../../test/world.ts";
import { mirrorDoctors } from "../consumers/mirror-doctors-on-membership-changed.ts";
import { mirrorOwnZones } from "../consumers/mirror-zones-on-preferences-changed.ts";
import { writeLines, writePages } from "../storage/escalations.ts";
import { endWaits } from "./end-waits.ts";
import { escalateAlerts } from "./escalate-alerts.ts";
import { nameOwners } from "./name-owners.ts";

let world: World;
let nurse: AccountId;
let doctor: AccountId;
let head: AccountId;
const worlds: World[] = [];
/** When the alert of `openAlert` has fired: its hold is 30 s. */
const firedS = 30;
beforeEach(async () => {
  world = await makeWorld({ callInternal: nameOf });
  worlds.push(world);
  [nurse, doctor, head] = [newId("acc", start), world.doctor.accountId, newId("acc", start)];
  for (const one of [nurse, doctor, head]) await addPerson(world, one);
  await beDoctor(doctor, world.doctor.memberships[0]?.doctorId as `doc_${string}`);
});
afterAll(async () => {
  for (const one of worlds) await one.close();
});

async function beDoctor(accountId: AccountId, doctorId: `doc_${string}`): Promise<void> {
  const data = { membershipId: newId("mbr", start), accountId, clinicId: world.clinicId, role: "doctor", doctorId, status: "active" };
  await world.database.db.drizzle.transaction((tx) =>
    mirrorDoctors.handle({
      event: { at: new Date(start).toISOString(), data } as never,
      tx,
      deps: world.deps,
      now: start,
      emit: async () => {},
    }),
  );
}
async function set(more: Partial<OnCallSettings>): Promise<void> {
  const body = { chains: { critical: [], warning: [] }, rota: { weekly: [], exceptions: [] }, quiet: null, ...more };
  expect((await world.api.call(putOnCall, { actor: world.doctor, body })).status).toBe(200);
}
const chain = (...steps: [AccountId | "on-call", number][]) => steps.map(([to, afterSeconds]) => ({ to, afterSeconds }));
const threeSteps = () => {
  const steps = chain([nurse, 0], [doctor, 300], [head, 600]);
  return set({ chains: { critical: steps, warning: steps } });
};

/** Lets business time come to a second, and the jobs look as they do each second. */
async function at(second: number): Promise<void> {
  world.clock.set(start + second * 1000);
  await endWaits(world.deps, world.clock.now());
  await escalateAlerts(world.deps, world.clock.now());
}
async function through(from: number, to: number, step = 20): Promise<void> {
  for (let second = from; second <= to; second += step) await at(second);
}
type Paged = EventData<"alert.paged">;
const paged = async (): Promise<Paged[]> =>
  (await world.database.owner`select payload::jsonb -> 'data' as data from outbox where type = 'alert.paged' order by seq`).map(
    ({ data }) => data as Paged,
  );
/** What left, in words: second after the start, to whom, how many lines. */
async function sent(): Promise<string[]> {
  const names = new Map([
    [nurse, "nurse"],
    [doctor, "doctor"],
    [head, "head"],
  ]);
  return (await paged()).map(({ at: instant, accountId, kind, step, alerts, late }) => {
    const second = (Date.parse(instant) - start) / 1000;
    return `${second} ${names.get(accountId)} ${kind === "digest" ? "digest" : step} × ${alerts.length}${late ? " late" : ""}`;
  });
}
const read = async (id: AlertId) => (await world.api.call(getAlert, { actor: world.doctor, params: { id } })).json;
const ack = (id: AlertId) => world.api.call(ackAlert, { actor: world.doctor, params: { id } });

/** A rule without hold on oxygen saturation. */
async function addRule(value: number, severity: "critical" | "warning" | "notice", name = `SpO₂ < ${value} %`): Promise<void> {
  const rule = { kind: "threshold", code: "59408-5", op: "<", value, unit: "%", holdSeconds: 0, gapSeconds: 60, severity } as const;
  const answer = await world.api.call(createRule, { actor: world.doctor, body: { name, scope: { kind: "clinic" as const }, rule } });
  expect(answer.status).toBe(201);
}
/** One reading at a second, taken in at that second. */
async function reading(second: number, value: number, patientId: PatientId = world.patientId): Promise<void> {
  world.clock.set(start + second * 1000);
  await world.evaluate([world.frame([[second, value]], { patientId, deviceId: `dev_${patientId}` })]);
}
const idOf = async (severity: string, patientId: string = world.patientId) =>
  (await world.alerts()).findLast((row) => row.severity === severity && row.patient_id === patientId)?.id as AlertId;

describe("a chain", () => {
  test("S9 A: without an answer each step leaves once, at its time; the alert says who is next and who was told", async () => {
    await threeSteps();
    await nameOwners(world.deps);
    const id = await openAlert(world);
    await at(firedS);
    const alert = await read(id);
    expect(alert.nextEscalation).toEqual({ to: "Ada Byron", at: new Date(start + (firedS + 300) * 1000).toISOString() });
    expect(alert.history.at(-1)).toMatchObject({ action: "paged", to: { accountId: nurse, name: "Ada Byron" } });
    await through(firedS, firedS + 1000);
    expect(await sent()).toEqual(["30 nurse 0 × 1", "330 doctor 1 × 1", "630 head 2 × 1"]);
    expect(new Set((await paged()).map((page) => page.id)).size).toBe(3);
    const { history, nextEscalation } = await read(id);
    expect(history.map(({ action }: { action: string }) => action)).toEqual(["raised", "paged", "escalated", "escalated"]);
    expect(nextEscalation).toBeUndefined();
  });
  test("S9 B, G: whoever takes the alert in charge stops it; of two at once one has it", async () => {
    await threeSteps();
    const id = await openAlert(world);
    await through(firedS, 230);
    const answers = await Promise.all([ack(id), ack(id)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    await through(250, 1000);
    expect(await sent()).toEqual(["30 nurse 0 × 1"]);
    expect((await read(id)).nextEscalation).toBeUndefined();
  });
  test("S9 C: a critical alert ends the snooze of a warning and calls at once", async () => {
    await threeSteps();
    await addRule(94, "warning");
    await reading(50, 92);
    await at(50);
    const warning = await idOf("warning");
    world.clock.set(start + 100_000);
    await world.api.call(snoozeAlert, { actor: world.doctor, params: { id: warning }, body: { minutes: 15 } });
    await through(100, 360);
    await world.evaluate([world.frame(run(370, 400, 85))]);
    await through(400, 420);
    const [first, second, ...more] = await paged();
    expect([first?.severity, second?.severity, more.length]).toEqual(["warning", "critical", 0]);
    expect(await sent()).toEqual(["50 nurse 0 × 1", "400 nurse 0 × 1"]);
    // The warning is about the same signal: it does not call while the critical one lasts.
    expect((await read(warning)).history.map(({ action }: { action: string }) => action)).toEqual([
      "raised",
      "paged",
      "snoozed",
      "snooze-pierced",
      "page-suppressed",
    ]);
  });
  test("S9 F: what recurs after clearing is a new episode with a chain of its own", async () => {
    await threeSteps();
    const id = await openAlert(world);
    await at(firedS);
    await ack(id);
    await world.evaluate([world.frame(run(31, 120, 96))]);
    expect((await read(id)).status).toBe("resolved");
    const again = await openAlert(world, 720);
    expect(again).not.toBe(id);
    await through(750, 1070);
    expect(await sent()).toEqual(["30 nurse 0 × 1", "750 nurse 0 × 1", "1050 doctor 1 × 1"]);
  });
  test("an acknowledgement that is forgotten, and a snooze that ends while the alert lasts, start the chain anew", async () => {
    await threeSteps();
    const id = await openAlert(world);
    await at(firedS);
    world.clock.set(start + 60_000);
    await ack(id);
    await world.api.call(snoozeAlert, { actor: world.doctor, params: { id }, body: { minutes: 15 } });
    await at(60 + 900);
    expect(await sent()).toEqual(["30 nurse 0 × 1"]);
    await at(60 + 3600);
    await at(60 + 3600 + 300);
    expect(await sent()).toEqual(["30 nurse 0 × 1", "3660 nurse 0 × 1", "3960 doctor 1 × 1"]);
  });
  test("what was recorded late, resolved or withdrawn calls nobody", async () => {
    await threeSteps();
    await world.evaluate([world.frame([...run(0, 60, 85), ...run(61, 160, 96)], { receivedT: 900 })]);
    await at(900);
    expect(await sent()).toEqual([]);
    const id = await openAlert(world, 1000);
    await world.api.call(resolveAlert, { actor: world.doctor, params: { id } });
    await at(1031);
    expect(await sent()).toEqual([]);
  });
  test("a hole in the rota goes to the next step at once and is said; who has left the clinic is nobody", async () => {
    const weekly = [{ day: 5, from: "08:00", to: "20:00", accountId: nurse }];
    const steps = chain(["on-call", 0], [nurse, 60], [head, 600]);
    await set({ chains: { critical: steps, warning: [] }, rota: { weekly, exceptions: [] } });
    await addPerson(world, nurse, { status: "active" });
    await world.database.owner`update clinic_people set is_active = false where account_id = ${nurse}`;
    const id = await openAlert(world);
    await at(firedS);
    expect(await sent()).toEqual(["30 head 2 × 1"]);
    expect((await read(id)).history.map(({ action }: { action: string }) => action)).toEqual([
      "raised",
      "nobody-to-page",
      "nobody-to-page",
      "escalated",
    ]);
  });
  test("a clinic that set nothing: the doctors who treat the patient are told; with a rota, whoever is on call", async () => {
    const id = await openAlert(world);
    await at(firedS);
    expect(await sent()).toEqual(["30 doctor 0 × 1"]);
    await ack(id);
    await set({ rota: { weekly: [{ day: 4, from: "08:00", to: "20:00", accountId: head }], exceptions: [] } });
    const other = newId("pat", start);
    await openAlert(world, 100, other);
    await at(130);
    expect(await sent()).toEqual(["30 doctor 0 × 1", "130 head 0 × 1"]);
  });
  test("a setting counts for what has not left yet, also of alerts that are open", async () => {
    await threeSteps();
    await openAlert(world);
    await at(firedS);
    await set({ chains: { critical: chain([nurse, 0], [head, 120]), warning: [] } });
    await through(50, 700);
    expect(await sent()).toEqual(["30 nurse 0 × 1", "150 head 1 × 1"]);
  });
  test("a time that was missed is made up for at once, marked late, and counted", async () => {
    await threeSteps();
    const id = await openAlert(world);
    await at(firedS);
    await at(380);
    await at(630);
    expect(await sent()).toEqual(["30 nurse 0 × 1", "380 doctor 1 × 1 late", "630 head 2 × 1"]);
    expect((await read(id)).history.map(({ action }: { action: string }) => action)).toContain("escalated-late");
    const metrics = await world.deps.metrics.registry.metrics();
    expect(metrics).toMatch(/alert_pages_late_total\{[^}]*\} 1\b/);
    expect(metrics).toMatch(/alert_pages_sent_total\{kind="page",severity="critical"[^}]*\} 3\b/);
  });
});

describe("exactly once", () => {
  test("many looks at once, of several instances, tell each step once", async () => {
    await threeSteps();
    await openAlert(world);
    world.clock.set(start + firedS * 1000);
    for (const second of [firedS, firedS + 300]) {
      world.clock.set(start + second * 1000);
      await Promise.all(Array.from({ length: 6 }, () => escalateAlerts(world.deps, world.clock.now())));
    }
    expect(await sent()).toEqual(["30 nurse 0 × 1", "330 doctor 1 × 1"]);
  });
  test("the store refuses a second delivery of the same step to the same person, and nothing of that transaction is told", async () => {
    await threeSteps();
    await openAlert(world);
    await at(firedS);
    const [line] = await world.database.owner`select * from page_lines`;
    const again = world.database.db.transaction(grant.system("test"), async (tx) => {
      const id = newId("pag", start);
      const page = {
        id,
        clinicId: world.clinicId,
        accountId: nurse,
        kind: "page" as const,
        patientId: null,
        step: 0,
        isLate: false,
        firstMs: start,
      };
      await writePages(tx, [page]);
      const alert = { id: line?.alert_id, patientId: world.patientId, severity: "critical" as const, sinceSeq: Number(line?.since_seq) };
      await writeLines(tx, [{ alert, step: 0, accountId: nurse, pageId: id }], start);
    });
    expect(
      await again.then(
        () => "written",
        (error: { cause?: { code?: string } }) => error.cause?.code,
      ),
    ).toBe("23505");
    expect(await world.database.owner`select 1 from pages`).toHaveLength(1);
  });
  test("a look that breaks before its commit tells nobody, the next one does", async () => {
    await threeSteps();
    await openAlert(world);
    world.clock.set(start + firedS * 1000);
    await world.database.owner`alter table escalations add constraint broken check (done < 0)`;
    expect(escalateAlerts(world.deps, world.clock.now())).rejects.toThrow();
    expect(await sent()).toEqual([]);
    await world.database.owner`alter table escalations drop constraint broken`;
    await at(firedS + 1);
    expect(await sent()).toEqual(["31 nurse 0 × 1"]);
  });
});

/** Seconds from the start of a wall-clock time in Paris in January; the start is 09:00 of Thursday 15 January 2026. */
const paris = (day: number, time: string) => (Date.parse(`2026-01-${day}T${time}:00+01:00`) - start) / 1000;

describe("quiet hours", () => {
  const quiet = { from: "22:00", to: "07:00", severities: ["warning" as const] };
  test("S10: a warning at night is held and leaves once in the morning; its chain goes on from there", async () => {
    await set({ chains: { critical: [], warning: chain([nurse, 0], [doctor, 300]) }, quiet });
    await addRule(94, "warning");
    await reading(paris(15, "23:30"), 92);
    for (const time of ["23:30", "23:31", "23:59"]) await at(paris(15, time));
    for (const time of ["03:00", "06:59"]) await at(paris(16, time));
    expect(await sent()).toEqual([]);
    const held = await read(await idOf("warning"));
    expect(held.history.slice(1)).toMatchObject([{ action: "page-held", to: { accountId: nurse }, until: "2026-01-16T06:00:00.000Z" }]);
    expect(held.nextEscalation.at).toBe("2026-01-16T06:00:00.000Z");
    for (const time of ["07:00", "07:01", "07:05", "07:20"]) await at(paris(16, time));
    expect(await sent()).toEqual([`${paris(16, "07:00")} nurse 0 × 1`, `${paris(16, "07:05")} doctor 1 × 1`]);
  });
  test("the night is the recipient's: who chose a zone of their own is held, or told, by its clocks", async () => {
    await set({ chains: { critical: [], warning: chain([nurse, 0]) }, quiet });
    const event = { at: new Date(start).toISOString(), data: { accountId: nurse, zone: "America/Guadeloupe" } };
    await world.database.db.drizzle.transaction((tx) =>
      mirrorOwnZones.handle({ event: event as never, tx, deps: world.deps, now: start, emit: async () => {} }),
    );
    await addRule(94, "warning");
    await reading(paris(15, "23:30"), 92);
    await at(paris(15, "23:30"));
    // 06:30 in Paris is 01:30 in Guadeloupe, five hours behind.
    const other = newId("pat", start);
    await reading(paris(16, "06:30"), 92, other);
    for (const time of ["06:30", "07:00", "11:59", "12:00"]) await at(paris(16, time));
    expect(await sent()).toEqual([`${paris(15, "23:30")} nurse 0 × 1`, `${paris(16, "12:00")} nurse 0 × 1`]);
  });
  test("S10: what ended before the morning is not sent but listed in one digest; what was taken in charge is neither", async () => {
    await set({ chains: { critical: [], warning: chain([nurse, 0]) }, quiet });
    await addRule(94, "warning");
    const patients = [world.patientId, newId("pat", start), newId("pat", start)];
    await world.relate(world.doctor.memberships[0]?.doctorId as never, patients[2] as PatientId);
    for (const patientId of patients) await reading(paris(15, "23:30"), 92, patientId);
    await at(paris(15, "23:30"));
    for (const patientId of patients.slice(0, 2)) await reading(paris(16, "05:00"), 97, patientId);
    world.clock.set(start + paris(16, "05:00") * 1000);
    await ack(await idOf("warning", patients[2]));
    for (const time of ["05:00", "06:59", "07:00", "07:01", "08:30"]) await at(paris(16, time));
    expect(await sent()).toEqual([`${paris(16, "07:00")} nurse digest × 2`]);
    expect((await paged())[0]?.alerts.map(({ patientId }) => patientId).sort()).toEqual(patients.slice(0, 2).sort());
  });
  test("S10: a critical alert leaves at once at night, also one that was a held warning", async () => {
    const steps = chain([nurse, 0]);
    await set({ chains: { critical: steps, warning: steps }, quiet: { ...quiet, severities: ["warning", "notice"] } as never });
    await addRule(94, "warning");
    await reading(paris(15, "23:30"), 92);
    await at(paris(15, "23:30"));
    const from = paris(15, "23:40");
    world.clock.set(start + (from + 30) * 1000);
    await world.evaluate([world.frame(run(from, from + 30, 85), { deviceId: `dev_${world.patientId}` })]);
    await at(from + 30);
    expect(await sent()).toEqual([`${from + 30} nurse 0 × 1`]);
    expect((await paged())[0]?.severity).toBe("critical");
  });
});

describe("pages", () => {
  test("S10: five alerts of one patient within 30 s are one page that grows to five lines", async () => {
    const steps = chain([nurse, 0]);
    await set({ chains: { critical: steps, warning: steps } });
    for (const value of [99, 98, 97, 96, 95]) await addRule(value, "warning");
    for (const [second, value] of [
      [1, 98.5],
      [5, 97.5],
      [10, 96.5],
      [20, 95.5],
      [29, 94.5],
    ] as const) {
      await reading(second, value);
      await at(second);
    }
    const pages = await paged();
    expect(pages.map(({ alerts }) => alerts.length)).toEqual([1, 2, 3, 4, 5]);
    expect(new Set(pages.map(({ id }) => id)).size).toBe(1);
    expect(await world.database.owner`select 1 from pages`).toHaveLength(1);
  });
  test("S10: a critical alert of a patient keeps back their warning about the same signal, not another patient's, until it ends", async () => {
    const steps = chain([nurse, 0]);
    await set({ chains: { critical: steps, warning: steps } });
    await addRule(90, "warning", "warning");
    await addRule(85, "critical", "critical");
    const other = newId("pat", start);
    await reading(10, 84);
    await reading(10, 88, other);
    await at(10);
    const told = await paged();
    expect(told.map(({ severity, alerts }) => [severity, alerts[0]?.patientId])).toEqual([
      ["critical", world.patientId],
      ["warning", other],
    ]);
    await at(60);
    expect(await paged()).toHaveLength(2);
    await reading(80, 88);
    await at(81);
    const after = (await paged()).slice(2);
    expect(after).toMatchObject([
      { severity: "warning", at: new Date(start + 81_000).toISOString(), alerts: [{ patientId: world.patientId }] },
    ]);
    expect(after[0]?.late).toBeUndefined();
  });
  test("a storm is one growing page after the tenth, but no patient's first critical alert is folded", async () => {
    const steps = chain([nurse, 0]);
    await set({ chains: { critical: steps, warning: steps } });
    await addRule(94, "warning");
    for (let index = 0; index < 14; index++) {
      await reading(index, 92, newId("pat", start + index));
      await at(index);
    }
    const fresh = newId("pat", start);
    await openAlert(world, 100, fresh);
    await at(131);
    const pages = await paged();
    expect(pages.slice(0, 10).map(({ alerts }) => alerts.length)).toEqual(Array(10).fill(1));
    expect(pages.slice(10, 14).map(({ alerts }) => alerts.length)).toEqual([1, 2, 3, 4]);
    expect(new Set(pages.slice(10, 14).map(({ id }) => id)).size).toBe(1);
    expect(pages.at(-1)).toMatchObject({ severity: "critical", alerts: [{ patientId: fresh }] });
  });
});
