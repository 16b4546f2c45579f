import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { inbox as inboxEndpoint } from "@episante/contracts/notification";
import { newId } from "@episante/service/ids";
import { patientActor } from "@episante/testkit/actors";
import { messageWorld, startMs, type World } from "../../test/world.ts";
import { makeEmailChannel } from "../channels/email.ts";
import { deliverDue, mostPerTurn } from "./deliver-messages.ts";

let world: World;
let patient: ReturnType<typeof patientActor>;
beforeEach(async () => {
  world = await messageWorld();
  patient = patientActor();
});
afterEach(() => world.close());

const mails = () => world.database.owner`select * from captured_mails order by id`;
const messages = () =>
  world.database.owner`select template, status, attempts, fault, subject from messages order by created_at, template, id`;
const emitted = async () => (await world.database.owner`select type from outbox where type <> 'audit' order by seq`).map((row) => row.type);
const nextIsDue = () => world.database.owner`update messages set next_attempt_at = now() - interval '1 second' where status = 'queued'`;

describe("a confirmation", () => {
  test("travels over SMTP in the patient's language, with time by zone, link and calendar file, and nothing medical in the subject", async () => {
    const visit = world.visitOf(patient);
    await world.receive("appointment.booked", visit);
    await deliverDue(world.deps);
    const [mail] = await mails();
    expect(mail).toMatchObject({ mail_to: "zoe@example.test", subject: "Votre rendez-vous est confirmé", patient_id: patient.patientId });
    expect(mail?.body_text).toContain("mardi 24 novembre 2026 à 09:00 (Europe/Paris)");
    expect(mail?.body_text).toContain("Bonjour Zoé");
    expect(mail?.body_text).toContain(`http://localhost:8080/appointments/${visit.appointmentId}`);
    expect(mail?.body_text).toContain("Confirmer ou annuler sans se connecter : http://localhost:8080/links/1abc.def");
    expect(mail?.body_html).toContain("Dr Jean Martin");
    expect(`${mail?.subject}${mail?.body_text}${mail?.body_html}`).not.toMatch(/cardiolog/i);
    expect(mail?.attachments).toEqual([{ name: "rendez-vous.ics", type: "text/calendar", bytes: 46 }]);
    expect(await messages()).toMatchObject([{ status: "sent", attempts: 1 }]);
    expect(await emitted()).toEqual(["notification.sent"]);
  });

  test("carries the link that holds when it is sent, none for a visit that is over, and a cancellation never one", async () => {
    world.upstream.signed = undefined;
    await world.receive("appointment.booked", world.visitOf(patient));
    await deliverDue(world.deps);
    world.upstream.signed = "1abc.def";
    world.upstream.status = "cancelled";
    await world.receive("appointment.cancelled", { ...world.visitOf(patient), by: "patient" });
    await deliverDue(world.deps);
    const texts = (await mails()).map((mail) => `${mail.body_text}${mail.body_html}`);
    expect(texts).toHaveLength(2);
    for (const text of texts) expect(text).not.toMatch(/\/links\/|undefined/);
  });

  test("follows a cancellation that is undone, with the link again; other states of the clinic's floor are told nobody", async () => {
    const visit = world.visitOf(patient);
    const said = { undone: true, bookedAt: visit.start };
    await world.receive("appointment.status-changed", { ...visit, ...said, from: "cancelled", to: "booked" });
    await world.receive("appointment.status-changed", { ...visit, ...said, from: "noshow", to: "booked" });
    await deliverDue(world.deps);
    expect(await mails()).toMatchObject([{ subject: "Votre rendez-vous est maintenu", body_text: expect.stringContaining("/links/1abc") }]);
    expect(await messages()).toMatchObject([{ template: "appointment-restored", status: "sent" }]);
  });

  test("is in English for who reads English", async () => {
    world.upstream.locale = "en";
    await world.receive("appointment.booked", world.visitOf(patient));
    await deliverDue(world.deps);
    expect((await mails())[0]).toMatchObject({
      subject: "Your appointment is confirmed",
      body_text: expect.stringContaining("24 November 2026"),
    });
    expect((await messages())[0]?.subject).toBe("Your appointment is confirmed");
  });

  test("is queued once, however often the event comes", async () => {
    const visit = world.visitOf(patient);
    const id = await world.receive("appointment.booked", visit);
    await world.receive("appointment.booked", visit, id);
    await deliverDue(world.deps);
    await deliverDue(world.deps);
    expect(await mails()).toHaveLength(1);
  });

  test("is not sent when the visit was cancelled meanwhile; the cancellation is", async () => {
    const visit = world.visitOf(patient);
    await world.receive("appointment.booked", visit);
    await world.receive("appointment.cancelled", { ...visit, by: "patient" });
    world.upstream.status = "cancelled";
    await deliverDue(world.deps);
    expect((await mails()).map((mail) => mail.subject)).toEqual(["Votre rendez-vous est annulé"]);
    expect(await messages()).toMatchObject([
      { template: "appointment-booked", status: "skipped" },
      { template: "appointment-cancelled", status: "sent" },
    ]);
  });

  test("is not sent for a visit that has begun", async () => {
    await world.receive("appointment.booked", world.visitOf(patient));
    world.clock.set(Date.parse("2026-11-24T08:00:00Z"));
    await deliverDue(world.deps);
    expect(await mails()).toHaveLength(0);
  });

  test("leaves the doctor out who is no longer listed", async () => {
    world.upstream.doctorIsListed = false;
    await world.receive("appointment.booked", world.visitOf(patient));
    await deliverDue(world.deps);
    expect((await mails())[0]?.body_text).not.toContain("Dr ");
  });
});

