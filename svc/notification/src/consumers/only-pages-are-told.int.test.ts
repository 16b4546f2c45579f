import { afterAll, beforeAll, expect, test } from "bun:test";
import { type EventData, type EventType, subjectOf } from "@episante/contracts/events";
import { startConsumer } from "@episante/service/consume";
import { newId } from "@episante/service/ids";
import { patientActor } from "@episante/testkit/actors";
import { type TestBroker, testBroker } from "@episante/testkit/broker";
import { waitFor } from "@episante/testkit/wait-for";
import { messageWorld, startMs, type World } from "../../test/world.ts";
import { notifyOnAlertPaged } from "./notify-on-alert-paged.ts";
import { notifyOnAppointmentBooked } from "./notify-on-appointment-booked.ts";
import { notifyOnAppointmentCancelled } from "./notify-on-appointment-cancelled.ts";

let world: World;
let broker: TestBroker;
beforeAll(async () => {
  [world, broker] = await Promise.all([messageWorld(), testBroker()]);
}, 60_000);
afterAll(async () => {
  await broker.close();
  await world.close();
});

test("of alert events only a page is told, to whom it calls and once; visits around them are told as ever", async () => {
  const { nats, js } = broker;
  const deps = { ...world.deps, nats, js } as never;
  const specs = [notifyOnAppointmentBooked, notifyOnAppointmentCancelled, notifyOnAlertPaged];
  const running = await Promise.all(specs.map((spec) => startConsumer(spec, deps)));
  const tell = <T extends EventType>(type: T, data: EventData<T>) => {
    const event = { id: newId("evt", startMs), type, version: 1, at: new Date(startMs).toISOString(), actor: { kind: "system" }, data };
    return js.publish(subjectOf(type, data), JSON.stringify(event));
  };
  const visit = world.visitOf(patientActor());
  const alert: EventData<"alert.raised"> = {
    id: newId("alr", startMs),
    patientId: visit.patientId,
    clinicId: visit.clinicId,
    class: "clinical",
    severity: "critical",
    status: "open",
    code: "59408-5",
    signal: "spo2",
    onsetAt: new Date(startMs).toISOString(),
    firedAt: new Date(startMs).toISOString(),
    ruleId: newId("rul", startMs),
    ruleVersion: 1,
    late: false,
  };
  await tell("appointment.booked", visit);
  await tell("alert.raised", alert);
  const page: EventData<"alert.paged"> = {
    id: newId("pag", startMs),
    clinicId: visit.clinicId,
    accountId: newId("acc", startMs),
    kind: "page",
    severity: "critical",
    alerts: [{ id: alert.id, patientId: alert.patientId, severity: "critical" }],
    step: 0,
    at: alert.firedAt,
  };
  await tell("alert.paged", page);
  await tell("alert.paged", page);
  await tell("alert.acked", { ...alert, status: "acked" });
  await tell("alert.resolved", { ...alert, status: "resolved" });
  await tell("alert.withdrawn", { ...alert, status: "withdrawn" });
  await tell("appointment.cancelled", { ...visit, by: "patient" });
  const templates = async () => (await world.database.owner`select template from messages order by template`).map((row) => row.template);
  const pages = () => world.database.owner`select id, account_id, alerts from pages`;
  await waitFor(async () => (await templates()).length >= 2 && (await pages()).length >= 1, { timeoutMs: 20_000 });
  expect(await templates()).toEqual(["appointment-booked", "appointment-cancelled"]);
  expect((await (await js.streams.get("ALERTS")).info()).state.messages).toBe(6);
  expect([...(await pages())]).toEqual([{ id: page.id, account_id: page.accountId, alerts: page.alerts }]);
  expect((await (await js.streams.get("DLQ")).info()).state.messages).toBe(0);
  for (const one of running) await one.stop();
}, 60_000);
