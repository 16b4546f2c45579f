import type { Alert } from "@episante/contracts/alert";
import type { AccountId, AlertId, ClinicId, PatientId, RuleId } from "@episante/contracts/ids";
import type { Finding } from "@episante/contracts/rule";
import { contextOf, grant, type Tx } from "@episante/service/db";
import { pipelined } from "@episante/service/pipelined";
import { type SQL, sql } from "drizzle-orm";
import type { Standing } from "../domain/lifecycle.ts";
import type { Trend } from "../domain/trend.ts";
import { instantOf, msOf, texts } from "./rows.ts";

/** An alert as stored. Times in milliseconds. */
export interface AlertRow {
  readonly id: AlertId;
  readonly patientId: PatientId;
  readonly clinicId: ClinicId;
  readonly ruleId: RuleId;
  readonly ruleVersion: number;
  readonly ruleName: string;
  readonly ruleKind: string;
  readonly class: Alert["class"];
  readonly severity: Alert["severity"];
  readonly status: Alert["status"];
  readonly code: string;
  readonly signal: string;
  readonly unit: string;
  readonly op: string;
  readonly threshold: number;
  readonly holdSeconds: number;
  readonly gapSeconds: number;
  readonly clearValue: number;
  readonly clearSeconds: number;
  readonly value: number;
  readonly samplesUsed: number;
  readonly samplesRejected: number;
  readonly delaySeconds: number;
  readonly onsetAt: number;
  readonly firedAt: number;
  readonly clearedAt?: number;
  readonly late: boolean;
  readonly ownerAccountId?: AccountId;
  readonly ackedAt?: number;
  readonly ackExpiresAt?: number;
  readonly snoozedUntil?: number;
  readonly closedByHandAt?: number;
  readonly lastReadingAt: number;
  readonly trend: Trend;
  /** The longest stretch for which the condition was met, as of the last change; absent where it was not kept yet. */
  readonly longestMs?: number;
  /** Why, of rules that have more to say than their threshold. */
  readonly finding?: Finding;
  readonly cursor: number;
  /** Of the last change. */
  readonly traceparent?: string;
}
export type NewAlert = Omit<AlertRow, "cursor" | "traceparent" | "closedByHandAt" | Exclude<keyof Standing, "status">>;
export interface HistoryRow {
  readonly alertId: string;
  readonly atMs: number;
  readonly action: string;
  readonly accountId?: AccountId;
  readonly text?: string;
  readonly untilMs?: number;
  readonly toAccountId?: AccountId;
}

const columns = sql`a.*, ${msOf("a.onset_at")} as onset_ms, ${msOf("a.fired_at")} as fired_ms, ${msOf("a.cleared_at")} as cleared_ms,
  ${msOf("a.acked_at")} as acked_ms, ${msOf("a.ack_expires_at")} as ack_expires_ms, ${msOf("a.snoozed_until")} as snoozed_ms,
  ${msOf("a.closed_by_hand_at")} as by_hand_ms, ${msOf("a.last_reading_at")} as last_ms`;

/** An alert with what is shown beside its own row. */
export interface ShownRow extends AlertRow {
  /** What the engine read last, of open and acknowledged alerts. */
  readonly live?: { readonly trend: Trend; readonly lastAt?: number; readonly lastValue?: number };
  /** Oldest entry first. */
  readonly history: readonly (HistoryRow & { readonly name?: string; readonly toName?: string })[];
  readonly ownerName?: string;
  /** The next step of its chain: an account with its name, or whom else the step means. */
  readonly next?: { readonly to: string; readonly name?: string; readonly atMs: number };
}

type HistoryTuple = readonly [
  atMs: number,
  action: string,
  accountId: string | null,
  name: string | null,
  text: string | null,
  untilMs: number | null,
  toAccountId: string | null,
  toName: string | null,
];

/** Reads alerts with all that is shown of them in one statement. @param source a query of rows of `alerts`, as `a` in `order` */
async function readShown(tx: Tx, source: SQL, order: SQL): Promise<ShownRow[]> {
  return (await tx.execute(selectShown(source, order))).map(shownOf);
}