describe("a move", () => {
  const moved = (visit: ReturnType<World["visitOf"]>, sequence: number) => {
    const { doctorId, start, end } = visit;
    return {
      ...visit,
      from: { doctorId, start, end },
      by: "clinic" as const,
      bookedAt: new Date(world.clock.now()).toISOString(),
      sequence,
    };
  };
  test("is told in one message, whatever waited before it", async () => {
    const visit = world.visitOf(patient);
    await world.receive("appointment.booked", visit);
    await world.receive("appointment.moved", moved(visit, 1));
    world.clock.advance(1);
    await world.receive("appointment.moved", moved(visit, 2));
    await deliverDue(world.deps);
    expect((await mails()).map(({ subject }) => subject)).toEqual(["Votre rendez-vous est déplacé"]);
    expect((await mails())[0]?.body_text).toContain("mardi 24 novembre 2026 à 09:00 (Europe/Paris)");
    expect((await messages()).map(({ template, status }) => [template, status]).sort()).toEqual([
      ["appointment-booked", "skipped"],
      ["appointment-moved", "sent"],
      ["appointment-moved", "skipped"],
    ]);
  });
  test("follows a confirmation that has left, and is not told of a visit that was cancelled meanwhile or never was", async () => {
    const visit = world.visitOf(patient);
    await world.receive("appointment.booked", visit);
    await deliverDue(world.deps);
    world.clock.advance(1);
    await world.receive("appointment.moved", moved(visit, 1));
    await deliverDue(world.deps);
    expect((await mails()).map(({ subject }) => subject)).toEqual(["Votre rendez-vous est confirmé", "Votre rendez-vous est déplacé"]);
    for (const status of ["cancelled", "entered-in-error"]) {
      world.upstream.status = status;
      await world.receive("appointment.moved", moved(world.visitOf(patient), 1));
      await deliverDue(world.deps);
    }
    expect(await mails()).toHaveLength(2);
  });
});

describe("failures", () => {
  test("are tried again later: the other service or the mail server comes back", async () => {
    await world.receive("appointment.booked", world.visitOf(patient));
    world.upstream.refused = "upstream-unreachable";
    await deliverDue(world.deps);
    expect(await messages()).toMatchObject([{ status: "queued", attempts: 1, fault: "visit-upstream-unreachable" }]);
    await deliverDue(world.deps);
    expect((await messages())[0]?.attempts).toBe(1);
    world.upstream.refused = undefined;
    world.setSink(() => Promise.reject(new Error("disk full")));
    await nextIsDue();
    await deliverDue(world.deps);
    expect(await messages()).toMatchObject([{ status: "queued", attempts: 2 }]);
    world.setSink(undefined);
    await nextIsDue();
    await deliverDue(world.deps);
    expect(await messages()).toMatchObject([{ status: "sent", attempts: 3, fault: null }]);
    expect(await mails()).toHaveLength(1);
  });

  test("end after the eighth attempt, are told, and do not hold others up", async () => {
    await world.receive("appointment.booked", world.visitOf(patient));
    const deps = { ...world.deps, email: makeEmailChannel("smtp://127.0.0.1:1", "x@example.test") };
    for (let attempt = 1; attempt <= 8; attempt++) {
      await nextIsDue();
      await deliverDue(deps);
    }
    expect(await messages()).toMatchObject([{ status: "failed", attempts: 8 }]);
    expect(await emitted()).toEqual(["notification.failed"]);
    await world.receive("appointment.booked", world.visitOf(patient));
    await deliverDue(world.deps);
    expect((await messages()).map((message) => message.status)).toEqual(expect.arrayContaining(["failed", "sent"]));
  });

  test("without any address are final at once", async () => {
    world.upstream.accountId = undefined;
    await world.receive("appointment.booked", world.visitOf(patient));
    await deliverDue(world.deps);
    expect(await messages()).toMatchObject([{ status: "failed", attempts: 1, fault: "no-address" }]);
  });
});

