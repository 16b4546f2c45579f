import type { AppointmentId, Id, PatientId } from "@episante/contracts/ids";
import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import type { Template } from "../domain/templates.ts";

/** A message on its way: ids only, everything else is fetched when it is sent. */
export interface QueuedMessage {
  readonly id: Id<"msg">;
  readonly template: Template;
  readonly patientId: PatientId;
  /** What it is about: a visit, or an offered time. */
  readonly appointmentId: AppointmentId | undefined;
  readonly offerId: Id<"wof"> | undefined;
  /** A message about a later move of the same visit says the same, with the time that holds. */
  readonly isOvertaken: boolean;
  /** This attempt included. */
  readonly attempts: number;
  /** Of the event it was queued for. */
  readonly traceparent: string | undefined;
}
/** A message as the patient's inbox shows it. */
export interface InboxRow {
  readonly id: Id<"msg">;
  readonly template: string;
  readonly subject: string;
  readonly status: "queued" | "sent" | "failed";
  readonly createdMs: number;
  readonly sentMs: number | null;
  readonly appointmentId: AppointmentId | undefined;
}

const at = (ms: number) => sql`${new Date(ms).toISOString()}::timestamptz`;

/** Puts messages of one template into the queue; each event only once. */
export async function queueMessages(
  tx: Tx,
  messages: readonly {
    id: string;
    eventId: string;
    patientId: string;
    clinicId: string;
    appointmentId?: string;
    offerId?: string;
    traceparent: string | undefined;
  }[],
  { template, subject, nowMs }: { template: Template; subject: string; nowMs: number },
): Promise<void> {
  await tx.execute(sql`
    insert into messages (id, event_id, template, channel, patient_id, clinic_id, appointment_id, offer_id, status, subject, created_at, traceparent)
    select x.id, x."eventId", ${template}, 'email', x."patientId", x."clinicId", x."appointmentId", x."offerId", 'queued', ${subject}, ${at(nowMs)}, x.traceparent
    from jsonb_to_recordset(${JSON.stringify(messages)}::text::jsonb)
      as x(id text, "eventId" text, "patientId" text, "clinicId" text, "appointmentId" text, "offerId" text, traceparent text)
    on conflict (event_id, template) do nothing`);
}

/** Takes the message that is due longest and counts the attempt; null when none is due. Due times are real time. */
export async function takeDueMessage(tx: Tx): Promise<QueuedMessage | null> {
  const [row] = await tx.execute(sql`
    update messages m set attempts = attempts + 1 where id = (
      select id from messages where status = 'queued' and next_attempt_at <= now() order by next_attempt_at, id limit 1 for update skip locked)
    returning id, template, patient_id, appointment_id, offer_id, attempts, traceparent, template <> 'appointment-cancelled' and template not like 'series-%' and exists (
      select 1 from messages later where later.patient_id = m.patient_id and later.appointment_id = m.appointment_id
        and later.template = 'appointment-moved' and later.id <> m.id and (m.template = 'appointment-booked' or later.id > m.id)) as is_overtaken`);
  if (!row) return null;
  return {
    id: String(row.id) as Id<"msg">,
    template: String(row.template) as Template,
    patientId: String(row.patient_id) as PatientId,
    appointmentId: row.appointment_id === null ? undefined : (String(row.appointment_id) as AppointmentId),
    offerId: row.offer_id === null ? undefined : (String(row.offer_id) as Id<"wof">),
    isOvertaken: row.is_overtaken === true,
    attempts: Number(row.attempts),
    traceparent: row.traceparent === null ? undefined : String(row.traceparent),
  };
}

/** Marks a message sent, with the subject it had. */
export async function markSent(tx: Tx, id: string, subject: string, nowMs: number): Promise<void> {
  await tx.execute(sql`update messages set status = 'sent', subject = ${subject}, sent_at = ${at(nowMs)}, fault = null where id = ${id}`);
}

/** Ends a message unsent: `failed` for good, or `skipped` because it is no longer true. @param fault a code, never a text from outside */
export async function markUnsent(tx: Tx, id: string, status: "failed" | "skipped", fault: string): Promise<void> {
  await tx.execute(sql`update messages set status = ${status}, fault = ${fault} where id = ${id}`);
}

/** Plans the next attempt. @param pauseSeconds real seconds from now */
export async function postpone(tx: Tx, id: string, pauseSeconds: number, fault: string): Promise<void> {
  await tx.execute(
    sql`update messages set next_attempt_at = now() + make_interval(secs => ${pauseSeconds}::float8), fault = ${fault} where id = ${id}`,
  );
}

/** Newest messages first that the grant lets be seen; what was never true again when it was due is left out. */
export async function listInbox(
  tx: Tx,
  query: { before?: { createdMs: number; id: string } | undefined; limit: number },
): Promise<InboxRow[]> {
  const before = query.before ? sql`and (created_at, id) < (${at(query.before.createdMs)}, ${query.before.id})` : sql``;
  const rows = await tx.execute(sql`
    select id, template, subject, status, appointment_id, (extract(epoch from created_at) * 1000)::float8 as created_ms,
      (extract(epoch from sent_at) * 1000)::float8 as sent_ms
    from messages where status <> 'skipped' ${before} order by created_at desc, id desc limit ${query.limit}`);
  return rows.map((row) => ({
    id: String(row.id) as Id<"msg">,
    template: String(row.template),
    subject: String(row.subject),
    status: row.status as InboxRow["status"],
    createdMs: Number(row.created_ms),
    sentMs: row.sent_ms === null ? null : Number(row.sent_ms),
    appointmentId: row.appointment_id === null ? undefined : (String(row.appointment_id) as AppointmentId),
  }));
}
