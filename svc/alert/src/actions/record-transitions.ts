import type { EventData } from "@episante/contracts/events";
import type { PatientId } from "@episante/contracts/ids";
import type { Severity } from "@episante/contracts/rule";
import type { Tx } from "@episante/service/db";
import type { Emit } from "@episante/service/outbox";
import { pipelined } from "@episante/service/pipelined";
import { severityOf, type Transition } from "../domain/engine.ts";
import { isActive, isMoreSevere, isPiercedBy, type Standing } from "../domain/lifecycle.ts";
import { statusAfter } from "../domain/status.ts";
import {
  type AlertRow,
  addHistory,
  endAcks,
  endSnoozes,
  insertAlert,
  type NewAlert,
  publishChanges,
  updateAlert,
} from "../storage/alerts.ts";
import type { Entry } from "./engine-cache.ts";
import type { LiveRule } from "./live-rules.ts";
import type { ChangedAlert } from "./tell-feed.ts";

/** A transition with what its alert's row needs beyond it. */
export interface AlertTransition {
  readonly transition: Transition;
  readonly rule: LiveRule;
  readonly clinicId: string;
  readonly patientId: string;
  readonly receivedAtMs: number;
  /** Of the frame that made it, where that is recorded. */
  readonly traceparent?: string | undefined;
  readonly entry: Pick<Entry, "trend" | "lastAt" | "lastValue">;
}

/** What is written of a batch: alerts as they stand while it is told, what their histories gain, and statements under way. */
interface Record {
  readonly tx: Tx;
  readonly emit: Emit;
  readonly known: Map<string, Omit<AlertRow, "cursor">>;
  readonly history: Parameters<typeof addHistory>[1][number][];
  readonly writes: Promise<unknown>[];
}

/** Alerts that must be locked as they stand before transitions change them; those they raise are not there yet, or are brought back. */
export function idsToLock(changes: readonly AlertTransition[]): string[] {
  return [...new Set(changes.flatMap(({ transition: { kind, id } }) => (kind === "raised" ? [] : [id])))];
}

/** Patients whose snoozed alerts must be locked with them: what pages may end their snoozes. */
export function patientsChanged(changes: readonly AlertTransition[]): string[] {
  return [...new Set(changes.map(({ patientId }) => patientId))];
}

/** A snooze that ends before its time, and what ends it. */
export interface Pierced {
  readonly alert: AlertRow;
  readonly by: AlertTransition;
}

/** The alerts that transitions change and those whose snoozes they end, each once. */
export function changedAlerts(changes: readonly AlertTransition[], pierced: readonly Pierced[]): ChangedAlert[] {
  const own = changes.map(({ transition, patientId }) => [transition.id as string, patientId] as const);
  const patients = new Map([...own, ...pierced.map(({ alert }) => [alert.id as string, alert.patientId] as const)]);
  return [...patients].map(([alertId, patientId]) => ({ alertId, patientId }));
}

/**
 * Snoozes that end because something more severe pages for the same patient. What is recorded late, or has ended already, pages nobody and
 * ends none.
 * @param locked at least the alerts of `idsToLock` and the snoozed ones of `patientsChanged`
 */
export function snoozesPierced(changes: readonly AlertTransition[], locked: readonly AlertRow[]): Pierced[] {
  const known = new Map(locked.map((row) => [row.id as string, row]));
  const paging = changes.flatMap((by) => {
    const severity = severityPaged(by, known.get(by.transition.id));
    return severity ? [{ by, severity }] : [];
  });
  return locked.flatMap((alert) => {
    const worse = paging.find(({ by, severity }) => by.patientId === alert.patientId && isPiercedBy(alert, severity));
    return worse ? [{ alert, by: worse.by }] : [];
  });
}

/** The severity with which a transition pages somebody; undefined: it pages nobody. */
function severityPaged(change: AlertTransition, before: AlertRow | undefined): Severity | undefined {
  const { kind, episode } = change.transition;
  if (!episode.paged || episode.clearedAt !== undefined) return undefined;
  if (kind === "raised") return newAlert(change).severity;
  const isAgain = kind === "paged" || kind === "reopened" || kind === "worsened";
  return isAgain && before?.closedByHandAt === undefined ? (episode.severity ?? before?.severity) : undefined;
}