test("a burst leaves a few at a turn, longest due first, so that those who book are not held up by mails", async () => {
  for (let count = 0; count < mostPerTurn + 3; count++) await world.receive("appointment.booked", world.visitOf(patientActor()));
  await world.database
    .owner`update messages set next_attempt_at = now() - interval '1 minute' where id in (select id from messages limit 3)`;
  await deliverDue(world.deps);
  expect((await messages()).filter(({ status }) => status === "sent")).toHaveLength(mostPerTurn);
  expect(
    await world.database.owner`select id from messages where status = 'queued' and next_attempt_at < now() - interval '30 seconds'`,
  ).toHaveLength(0);
  await deliverDue(world.deps);
  expect(await mails()).toHaveLength(mostPerTurn + 3);
});

describe("a restart", () => {
  test("after the server took the mail but before that was noted leaves one mail in the inbox", async () => {
    await world.receive("appointment.booked", world.visitOf(patient));
    const killed = {
      ...world.deps,
      email: {
        ...world.deps.email,
        send: async (mail: Parameters<typeof world.deps.email.send>[0]) => {
          await world.deps.email.send(mail);
          throw new Error("killed");
        },
      },
    };
    await deliverDue(killed);
    expect(await messages()).toMatchObject([{ status: "queued" }]);
    await nextIsDue();
    await deliverDue(world.deps);
    expect(await messages()).toMatchObject([{ status: "sent", attempts: 2 }]);
    expect(await mails()).toHaveLength(1);
  });

  test("two deliverers at once send each message once", async () => {
    for (let count = 0; count < 6; count++) await world.receive("appointment.booked", world.visitOf(patientActor()));
    let sent = 0;
    const email = {
      ...world.deps.email,
      send: async (mail: Parameters<typeof world.deps.email.send>[0]) => {
        sent++;
        await world.deps.email.send(mail);
      },
    };
    const jobs = await import("@episante/service/jobs");
    const { job } = jobs;
    const turn = job({ name: "deliver-messages", everyMs: 50, run: () => deliverDue({ ...world.deps, email }) });
    const running = [1, 2].map(() => jobs.startJob(turn, world.deps as never));
    while ((await messages()).some((message) => message.status === "queued")) await Bun.sleep(20);
    await Promise.all(running.map((one) => one.stop()));
    expect(sent).toBe(6);
    expect(await mails()).toHaveLength(6);
  });
});