function selectShown(source: SQL, order: SQL): SQL {
  return sql`
    select ${columns}, o.name as owner_name, h.history, s.trend as live_trend, ${msOf("s.last_at")} as live_ms, s.last_value as live_value,
      x.next_to, ${msOf("x.next_at")} as next_ms, nx.name as next_name
    from (${source}) a
    left join account_names o on o.account_id = a.owner_account_id
    left join escalations x on a.status = 'open' and a.snoozed_until is null and x.alert_id = a.id and x.next_at is not null
    left join account_names nx on nx.account_id = x.next_to
    left join engine_states s on a.status in ('open', 'acked') and s.patient_id = a.patient_id and s.rule_id = a.rule_id
    cross join lateral (
      select coalesce(json_agg(json_build_array(${msOf("e.at")}, e.action, e.account_id, n.name, e.text, ${msOf("e.until_at")}, e.to_account_id, t.name)
        order by e.seq), '[]'::json) as history
      from alert_history e left join account_names n on n.account_id = e.account_id left join account_names t on t.account_id = e.to_account_id
      where e.alert_id = a.id) h
    order by ${order}`;
}

function shownOf(row: Record<string, unknown>): ShownRow {
  return {
    ...alertOf(row),
    ...optional("ownerName", row.owner_name, String),
    ...(row.next_ms === null
      ? {}
      : { next: { to: String(row.next_to), atMs: Number(row.next_ms), ...optional("name", row.next_name, String) } }),
    ...(row.live_trend === null
      ? {}
      : {
          live: {
            trend: row.live_trend as Trend,
            ...optional("lastAt", row.live_ms, Number),
            ...optional("lastValue", row.live_value, Number),
          },
        }),
    history: (row.history as HistoryTuple[]).map(([atMs, action, accountId, name, text, untilMs, toAccountId, toName]) => ({
      alertId: String(row.id),
      atMs,
      action,
      ...optional("accountId", accountId, (value) => value as AccountId),
      ...optional("name", name, String),
      ...optional("text", text, String),
      ...optional("untilMs", untilMs, Number),
      ...optional("toAccountId", toAccountId, (value) => value as AccountId),
      ...optional("toName", toName, String),
    })),
  };
}

function optional<K extends string, V>(key: K, value: unknown, convert: (value: unknown) => V): { [P in K]?: V } {
  return (value === null || value === undefined ? {} : { [key]: convert(value) }) as { [P in K]?: V };
}

function jsonOf(value: unknown): SQL {
  return value === undefined ? sql`null::jsonb` : sql`${JSON.stringify(value)}::jsonb`;
}

function alertOf(row: Record<string, unknown>): AlertRow {
  return {
    id: row.id as AlertId,
    patientId: row.patient_id as PatientId,
    clinicId: row.clinic_id as ClinicId,
    ruleId: row.rule_id as RuleId,
    ruleVersion: Number(row.rule_version),
    ruleName: String(row.rule_name),
    ruleKind: String(row.rule_kind),
    class: row.class as Alert["class"],
    severity: row.severity as Alert["severity"],
    status: row.status as Alert["status"],
    code: String(row.code),
    signal: String(row.signal),
    unit: String(row.unit),
    op: String(row.op),
    threshold: Number(row.threshold),
    holdSeconds: Number(row.hold_seconds),
    gapSeconds: Number(row.gap_seconds),
    clearValue: Number(row.clear_value),
    clearSeconds: Number(row.clear_seconds),
    value: Number(row.value),
    samplesUsed: Number(row.samples_used),
    samplesRejected: Number(row.samples_rejected),
    delaySeconds: Number(row.delay_seconds),
    onsetAt: Number(row.onset_ms),
    firedAt: Number(row.fired_ms),
    late: row.late === true,
    lastReadingAt: Number(row.last_ms),
    trend: row.trend as Trend,
    cursor: Number(row.cursor),
    ...optional("finding", row.finding, (value) => value as Finding),
    ...optional("longestMs", row.longest_ms, Number),
    ...optional("clearedAt", row.cleared_ms, Number),
    ...optional("ownerAccountId", row.owner_account_id, (value) => value as AccountId),
    ...optional("ackedAt", row.acked_ms, Number),
    ...optional("ackExpiresAt", row.ack_expires_ms, Number),
    ...optional("snoozedUntil", row.snoozed_ms, Number),
    ...optional("closedByHandAt", row.by_hand_ms, Number),
    ...optional("traceparent", row.traceparent, String),
  };
}

/** Patient and clinic of an alert, without a row-level-security context; null for an unknown id. */
export async function findAlertSubject(tx: Tx, id: string): Promise<{ patientId: string; clinicId: string } | null> {
  const [row] = await tx.execute(sql`select patient_id, clinic_id from alert_subject(${id})`);
  return row ? { patientId: String(row.patient_id), clinicId: String(row.clinic_id) } : null;
}