/**
 * Writes alerts, their histories and events, in the order the engine decided; the feed's cursors come last, and the last is returned.
 * All statements leave at once and run in that order.
 * @param locked at least the alerts of `idsToLock`
 * @param pierced as `snoozesPierced` says
 */
export async function recordTransitions(
  tx: Tx,
  changes: readonly AlertTransition[],
  locked: readonly AlertRow[],
  pierced: readonly Pierced[],
  emit: Emit,
  nowMs: number,
): Promise<number | undefined> {
  if (changes.length === 0) return undefined;
  const record: Record = { tx, emit, known: new Map(locked.map((row) => [row.id, row])), history: [], writes: [] };
  for (const change of changes) {
    if (change.transition.kind === "raised") raise(record, change);
    else derive(record, change);
  }
  for (const one of pierced) pierce(record, one);
  record.writes.push(addHistory(tx, record.history));
  const changed = [
    ...pierced.map(({ alert, by }) => ({ id: alert.id, traceparent: by.traceparent })),
    ...changes.map(({ transition, traceparent }) => ({ id: transition.id, traceparent })),
  ];
  const cursor = publishChanges(tx, changed, nowMs);
  await pipelined([...record.writes, cursor]);
  return cursor;
}

function raise({ tx, emit, known, history, writes }: Record, change: AlertTransition): void {
  const alert = newAlert(change);
  writes.push(insertAlert(tx, alert));
  known.set(alert.id, alert);
  writes.push(emit("alert.raised", eventOf({ ...alert, status: "open" }), change.traceparent));
  const entry = { alertId: alert.id, patientId: alert.patientId, atMs: change.receivedAtMs };
  history.push({ ...entry, action: alert.late ? "recorded-late" : "raised" });
  if (alert.clearedAt === undefined) return;
  history.push({ ...entry, action: "resolved" });
  writes.push(emit("alert.resolved", eventOf(alert), change.traceparent));
}

function derive(
  { tx, emit, known, history, writes }: Record,
  { transition, rule, receivedAtMs, traceparent, entry }: AlertTransition,
): void {
  const before = known.get(transition.id);
  if (!before || before.status === "withdrawn") return;
  const { episode } = transition;
  const severity = severityOf(episode, rule);
  const isWorse = isMoreSevere(severity, before.severity);
  const status = statusAfter(transition.kind, { ...before, isCleared: episode.clearedAt !== undefined, isWorse });
  const isFreed = isWorse && status === "open" && before.ackedAt !== undefined;
  const clearedAt = before.closedByHandAt ?? episode.clearedAt;
  const after = {
    id: before.id,
    status,
    onsetAt: episode.onsetAt,
    firedAt: episode.firedAt,
    late: !episode.paged,
    value: entry.lastValue ?? before.value,
    lastReadingAt: entry.lastAt ?? before.lastReadingAt,
    trend: entry.trend,
    samplesUsed: episode.used,
    severity,
    ...(episode.longestMs === undefined ? {} : { longestMs: episode.longestMs }),
    ...(episode.finding ? { finding: episode.finding } : {}),
    ...(clearedAt === undefined ? {} : { clearedAt }),
  };
  writes.push(updateAlert(tx, after));
  if (isFreed) writes.push(endAcks(tx, [before.id]));
  const { clearedAt: _, ...rest } = isFreed ? withoutAck(before) : before;
  const alert = { ...rest, ...after };
  known.set(alert.id, alert);
  const action = actionOf(transition, before, status);
  if (action) {
    const text = transition.kind === "withdrawn" ? { text: transition.reason } : {};
    history.push({ alertId: before.id, patientId: before.patientId, atMs: receivedAtMs, action, ...text });
  }
  if (isFreed) history.push({ alertId: before.id, patientId: before.patientId, atMs: receivedAtMs, action: "ack-pierced" });
  const isPagedNow = before.late && !after.late && before.closedByHandAt === undefined;
  if (action === "worsened" && isActive(alert)) writes.push(emit("alert.raised", eventOf(alert), traceparent));
  if (isPagedNow || action === "reopened") writes.push(emit("alert.raised", eventOf({ ...alert, status: "open" }), traceparent));
  if (action === "resolved") writes.push(emit("alert.resolved", eventOf(alert), traceparent));
  if (action === "withdrawn") writes.push(emit("alert.withdrawn", eventOf(alert), traceparent));
}

