import type { Alert } from "@episante/contracts/alert";
import type { AccountId } from "@episante/contracts/ids";
import type { Actor } from "@episante/contracts/session";
import { parseTraceparent } from "@episante/contracts/traceparent";
import { isActive } from "../domain/lifecycle.ts";
import { isPartial, isStale } from "../domain/present.ts";
import type { AlertRow, ShownRow } from "../storage/alerts.ts";

function traceOf({ traceparent }: AlertRow): Pick<Alert, "traceId"> {
  const trace = parseTraceparent(traceparent);
  return trace ? { traceId: trace.traceId } : {};
}

const instant = (ms: number) => new Date(ms).toISOString();

const person = (accountId: AccountId, name: string | undefined) => ({ accountId, name: name ?? "" });

/** Alerts as clients see them. */
export const presentAlerts = (rows: readonly ShownRow[], nowMs: number): Alert[] => rows.map((row) => presentRow(row, nowMs));

/** An alert as clients see it: an open one with what the engine read last, with its history and the names of those who acted. */
export function presentRow(row: ShownRow, nowMs: number): Alert {
  const { live } = row;
  const lastReadingAt = live?.lastAt ?? row.lastReadingAt;
  return {
    id: row.id,
    patientId: row.patientId,
    clinicId: row.clinicId,
    class: row.class,
    rule: { id: row.ruleId, version: row.ruleVersion, kind: row.ruleKind, name: row.ruleName },
    severity: row.severity,
    status: row.status,
    code: row.code,
    signal: row.signal,
    value: live?.lastValue ?? row.value,
    unit: row.unit,
    threshold: row.threshold,
    op: row.op,
    lastReadingAt: instant(lastReadingAt),
    onsetAt: instant(row.onsetAt),
    firedAt: instant(row.firedAt),
    ...(row.clearedAt === undefined ? {} : { clearedAt: instant(row.clearedAt) }),
    ...(row.class === "clinical" && isStale(row.status, lastReadingAt, row.gapSeconds, nowMs) ? { stale: true } : {}),
    ...(row.late ? { late: true } : {}),
    ...(row.finding && isPartial(row.finding) ? { partial: true } : {}),
    ...(row.ownerAccountId ? { owner: person(row.ownerAccountId, row.ownerName) } : {}),
    ...(row.ackedAt === undefined ? {} : { ackedAt: instant(row.ackedAt) }),
    ...(row.status !== "acked" || row.ackExpiresAt === undefined ? {} : { ackExpiresAt: instant(row.ackExpiresAt) }),
    ...(isActive(row) && row.snoozedUntil !== undefined && row.snoozedUntil > nowMs ? { snoozedUntil: instant(row.snoozedUntil) } : {}),
    ...(row.next
      ? { nextEscalation: { to: row.next.to.startsWith("acc_") ? (row.next.name ?? "") : row.next.to, at: instant(row.next.atMs) } }
      : {}),
    trend: (live?.trend ?? row.trend).map(([at, value]): [string, number] => [instant(at), value]),
    explanation: {
      samplesUsed: row.samplesUsed,
      samplesRejected: row.samplesRejected,
      holdSeconds: row.holdSeconds,
      gapSeconds: row.gapSeconds,
      clearValue: row.clearValue,
      clearSeconds: row.clearSeconds,
      delaySeconds: row.delaySeconds,
      ...(row.finding ? { finding: row.finding } : {}),
    },
    history: row.history.map(({ atMs, action, accountId, name, text, untilMs, toAccountId, toName }) => ({
      at: instant(atMs),
      action,
      ...(accountId ? { by: person(accountId, name) } : {}),
      ...(text ? { text } : {}),
      ...(untilMs === undefined ? {} : { until: instant(untilMs) }),
      ...(toAccountId ? { to: person(toAccountId, toName) } : {}),
    })),
    cursor: row.cursor,
    ...traceOf(row),
  };
}

/** Comments are for those who treat: patients read their own alerts without them. */
export function shownTo(actor: Actor, alert: Alert): Alert {
  const isOwn = actor.kind === "user" && actor.patientId === alert.patientId;
  return isOwn ? { ...alert, history: alert.history.filter(({ action }) => action !== "commented") } : alert;
}

/** A change as the feed tells it, and what caused it. */
export interface FeedAlert {
  readonly alert: Alert;
  readonly traceparent: string | undefined;
}

/** An alert as stored, as the feed tells it. */
export function feedAlert(row: ShownRow, nowMs: number): FeedAlert {
  return { alert: presentRow(row, nowMs), traceparent: row.traceparent };
}
