import type { Alert } from "@episante/contracts/alert";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import type { ActionMeta } from "@episante/service/action";
import type { AuditNote } from "@episante/service/audit";
import type { Tx } from "@episante/service/db";
import { type Decision, standingAs } from "../domain/lifecycle.ts";
import { type AlertRow, addHistory, lockAlerts, publishChanges, writeStanding } from "../storage/alerts.ts";
import { presentAlert } from "./get-alert.ts";

/** Somebody's verb upon one alert, in its transaction. */
interface Verb {
  readonly actor: Actor;
  readonly input: { readonly id: string };
  readonly tx: Tx;
  readonly now: number;
  readonly audit: (note: AuditNote) => void;
  readonly meta: Pick<ActionMeta, "traceparent">;
}
type Person = Extract<Actor, { kind: "user" }>;

/**
 * Decides upon the alert as it stands, locked: of verbs at once each sees what the one before it did. What was decided is written, told to
 * the event stream by `tell`, and published to the feed last. @returns the alert as it then stands, also when there was nothing to do
 */
export async function takeStep(
  { actor, input, tx, now, audit, meta }: Verb,
  decide: (alert: AlertRow, actor: Person) => Decision | Promise<Decision>,
  tell: (after: Omit<AlertRow, "cursor">) => Promise<void>,
): Promise<Alert | Refusal> {
  audit({ entity: { type: "alert", id: input.id } });
  if (actor.kind !== "user") return refuse("forbidden");
  const [alert] = await lockAlerts(tx, [input.id]);
  if (!alert) throw new Error("a granted alert cannot be read");
  const step = await decide(alert, actor);
  if (isRefusal(step)) return step;
  if (step) {
    const { id, patientId } = alert;
    await writeStanding(tx, id, step.standing);
    await addHistory(
      tx,
      step.entries.map((entry) => ({ ...entry, alertId: id, patientId, atMs: now, accountId: actor.accountId })),
    );
    await tell(standingAs(alert, step.standing));
    await publishChanges(tx, [{ id, traceparent: meta.traceparent }], now);
  }
  return presentAlert(tx, input.id, now);
}