describe("a freed time that is offered", () => {
  const offered = () => {
    const { appointmentId: _, ...visit } = world.visitOf(patient);
    const ids = { offerId: newId("wof", startMs), entryId: newId("wle", startMs) };
    return { ...visit, ...ids, until: "2026-11-23T09:00:00.000Z", held: true };
  };

  test("is told in one mail with its time, its deadline and where to answer, and no calendar file", async () => {
    const offer = offered();
    const id = await world.receive("waitlist.offered", offer);
    await world.receive("waitlist.offered", offer, id);
    await deliverDue(world.deps);
    const [mail, ...others] = await mails();
    expect(others).toEqual([]);
    expect(mail).toMatchObject({ subject: "Une place s’est libérée", patient_id: patient.patientId, attachments: [] });
    expect(mail?.body_text).toContain("mardi 24 novembre 2026 à 09:00 (Europe/Paris)");
    expect(mail?.body_text).toContain("À prendre jusqu’au : lundi 23 novembre 2026 à 10:00 (Europe/Paris)");
    expect(mail?.body_text).toContain("Elle est à vous jusqu’à l’heure indiquée");
    expect(mail?.body_text).toContain("http://localhost:8080/appointments?tab=waitlist");
    expect(await emitted()).toEqual(["notification.sent"]);
    const inbox = await world.harness.call(inboxEndpoint, { actor: patient });
    expect(inbox.json.items).toMatchObject([{ template: "waitlist-offered", status: "sent" }]);
  });

  test("to the first who comes says so, in English", async () => {
    world.upstream.locale = "en";
    world.upstream.offer.held = false;
    await world.receive("waitlist.offered", offered());
    await deliverDue(world.deps);
    expect((await mails())[0]).toMatchObject({
      subject: "A place has opened",
      body_text: expect.stringContaining("The first person to take it has it."),
    });
  });

  test("is not told once it was answered or ran out", async () => {
    world.upstream.offer.isOpen = false;
    await world.receive("waitlist.offered", offered());
    await deliverDue(world.deps);
    expect(await mails()).toHaveLength(0);
    expect(await messages()).toMatchObject([{ template: "waitlist-offered", status: "skipped" }]);
  });
});

describe("a series of visits", () => {
  const open = ["2026-11-24T08:00:00.000Z", "2026-12-01T08:00:00.000Z", "2026-12-08T08:00:00.000Z"];
  const ics = "BEGIN:VCALENDAR\r\nEND:VCALENDAR";
  const series = (step: string) => ({ series: { seriesId: newId("ser", startMs), step } });

  test("is told in one message with all its dates and one calendar file, however many visits were booked, and however often it is heard", async () => {
    world.upstream.series = { open, cancelled: [], ics };
    const visits = open.map((start) => ({ ...world.visitOf(patient), start, ...series("one step") }));
    for (const visit of [...visits, ...visits]) await world.receive("appointment.booked", visit);
    await deliverDue(world.deps);
    const [mail, ...others] = await mails();
    expect(others).toEqual([]);
    expect(mail?.subject).toBe("Vos rendez-vous sont confirmés");
    for (const date of ["1 : mardi 24 novembre 2026 à 09:00", "2 : mardi 1 décembre", "3 : mardi 8 décembre"])
      expect(mail?.body_text).toContain(date);
    expect(mail?.attachments).toEqual([{ name: "rendez-vous.ics", type: "text/calendar", bytes: ics.length }]);
    expect(mail?.body_text).not.toMatch(/\/links\/|undefined/);
  });

  test("each step is told: moved with the dates that hold, cancelled with those that are cancelled; a single move as any visit's", async () => {
    world.upstream.series = { open: open.slice(0, 2), cancelled: open.slice(2), ics };
    const moved = (more: object) => ({
      ...world.visitOf(patient),
      from: { doctorId: newId("doc", startMs), start: "2026-11-23T08:00:00.000Z", end: "2026-11-23T08:20:00.000Z" },
      by: "clinic" as const,
      bookedAt: "2026-11-23T07:00:00.000Z",
      sequence: 1,
      ...more,
    });
    for (const step of ["a", "a", "b"]) await world.receive("appointment.moved", moved(series(step)));
    await world.receive("appointment.moved", moved({}));
    for (const _ of open) await world.receive("appointment.cancelled", { ...world.visitOf(patient), by: "clinic", ...series("c") });
    await deliverDue(world.deps);
    const sent = await mails();
    expect(sent.map(({ subject }) => subject).sort()).toEqual([
      "Des rendez-vous sont annulés",
      "Des rendez-vous sont déplacés",
      "Des rendez-vous sont déplacés",
      "Votre rendez-vous est déplacé",
    ]);
    const cancelled = sent.find(({ subject }) => String(subject).includes("annulés"));
    expect(cancelled?.body_text).toContain("8 décembre");
    expect(cancelled?.body_text).not.toContain("24 novembre");
  });

  test("of which nothing holds any more when the message is due is not told", async () => {
    world.upstream.series = { open: [], cancelled: [], ics };
    world.upstream.status = "cancelled";
    await world.receive("appointment.booked", { ...world.visitOf(patient), ...series("one step") });
    await deliverDue(world.deps);
    expect(await mails()).toHaveLength(0);
    expect(await messages()).toMatchObject([{ template: "series-booked", status: "skipped" }]);
  });
});
