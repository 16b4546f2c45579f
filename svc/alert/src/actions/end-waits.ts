import { grant, type Tx } from "@episante/service/db";
import { emitter } from "@episante/service/outbox";
import type { AlertDeps } from "../deps.ts";
import { passTime, standingAs } from "../domain/lifecycle.ts";
import { addHistory, lockDue, publishChanges, writeStanding } from "../storage/alerts.ts";
import { eventOf } from "./record-transitions.ts";

export const endWaitsJob = "end-waits";
/** Alerts of one transaction: it holds the feed's cursor meanwhile. */
const mostAtOnce = 100;

type Deps = Pick<AlertDeps, "db" | "clock" | "feed">;

/**
 * Ends snoozes and acknowledgements whose time is over, in business time, and tells the alerts again. The row says what waits and until when,
 * and is changed in the transaction that tells: a restart loses none, and nothing is told twice.
 */
export async function endWaits(deps: Deps, now: number): Promise<void> {
  const run = (tx: Tx) => endDue(deps, tx, now);
  for (let count = mostAtOnce; count === mostAtOnce; ) {
    count = await deps.db.transaction(grant.system(endWaitsJob), run);
    if (count > 0) deps.feed.wake();
  }
}

async function endDue({ clock }: Pick<Deps, "clock">, tx: Tx, now: number): Promise<number> {
  const emit = emitter(tx, { kind: "system", job: endWaitsJob }, clock);
  const due = await lockDue(tx, now, mostAtOnce);
  for (const alert of due) {
    const step = passTime(alert, now);
    if (!step) continue;
    await writeStanding(tx, alert.id, step.standing);
    await addHistory(
      tx,
      step.entries.map((entry) => ({ ...entry, alertId: alert.id, patientId: alert.patientId, atMs: now })),
    );
    const after = standingAs(alert, step.standing);
    for (const { action } of step.entries) {
      if (action === "ack-expired") await emit("alert.ack-expired", eventOf(after));
      else await emit("alert.snooze-ended", { ...eventOf(after), reason: "time" });
    }
  }
  await publishChanges(
    tx,
    due.map(({ id }) => ({ id })),
    now,
  );
  return due.length;
}