/** An alert by id, as far as the grant reaches. */
export async function findAlert(tx: Tx, id: string): Promise<ShownRow | null> {
  const [row] = await readShown(tx, sql`select * from alerts where id = ${id}`, sql`a.id`);
  return row ?? null;
}

/**
 * Alerts by id, and the snoozed ones of patients, locked until the commit: nobody acknowledges, snoozes or closes one between what is read here
 * and what is written.
 */
export async function lockAlerts(tx: Tx, ids: readonly string[], snoozedOf: readonly string[] = []): Promise<AlertRow[]> {
  if (ids.length === 0 && snoozedOf.length === 0) return [];
  const snoozed = snoozedOf.length === 0 ? sql`` : sql`or (a.snoozed_until is not null and a.patient_id = any(${texts(snoozedOf)}))`;
  const rows = await tx.execute(sql`select ${columns} from alerts a where a.id = any(${texts(ids)}) ${snoozed} order by a.id for update`);
  return rows.map(alertOf);
}

/** Alerts whose snooze or acknowledgement is over, locked; those that somebody changes right now are left for the next look. System context only. */
export async function lockDue(tx: Tx, nowMs: number, most: number): Promise<AlertRow[]> {
  const rows = await tx.execute(sql`
    select ${columns} from alerts a where (a.status in ('open', 'acked') and a.snoozed_until <= ${instantOf(nowMs)})
      or (a.status = 'acked' and a.ack_expires_at <= ${instantOf(nowMs)}) order by a.id limit ${most} for update skip locked`);
  return rows.map(alertOf);
}

export interface AlertFilter {
  readonly patientIds: readonly string[];
  readonly status?: string;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly before?: { readonly firedAt: number; readonly id: string };
  readonly limit: number;
}

/** Alerts of these patients, newest firing first. */
export async function listAlerts(tx: Tx, { patientIds, status, fromMs, toMs, before, limit }: AlertFilter): Promise<ShownRow[]> {
  const where: SQL[] = [sql`a.patient_id = any(${texts(patientIds)})`];
  if (status) where.push(sql`a.status = ${status}`);
  if (fromMs !== undefined) where.push(sql`a.fired_at >= ${instantOf(fromMs)}`);
  if (toMs !== undefined) where.push(sql`a.fired_at < ${instantOf(toMs)}`);
  if (before) where.push(sql`(a.fired_at, a.id) < (${instantOf(before.firedAt)}, ${before.id})`);
  const newestFirst = sql`a.fired_at desc, a.id desc`;
  return readShown(
    tx,
    sql`select * from alerts a where ${sql.join(where, sql` and `)} order by ${newestFirst} limit ${limit}`,
    newestFirst,
  );
}

/** Alerts of these patients changed after a cursor and up to another, in the order of their last changes. */
export async function listChanged(tx: Tx, patientIds: readonly string[], after: number, upTo: number): Promise<ShownRow[]> {
  return readShown(
    tx,
    sql`select * from alerts where cursor > ${after} and cursor <= ${upTo} and patient_id = any(${texts(patientIds)})`,
    sql`a.cursor`,
  );
}

/**
 * Alerts this transaction changed, by patient, each patient's read under a grant of theirs alone. Call it behind all writes: the transaction's
 * own row-level-security context is gone afterwards.
 */
export async function readChangedHere(
  tx: Tx,
  patientIds: readonly string[],
  alertIds: readonly string[],
): Promise<Map<string, ShownRow[]>> {
  // Statements of one kind leave in the order of this list, so that each read follows its own context.
  const statements = patientIds.flatMap((id) => [
    tx.execute(contextOf(grant.patients([id]))),
    tx.execute(selectShown(sql`select * from alerts where id = any(${texts(alertIds)}) and patient_id = ${id}`, sql`a.cursor`)),
  ]);
  const answers = await pipelined(statements);
  return new Map(patientIds.map((id, index) => [id, (answers[2 * index + 1] ?? []).map(shownOf)]));
}

/** Cursor of the last committed change. */
export async function currentCursor(tx: Tx): Promise<number> {
  const [row] = await tx.execute(sql`select value from alert_cursor`);
  return Number(row?.value ?? 0);
}

