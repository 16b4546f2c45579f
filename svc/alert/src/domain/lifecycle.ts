import { type AckExpiry, type Alert, criticalSnoozeMinutes } from "@episante/contracts/alert";
import type { AccountId } from "@episante/contracts/ids";
import { type Refusal, refuse } from "@episante/contracts/problem";
import { type Severity, severities } from "@episante/contracts/rule";

/** What people and time change of an alert. Times in milliseconds. */
export interface Standing {
  readonly status: Alert["status"];
  readonly ownerAccountId?: AccountId;
  readonly ackedAt?: number;
  readonly ackExpiresAt?: number;
  readonly snoozedUntil?: number;
}

/** An alert as far as its lifecycle is decided by it. */
export interface Standable extends Standing {
  readonly severity: Severity;
  readonly closedByHandAt?: number;
}

/** What a step leaves in the history. */
export interface Entry {
  readonly action: "acked" | "resolved" | "snoozed" | "snooze-ended" | "snooze-pierced" | "assigned" | "ack-expired";
  readonly untilMs?: number;
  readonly toAccountId?: AccountId;
}

/** How an alert stands after a step. */
export interface Step {
  readonly standing: Standing;
  readonly entries: readonly Entry[];
}

/** A refusal, a step, or nothing to do: the alert stands so already, whoever was first. */
export type Decision = Refusal | Step | undefined;

const minuteMs = 60_000;

/** Somebody still has to look after it. */
export function isActive({ status }: Pick<Standing, "status">): boolean {
  return status === "open" || status === "acked";
}

/** True when the first severity is worse. */
export function isMoreSevere(one: Severity, other: Severity): boolean {
  return severities.indexOf(one) < severities.indexOf(other);
}

function standingOf({ status, ownerAccountId, ackedAt, ackExpiresAt, snoozedUntil }: Standing): Standing {
  return {
    status,
    ...(ownerAccountId === undefined ? {} : { ownerAccountId }),
    ...(ackedAt === undefined ? {} : { ackedAt }),
    ...(ackExpiresAt === undefined ? {} : { ackExpiresAt }),
    ...(snoozedUntil === undefined ? {} : { snoozedUntil }),
  };
}

/** An alert as it stands after a step: what the step took away is gone. */
export function standingAs<A extends Standing>(alert: A, standing: Standing): Omit<A, keyof Standing> & Standing {
  const { status: _, ownerAccountId: __, ackedAt: ___, ackExpiresAt: ____, snoozedUntil: _____, ...rest } = alert;
  return { ...rest, ...standing };
}

/** When an acknowledgement given now is forgotten, by the clinic's setting; undefined: never. */
export function ackExpiresAt(
  severity: Severity,
  { criticalMinutes, warningMinutes }: Omit<AckExpiry, "clinicId">,
  nowMs: number,
): number | undefined {
  const minutes = severity === "critical" ? criticalMinutes : severity === "warning" ? warningMinutes : null;
  return minutes === null ? undefined : nowMs + minutes * minuteMs;
}

/** Takes an open alert in charge; one that somebody has taken stays theirs. */
export function take(alert: Standable, by: AccountId, expiry: Omit<AckExpiry, "clinicId">, nowMs: number): Decision {
  if (alert.status === "acked") return undefined;
  if (alert.status !== "open") return refuse("wrong-state");
  const expiresAt = ackExpiresAt(alert.severity, expiry, nowMs);
  const { ackExpiresAt: _, ...standing } = standingOf(alert);
  return {
    standing: {
      ...standing,
      status: "acked",
      ownerAccountId: by,
      ackedAt: nowMs,
      ...(expiresAt === undefined ? {} : { ackExpiresAt: expiresAt }),
    },
    entries: [{ action: "acked" }],
  };
}

/** Closes an alert by hand; one that somebody has closed stays closed by them, one that ended by itself cannot be closed. */
export function close(alert: Standable): Decision {
  if (isActive(alert)) {
    const { snoozedUntil: _, ackExpiresAt: __, ...standing } = standingOf(alert);
    return { standing: { ...standing, status: "resolved" }, entries: [{ action: "resolved" }] };
  }
  return alert.status === "resolved" && alert.closedByHandAt !== undefined ? undefined : refuse("wrong-state");
}

/** Keeps an alert quiet. A critical one only after somebody took it in charge, and not for long. The last of several snoozes counts. */
export function snooze(alert: Standable, minutes: number, nowMs: number): Decision {
  if (!isActive(alert)) return refuse("wrong-state");
  if (alert.severity === "critical") {
    if (alert.status === "open")
      return refuse("wrong-state", { detail: "A critical alert must be taken in charge before it can be snoozed" });
    if (minutes > criticalSnoozeMinutes)
      return refuse("invalid-input", { errors: [{ path: "minutes", message: `at most ${criticalSnoozeMinutes} for a critical alert` }] });
  }
  const untilMs = nowMs + minutes * minuteMs;
  if (alert.snoozedUntil === untilMs) return undefined;
  return { standing: { ...standingOf(alert), snoozedUntil: untilMs }, entries: [{ action: "snoozed", untilMs }] };
}

/** Ends a snooze before its time. One that nobody has put off stays as it is. */
export function endSnooze(alert: Standable): Decision {
  if (!isActive(alert)) return refuse("wrong-state");
  if (alert.snoozedUntil === undefined) return undefined;
  const { snoozedUntil: _, ...standing } = standingOf(alert);
  return { standing, entries: [{ action: "snooze-ended" }] };
}

/** Gives an alert to somebody. That is no acknowledgement: an open one stays open, a taken one keeps the end of its acknowledgement. */
export function assign(alert: Standable, to: AccountId): Decision {
  if (!isActive(alert)) return refuse("wrong-state");
  if (alert.ownerAccountId === to) return undefined;
  return { standing: { ...standingOf(alert), ownerAccountId: to }, entries: [{ action: "assigned", toAccountId: to }] };
}

/** What time has ended of an alert by now: its acknowledgement, its snooze, both, or nothing. */
export function passTime(alert: Standable, nowMs: number): Step | undefined {
  if (!isActive(alert)) return undefined;
  let standing = standingOf(alert);
  const entries: Entry[] = [];
  if (alert.status === "acked" && alert.ackExpiresAt !== undefined && alert.ackExpiresAt <= nowMs) {
    const { ownerAccountId: _, ackedAt: __, ackExpiresAt: ___, ...rest } = standing;
    standing = { ...rest, status: "open" };
    entries.push({ action: "ack-expired" });
  }
  if (alert.snoozedUntil !== undefined && alert.snoozedUntil <= nowMs) {
    const { snoozedUntil: _, ...rest } = standing;
    standing = rest;
    entries.push({ action: "snooze-ended" });
  }
  return entries.length > 0 ? { standing, entries } : undefined;
}

/** True when something of this severity pages, for the same patient, over a snooze of less. */
export function isPiercedBy(alert: Standable, severity: Severity): boolean {
  return isActive(alert) && alert.snoozedUntil !== undefined && isMoreSevere(severity, alert.severity);
}
