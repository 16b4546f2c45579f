import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { EventData } from "@episante/contracts/events";
import { putMessagePreferences } from "@episante/contracts/notification";
import { newId } from "@episante/service/ids";
import { doctorActor } from "@episante/testkit/actors";
import { messageWorld, startMs, type World } from "../../test/world.ts";
import { makeEmailChannel } from "../channels/email.ts";
import { deliverDuePages } from "./deliver-pages.ts";

type Paged = EventData<"alert.paged">;
let world: World;
let doctor: ReturnType<typeof doctorActor>;
beforeEach(async () => {
  world = await messageWorld();
  doctor = doctorActor({ clinicId: world.upstream.clinicId });
});
afterEach(() => world.close());

const alertOf = (severity: Paged["severity"] = "critical") => ({ id: newId("alr", startMs), patientId: newId("pat", startMs), severity });
const pageOf = (more: Partial<Paged> = {}): Paged => ({
  id: newId("pag", startMs),
  clinicId: world.upstream.clinicId,
  accountId: doctor.accountId as Paged["accountId"],
  kind: "page",
  severity: "critical",
  alerts: [alertOf(more.severity)],
  step: 0,
  at: new Date(world.clock.now()).toISOString(),
  ...more,
});
const mails = () => world.database.owner`select * from captured_mails order by id`;
const pages = () =>
  world.database.owner`select mail_status, attempts, fault, jsonb_array_length(alerts) as alerts from pages order by called_at, id`;
const emitted = async () =>
  (await world.database.owner`select type, payload from outbox where type <> 'audit' order by seq`).map((row) => [
    row.type,
    JSON.parse(String(row.payload)).data,
  ]);
const nextIsDue = () => world.database.owner`update pages set next_attempt_at = now() - interval '1 second'`;
const choose = (body: object) => world.harness.call(putMessagePreferences, { actor: doctor, body: body as never });

test("a critical page is one mail at once, to the account's address and in its language, without name, value or signal", async () => {
  world.upstream.locale = "en";
  const page = pageOf();
  const id = await world.receive("alert.paged", page);
  await world.receive("alert.paged", page, id);
  await deliverDuePages(world.deps);
  await deliverDuePages(world.deps);
  const [mail, ...others] = await mails();
  expect(others).toEqual([]);
  expect(mail).toMatchObject({
    mail_to: "zoe@example.test",
    subject: "Alerts are waiting for you",
    clinic_id: page.clinicId,
    patient_id: null,
  });
  expect(mail?.body_text).toContain("One alert is waiting in the console.");
  expect(mail?.body_text).toContain("Since: Monday, 23 November 2026 at 08:00 (Europe/Paris)");
  expect(mail?.body_text).toContain("http://localhost:8080/console/alerts");
  for (const secret of [page.alerts[0]?.patientId, page.alerts[0]?.id, "SpO2", "59408"])
    expect(`${mail?.body_text}${mail?.body_html}${mail?.subject}`).not.toContain(secret ?? "-");
  expect(await emitted()).toMatchObject([["notification.sent", { template: "alert-page", accountId: doctor.accountId }]]);
});

test("another page waits half a minute of business time, so that a growing one is one mail with all its alerts", async () => {
  const page = pageOf({ severity: "warning" });
  await world.receive("alert.paged", page);
  world.clock.advance(20_000);
  await world.receive("alert.paged", {
    ...page,
    alerts: [...page.alerts, alertOf("warning")],
    at: new Date(world.clock.now()).toISOString(),
  });
  await deliverDuePages(world.deps);
  expect(await mails()).toHaveLength(0);
  world.clock.advance(10_000);
  await deliverDuePages(world.deps);
  expect((await mails())[0]?.body_text).toContain("2 alertes attendent dans la console.");
  await world.receive("alert.paged", { ...page, alerts: [...page.alerts, alertOf("warning"), alertOf("warning")] });
  world.clock.advance(60_000);
  await deliverDuePages(world.deps);
  expect(await mails()).toHaveLength(1);
  expect(await pages()).toMatchObject([{ mail_status: "sent", attempts: 1, alerts: 3 }]);
});