/**
 * Gives each changed alert the next cursor, and returns the last of them. Call it last in a transaction: the counter row stays locked
 * until the commit, so that a reader that has seen a cursor has seen every smaller one. A change without a trace, by a job, keeps the one before.
 * What is published says whether readings have stopped, so consoles have been told that with it.
 * @param nowMs business time, by which consoles will see it
 */
export async function publishChanges(tx: Tx, changes: readonly PublishedChange[], nowMs: number): Promise<number | undefined> {
  const distinct = new Map(changes.map(({ id, traceparent }) => [id, traceparent ?? ""]));
  const [first] = distinct;
  if (!first) return undefined;
  if (distinct.size === 1) return publishOne(tx, ...first, nowMs);
  const [row] = await tx.execute(sql`
    with counter as (update alert_cursor set value = value + ${distinct.size}::int returning value)
    update alerts a set cursor = counter.value - ${distinct.size}::int + c.place, traceparent = coalesce(nullif(c.traceparent, ''), a.traceparent),
      stale_told = ${isStaleAt(nowMs)}
    from counter, unnest(${texts([...distinct.keys()])}, ${texts([...distinct.values()])}) with ordinality as c(id, traceparent, place)
    where a.id = c.id returning counter.value`);
  return row ? Number(row.value) : undefined;
}

/** Most transactions change one alert: a statement without lists, which Postgres plans once. It plans the other one for every list anew. */
async function publishOne(tx: Tx, id: string, traceparent: string, nowMs: number): Promise<number | undefined> {
  const [row] = await tx.execute(sql`
    with counter as (update alert_cursor set value = value + 1 returning value)
    update alerts a set cursor = counter.value, traceparent = coalesce(nullif(${traceparent}, ''), a.traceparent),
      stale_told = ${isStaleAt(nowMs)}
    from counter where a.id = ${id} returning counter.value`);
  return row ? Number(row.value) : undefined;
}

/** Whether an alert's readings have stopped for longer than its rule's gap limit. The engine's state may be written behind this statement. */
export function isStaleAt(nowMs: number): SQL {
  return sql`greatest(
    (select s.last_at from engine_states s where s.patient_id = a.patient_id and s.rule_id = a.rule_id), a.last_reading_at
  ) < ${instantOf(nowMs)} - a.gap_seconds * interval '1 second'`;
}

/** An alert that was changed, and what changed it. */
export interface PublishedChange {
  readonly id: string;
  readonly traceparent?: string | undefined;
}

/** How many alerts need or have somebody, by severity. */
export async function countActive(tx: Tx): Promise<{ status: string; severity: string; count: number }[]> {
  const rows = await tx.execute(
    sql`select status, severity, count(*) as count from alerts where status in ('open', 'acked') group by status, severity`,
  );
  return rows.map((row) => ({ status: String(row.status), severity: String(row.severity), count: Number(row.count) }));
}

/** Inserts a raised alert, or brings a withdrawn one with the same id back. The cursor is given by `publishChanges`. */
export async function insertAlert(tx: Tx, alert: NewAlert): Promise<void> {
  await tx.execute(sql`
    insert into alerts (id, patient_id, clinic_id, rule_id, rule_version, rule_name, rule_kind, class, severity, status, code, signal, unit, op, threshold,
      hold_seconds, gap_seconds, clear_value, clear_seconds, value, samples_used, samples_rejected, delay_seconds, onset_at, fired_at, cleared_at, late,
      last_reading_at, trend, finding, longest_ms, cursor)
    values (${alert.id}, ${alert.patientId}, ${alert.clinicId}, ${alert.ruleId}, ${alert.ruleVersion}, ${alert.ruleName}, ${alert.ruleKind}, ${alert.class},
      ${alert.severity}, ${alert.status}, ${alert.code}, ${alert.signal}, ${alert.unit}, ${alert.op}, ${alert.threshold}, ${alert.holdSeconds},
      ${alert.gapSeconds}, ${alert.clearValue}, ${alert.clearSeconds}, ${alert.value}, ${alert.samplesUsed}, ${alert.samplesRejected}, ${alert.delaySeconds},
      ${instantOf(alert.onsetAt)}, ${instantOf(alert.firedAt)}, ${instantOf(alert.clearedAt)}, ${alert.late}, ${instantOf(alert.lastReadingAt)},
      ${JSON.stringify(alert.trend)}::jsonb, ${jsonOf(alert.finding)}, ${alert.longestMs ?? null}, 0)
    on conflict (id) do update set status = excluded.status, longest_ms = excluded.longest_ms, severity = excluded.severity, finding = excluded.finding, rule_version = excluded.rule_version, fired_at = excluded.fired_at,
      cleared_at = excluded.cleared_at, late = excluded.late, value = excluded.value, samples_used = excluded.samples_used,
      samples_rejected = excluded.samples_rejected, delay_seconds = excluded.delay_seconds, last_reading_at = excluded.last_reading_at,
      trend = excluded.trend, owner_account_id = null, acked_at = null, ack_expires_at = null, snoozed_until = null, closed_by_hand_at = null`);
}

