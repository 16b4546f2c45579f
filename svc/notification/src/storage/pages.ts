import type { EventData } from "@episante/contracts/events";
import type { AccountId, ClinicId, Id } from "@episante/contracts/ids";
import type { Tx } from "@episante/service/db";
import { type SQL, sql } from "drizzle-orm";

type Paged = EventData<"alert.paged">;
/** A page whose mail is due. */
export interface QueuedPage extends Pick<Paged, "kind" | "severity" | "alerts" | "step"> {
  readonly id: Id<"pag">;
  readonly accountId: AccountId;
  readonly clinicId: ClinicId;
  readonly messageId: Id<"msg">;
  readonly isLate: boolean;
  readonly calledMs: number;
  /** This attempt included. */
  readonly attempts: number;
  readonly traceparent: string | undefined;
}
/** A page as its recipient's inbox shows it. */
export interface PageRow extends Omit<QueuedPage, "accountId" | "clinicId" | "messageId" | "attempts" | "traceparent"> {
  readonly subject: string;
  readonly status: "queued" | "sent" | "failed" | "skipped";
  readonly changedMs: number;
  readonly readMs: number | null;
  readonly sentMs: number | null;
}

const at = (ms: number) => sql`${new Date(ms).toISOString()}::timestamptz`;
const ms = (column: SQL) => sql`(extract(epoch from ${column}) * 1000)::float8`;
const optional = (value: unknown) => (value === null ? null : Number(value));

/**
 * Keeps a page. The same id again with other alerts, never fewer, replaces them: it is unread again, and a mail that has not left tells all;
 * one that was not wanted for the lower severity leaves once the page is critical.
 */
export async function keepPage(
  tx: Tx,
  page: Paged & { messageId: string; traceparent: string | undefined },
  { subject, mailDueMs, nowMs }: { subject: string; mailDueMs: number; nowMs: number },
): Promise<void> {
  await tx.execute(sql`
    insert into pages (id, account_id, clinic_id, kind, severity, alerts, step, is_late, called_at, changed_at, mail_due_at, message_id, mail_status, subject, traceparent)
    values (${page.id}, ${page.accountId}, ${page.clinicId}, ${page.kind}, ${page.severity}, ${JSON.stringify(page.alerts)}::text::jsonb, ${page.step ?? null},
      ${page.late ?? false}, ${at(Date.parse(page.at))}, ${at(nowMs)}, ${at(mailDueMs)}, ${page.messageId}, 'queued', ${subject}, ${page.traceparent ?? null})
    on conflict (account_id, id) do update set severity = excluded.severity, alerts = excluded.alerts, step = excluded.step,
      is_late = excluded.is_late, changed_at = excluded.changed_at, read_at = null, mail_due_at = least(pages.mail_due_at, excluded.mail_due_at),
      mail_status = case when pages.mail_status = 'skipped' and excluded.severity = 'critical' then 'queued' else pages.mail_status end
    where excluded.alerts <> pages.alerts and jsonb_array_length(excluded.alerts) >= jsonb_array_length(pages.alerts)`);
}

/** Takes the page whose mail is due longest, critical ones first, and counts the attempt; null when none is due. */
export async function takeDuePage(tx: Tx, nowMs: number): Promise<QueuedPage | null> {
  const [row] = await tx.execute(sql`
    update pages set attempts = attempts + 1 where message_id = (
      select message_id from pages where mail_status = 'queued' and mail_due_at <= ${at(nowMs)} and next_attempt_at <= now()
      order by severity <> 'critical', next_attempt_at, message_id limit 1 for update skip locked)
    returning id, account_id, clinic_id, kind, severity, alerts, step, is_late, ${ms(sql`called_at`)} as called_ms, message_id, attempts, traceparent`);
  if (!row) return null;
  return {
    ...factsOf(row),
    accountId: String(row.account_id) as AccountId,
    clinicId: String(row.clinic_id) as ClinicId,
    messageId: String(row.message_id) as Id<"msg">,
    attempts: Number(row.attempts),
    traceparent: row.traceparent === null ? undefined : String(row.traceparent),
  };
}

function factsOf(row: Record<string, unknown>) {
  return {
    id: String(row.id) as Id<"pag">,
    kind: row.kind as Paged["kind"],
    severity: row.severity as Paged["severity"],
    alerts: row.alerts as Paged["alerts"],
    step: row.step === null ? undefined : Number(row.step),
    isLate: row.is_late === true,
    calledMs: Number(row.called_ms),
  };
}

/** Marks the page's mail sent, with the subject it had. */
export async function markPageSent(tx: Tx, messageId: string, subject: string, nowMs: number): Promise<void> {
  await tx.execute(
    sql`update pages set mail_status = 'sent', subject = ${subject}, sent_at = ${at(nowMs)}, fault = null where message_id = ${messageId}`,
  );
}

/** Ends the page's mail unsent; the inbox shows the page all the same. @param fault a code, never a text from outside */
export async function markPageUnsent(tx: Tx, messageId: string, status: "failed" | "skipped", fault: string): Promise<void> {
  await tx.execute(sql`update pages set mail_status = ${status}, fault = ${fault} where message_id = ${messageId}`);
}

/** Plans the next attempt. @param pauseSeconds real seconds from now */
export async function postponePage(tx: Tx, messageId: string, pauseSeconds: number, fault: string): Promise<void> {
  await tx.execute(sql`
    update pages set next_attempt_at = now() + make_interval(secs => ${pauseSeconds}::float8), fault = ${fault} where message_id = ${messageId}`);
}

/** An account's pages, newest first. @param query.before the last one seen: when it first called (milliseconds) and its id */
export async function listPages(
  tx: Tx,
  accountId: string,
  query: { before?: { createdMs: number; id: string } | undefined; limit: number },
): Promise<PageRow[]> {
  const before = query.before ? sql`and (called_at, id) < (${at(query.before.createdMs)}, ${query.before.id})` : sql``;
  const rows = await tx.execute(sql`
    select id, kind, severity, alerts, step, is_late, subject, mail_status, ${ms(sql`called_at`)} as called_ms, ${ms(sql`changed_at`)} as changed_ms,
      ${ms(sql`read_at`)} as read_ms, ${ms(sql`sent_at`)} as sent_ms
    from pages where account_id = ${accountId} ${before} order by called_at desc, id desc limit ${query.limit}`);
  return rows.map((row) => ({
    ...factsOf(row),
    subject: String(row.subject),
    status: row.mail_status as PageRow["status"],
    changedMs: Number(row.changed_ms),
    readMs: optional(row.read_ms),
    sentMs: optional(row.sent_ms),
  }));
}

/** How many pages of an account are unread. */
export async function countUnread(tx: Tx, accountId: string): Promise<number> {
  const [row] = await tx.execute(sql`select count(*)::int as unread from pages where account_id = ${accountId} and read_at is null`);
  return Number(row?.unread ?? 0);
}

/** Marks an account's pages as read: one, or all. @returns false when there is no such page */
export async function markRead(tx: Tx, accountId: string, pageId: string | undefined, nowMs: number): Promise<boolean> {
  const one = pageId === undefined ? sql`read_at is null` : sql`id = ${pageId}`;
  const rows = await tx.execute(
    sql`update pages set read_at = coalesce(read_at, ${at(nowMs)}) where account_id = ${accountId} and ${one} returning id`,
  );
  return rows.length > 0;
}