function withoutAck<A extends Standing>({ ownerAccountId: _, ackedAt: __, ackExpiresAt: ___, ...rest }: A) {
  return rest;
}

/** Ends a snooze before its time; one whose alert ended in the same batch has ended with it. */
function pierce({ tx, emit, known, history, writes }: Record, { alert: { id }, by }: Pierced): void {
  const before = known.get(id);
  if (!before || !isActive(before)) return;
  const { snoozedUntil: _, ...alert } = before;
  writes.push(endSnoozes(tx, [id]));
  known.set(id, alert);
  history.push({ alertId: id, patientId: alert.patientId, atMs: by.receivedAtMs, action: "snooze-pierced" });
  writes.push(emit("alert.snooze-ended", { ...eventOf(alert), reason: "worse" }, by.traceparent));
}

/** The entry of the history a transition leaves, if any. */
function actionOf(transition: Transition, before: Pick<AlertRow, "status">, status: AlertRow["status"]): string | undefined {
  if (transition.kind === "worsened" && isActive(before) && isActive({ status })) return "worsened";
  if (status !== before.status) return status === "open" || status === "acked" ? "reopened" : status;
  if (transition.kind === "paged") return "raised";
  return transition.kind === "changed" ? "re-derived" : undefined;
}

function newAlert({ transition, rule, clinicId, patientId, entry }: AlertTransition): NewAlert {
  const { episode } = transition;
  const version = rule.stored.versions.find((one) => one.version === episode.version) ?? rule.stored.versions.at(-1);
  const compiled = rule.versions.find((one) => one.version === episode.version) ?? rule.versions.at(-1);
  if (!version || !compiled) throw new Error("a rule without versions fired");
  return {
    id: transition.id,
    patientId: patientId as PatientId,
    clinicId: clinicId as NewAlert["clinicId"],
    ruleId: rule.id,
    ruleVersion: version.version,
    ruleName: version.name,
    ruleKind: version.body.kind,
    class: compiled.class ?? "clinical",
    severity: episode.severity ?? compiled.severity,
    status: episode.clearedAt === undefined ? "open" : "resolved",
    ...compiled.shown,
    holdSeconds: compiled.holdMs / 1000,
    gapSeconds: compiled.gapMs / 1000,
    clearSeconds: compiled.clearMs / 1000,
    value: entry.lastValue ?? episode.value,
    samplesUsed: episode.used,
    samplesRejected: episode.rejected,
    delaySeconds: episode.delayMs / 1000,
    onsetAt: episode.onsetAt,
    firedAt: episode.firedAt,
    ...(episode.clearedAt === undefined ? {} : { clearedAt: episode.clearedAt }),
    late: !episode.paged,
    lastReadingAt: entry.lastAt ?? episode.firedAt,
    trend: entry.trend,
    ...(episode.longestMs === undefined ? {} : { longestMs: episode.longestMs }),
    ...(episode.finding ? { finding: episode.finding } : {}),
  };
}

/** An alert as the stream tells it: ids and times, no values. */
export function eventOf(alert: Omit<NewAlert, "trend"> & Partial<Omit<Standing, "status">>): EventData<"alert.raised"> {
  const instant = (ms: number) => new Date(ms).toISOString();
  return {
    id: alert.id,
    patientId: alert.patientId,
    clinicId: alert.clinicId,
    class: alert.class,
    severity: alert.severity,
    status: alert.status,
    code: alert.code,
    signal: alert.signal,
    onsetAt: instant(alert.onsetAt),
    firedAt: instant(alert.firedAt),
    ruleId: alert.ruleId,
    ruleVersion: alert.ruleVersion,
    late: alert.late,
    ...(alert.ownerAccountId ? { accountId: alert.ownerAccountId } : {}),
    ...(alert.ackedAt === undefined ? {} : { ackedAt: instant(alert.ackedAt) }),
    ...(alert.clearedAt === undefined ? {} : { clearedAt: instant(alert.clearedAt) }),
    ...(alert.snoozedUntil === undefined ? {} : { snoozedUntil: instant(alert.snoozedUntil) }),
  };
}