/** What a new derivation of the same episode changes. */
export type AlertChange = Pick<
  AlertRow,
  | "id"
  | "status"
  | "onsetAt"
  | "firedAt"
  | "late"
  | "value"
  | "lastReadingAt"
  | "trend"
  | "samplesUsed"
  | "severity"
  | "finding"
  | "longestMs"
> & {
  readonly clearedAt?: number;
};

export async function updateAlert(tx: Tx, change: AlertChange): Promise<void> {
  await tx.execute(sql`
    update alerts set status = ${change.status}, longest_ms = ${change.longestMs ?? null}, severity = ${change.severity}, finding = ${jsonOf(change.finding)}, onset_at = ${instantOf(change.onsetAt)}, fired_at = ${instantOf(change.firedAt)},
      cleared_at = ${instantOf(change.clearedAt)}, late = ${change.late}, value = ${change.value}, samples_used = ${change.samplesUsed},
      last_reading_at = ${instantOf(change.lastReadingAt)}, trend = ${JSON.stringify(change.trend)}::jsonb,
      snoozed_until = case when ${change.status} in ('open', 'acked') then snoozed_until end
    where id = ${change.id}`);
}

/** Writes how an alert stands after a step. */
export async function writeStanding(tx: Tx, id: string, standing: Standing): Promise<void> {
  await tx.execute(sql`
    update alerts set status = ${standing.status}, owner_account_id = ${standing.ownerAccountId ?? null}, acked_at = ${instantOf(standing.ackedAt)},
      ack_expires_at = ${instantOf(standing.ackExpiresAt)}, snoozed_until = ${instantOf(standing.snoozedUntil)} where id = ${id}`);
}

/** Ends acknowledgements before their time: nobody has these alerts any more. */
export async function endAcks(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.execute(sql`update alerts set owner_account_id = null, acked_at = null, ack_expires_at = null where id = any(${texts(ids)})`);
}

/** Ends snoozes before their time. */
export async function endSnoozes(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.execute(sql`update alerts set snoozed_until = null where id = any(${texts(ids)})`);
}

/** Says that an alert was closed by hand, and tells the engine. */
export async function writeClosure(
  tx: Tx,
  { id, patientId, ruleId }: Pick<AlertRow, "id" | "patientId" | "ruleId">,
  nowMs: number,
): Promise<void> {
  await tx.execute(sql`update alerts set cleared_at = ${instantOf(nowMs)}, closed_by_hand_at = ${instantOf(nowMs)} where id = ${id}`);
  await tx.execute(sql`
    insert into hand_closures (alert_id, patient_id, rule_id, at_ms) values (${id}, ${patientId}, ${ruleId}, ${nowMs})
    on conflict (alert_id) do update set at_ms = excluded.at_ms, taken = false`);
}

/** Adds to the histories of alerts, in one statement and in the order given. */
export async function addHistory(tx: Tx, entries: readonly (HistoryRow & { readonly patientId: string })[]): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map(({ alertId, patientId, atMs, action, accountId, text, untilMs, toAccountId }) => ({
    alert_id: alertId,
    patient_id: patientId,
    at: new Date(atMs).toISOString(),
    action,
    account_id: accountId,
    text,
    until_at: untilMs === undefined ? undefined : new Date(untilMs).toISOString(),
    to_account_id: toAccountId,
  }));
  await tx.execute(sql`
    insert into alert_history (alert_id, patient_id, at, action, account_id, text, until_at, to_account_id)
    select alert_id, patient_id, at, action, account_id, text, until_at, to_account_id from rows from (json_to_recordset(${JSON.stringify(rows)}::json)
      as (alert_id text, patient_id text, at timestamptz, action text, account_id text, text text, until_at timestamptz, to_account_id text))
      with ordinality as h(alert_id, patient_id, at, action, account_id, text, until_at, to_account_id, place) order by place`);
}