test("a waiting page that becomes critical leaves at once; an older, smaller page that comes late takes nothing back", async () => {
  const page = pageOf({ severity: "warning" });
  const grown: Paged = { ...page, severity: "critical", alerts: [...page.alerts, alertOf()] };
  await world.receive("alert.paged", page);
  await world.receive("alert.paged", grown);
  await world.receive("alert.paged", page);
  await deliverDuePages(world.deps);
  expect((await mails())[0]?.body_text).toContain("Critique : 1\r\nVigilance : 1");
  expect(await pages()).toMatchObject([{ alerts: 2 }]);
});

test("a digest is one mail, and two people called by the same page get one each", async () => {
  const digest = pageOf({ kind: "digest", severity: "notice", alerts: [alertOf("notice"), alertOf("warning")], step: undefined });
  await world.receive("alert.paged", digest);
  await world.receive("alert.paged", { ...digest, accountId: newId("acc", startMs) });
  await deliverDuePages(world.deps);
  expect((await mails()).map(({ subject }) => subject)).toEqual(["Résumé des alertes", "Résumé des alertes"]);
  expect((await mails())[0]?.body_text).toContain("2 alertes ont été retenues pendant les heures calmes.");
});

describe("what somebody chose", () => {
  test("keeps mails of a severity away, the inbox keeps the page, and its becoming critical is told all the same", async () => {
    await choose({ alertMail: { critical: true, warning: false, notice: true } });
    const page = pageOf({ severity: "warning" });
    await world.receive("alert.paged", page);
    world.clock.advance(30_000);
    await deliverDuePages(world.deps);
    expect(await mails()).toHaveLength(0);
    expect(await pages()).toMatchObject([{ mail_status: "skipped", fault: "not-wanted" }]);
    await world.receive("alert.paged", { ...page, severity: "critical", alerts: [...page.alerts, alertOf()] });
    await deliverDuePages(world.deps);
    expect(await mails()).toHaveLength(1);
  });

  test("tells times where that person is, and tells the zone to who counts quiet hours", async () => {
    await choose({ alertMail: { critical: true, warning: true, notice: true }, zone: "America/Martinique" });
    await world.receive("alert.paged", pageOf());
    await deliverDuePages(world.deps);
    expect((await mails())[0]?.body_text).toContain("lundi 23 novembre 2026 à 03:00 (America/Martinique)");
    expect((await emitted())[0]).toEqual(["preferences.changed", { accountId: doctor.accountId, zone: "America/Martinique" }]);
  });
});

describe("failures", () => {
  test("are tried again with the pauses of every message, and end after the eighth, told", async () => {
    await world.receive("alert.paged", pageOf());
    world.upstream.refused = "upstream-unreachable";
    await deliverDuePages(world.deps);
    expect(await pages()).toMatchObject([{ mail_status: "queued", attempts: 1, fault: "account-upstream-unreachable" }]);
    await deliverDuePages(world.deps);
    expect((await pages())[0]?.attempts).toBe(1);
    world.upstream.refused = undefined;
    const deps = { ...world.deps, email: makeEmailChannel("smtp://127.0.0.1:1", "x@example.test") };
    for (let attempt = 2; attempt <= 8; attempt++) {
      await nextIsDue();
      await deliverDuePages(deps);
    }
    expect(await pages()).toMatchObject([{ mail_status: "failed", attempts: 8 }]);
    expect(await emitted()).toMatchObject([["notification.failed", { template: "alert-page", attempts: 8 }]]);
    await world.receive("alert.paged", pageOf());
    await deliverDuePages(world.deps);
    expect(await mails()).toHaveLength(1);
  });

  test("for an account that does not exist are final at once", async () => {
    world.upstream.accountIsKnown = false;
    await world.receive("alert.paged", pageOf());
    await deliverDuePages(world.deps);
    expect(await pages()).toMatchObject([{ mail_status: "failed", attempts: 1, fault: "account-not-found" }]);
  });

  test("after the server took the mail leave one mail in the inbox", async () => {
    await world.receive("alert.paged", pageOf());
    const send = async (mail: Parameters<typeof world.deps.email.send>[0]) => {
      await world.deps.email.send(mail);
      throw new Error("killed");
    };
    await deliverDuePages({ ...world.deps, email: { ...world.deps.email, send } });
    await nextIsDue();
    await deliverDuePages(world.deps);
    expect(await pages()).toMatchObject([{ mail_status: "sent", attempts: 2 }]);
    expect(await mails()).toHaveLength(1);
  });
});
