import type { Alert } from "@episante/contracts/alert";
import { parseTraceparent } from "@episante/contracts/traceparent";
import type { Tx } from "@episante/service/db";
import { isStale } from "../domain/present.ts";
import { type AlertRow, listHistory } from "../storage/alerts.ts";
import { loadStates } from "../storage/engine-states.ts";
import { namesOf } from "../storage/names.ts";

function traceOf({ traceparent }: AlertRow): Pick<Alert, "traceId"> {
  const trace = parseTraceparent(traceparent);
  return trace ? { traceId: trace.traceId } : {};
}

const instant = (ms: number) => new Date(ms).toISOString();

/** Alerts as clients see them: open ones with what the engine read last, all with their histories and the names of those who acted. */
export async function presentAlerts(tx: Tx, rows: readonly AlertRow[], nowMs: number): Promise<Alert[]> {
  const open = rows.filter(({ status }) => status === "open" || status === "acked");
  const live = new Map((await loadStates(tx, open)).map((state) => [`${state.patientId}|${state.ruleId}`, state]));
  const history = Map.groupBy(
    await listHistory(
      tx,
      rows.map(({ id }) => id),
    ),
    ({ alertId }) => alertId,
  );
  const accounts = [...history.values()].flat().flatMap(({ accountId }) => (accountId ? [accountId] : []));
  const names = await namesOf(tx, [...new Set([...accounts, ...rows.flatMap(({ ownerAccountId }) => ownerAccountId ?? [])])]);
  const person = (accountId: NonNullable<AlertRow["ownerAccountId"]>) => ({ accountId, name: names.get(accountId) ?? "" });
  const openIds = new Set(open.map(({ id }) => id));

  return rows.map((row): Alert => {
    const state = openIds.has(row.id) ? live.get(`${row.patientId}|${row.ruleId}`) : undefined;
    const lastReadingAt = state?.lastAt ?? row.lastReadingAt;
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
      value: state?.lastValue ?? row.value,
      unit: row.unit,
      threshold: row.threshold,
      op: row.op,
      lastReadingAt: instant(lastReadingAt),
      onsetAt: instant(row.onsetAt),
      firedAt: instant(row.firedAt),
      ...(row.clearedAt === undefined ? {} : { clearedAt: instant(row.clearedAt) }),
      ...(isStale(row.status, lastReadingAt, row.gapSeconds, nowMs) ? { stale: true } : {}),
      ...(row.late ? { late: true } : {}),
      ...(row.ownerAccountId ? { owner: person(row.ownerAccountId) } : {}),
      ...(row.ackedAt === undefined ? {} : { ackedAt: instant(row.ackedAt) }),
      trend: (state?.trend ?? row.trend).map(([at, value]): [string, number] => [instant(at), value]),
      explanation: {
        samplesUsed: row.samplesUsed,
        samplesRejected: row.samplesRejected,
        holdSeconds: row.holdSeconds,
        gapSeconds: row.gapSeconds,
        clearValue: row.clearValue,
        clearSeconds: row.clearSeconds,
        delaySeconds: row.delaySeconds,
      },
      history: (history.get(row.id) ?? []).map(({ atMs, action, accountId, text }) => ({
        at: instant(atMs),
        action,
        ...(accountId ? { by: person(accountId) } : {}),
        ...(text ? { text } : {}),
      })),
      cursor: row.cursor,
      ...traceOf(row),
    };
  });
}
