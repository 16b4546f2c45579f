import type { AccountId, AlertId } from "@episante/contracts/ids";
import type { ChainStep, OnCallSettings } from "@episante/contracts/on-call";
import type { Severity } from "@episante/contracts/rule";
import { hasRota } from "./rota.ts";

/** How far a chain has come for an alert since it began to call. Times in milliseconds, business time. */
export interface Run {
  /** From when its steps are counted: when the alert began to call, or later where the chain had to wait. */
  readonly fromMs: number;
  /** Steps that are behind it: told, or found to be nobody. */
  readonly done: number;
  /** It waits until a more severe alert of the same signal ends. */
  readonly isInhibited: boolean;
}

/** Whom the next step means: an account, whoever is on call, or (behind the last step) the doctors who treat the patient. */
export type StepTarget = ChainStep["to"] | "doctors";

/** What a chain is decided by, besides the time. */
export interface Facts {
  readonly steps: readonly ChainStep[];
  /** False where nobody is told unless a step says so: notices. */
  readonly hasNet: boolean;
  /** Who a step's target is now; undefined: nobody. */
  readonly who: (to: ChainStep["to"]) => AccountId | undefined;
  /** Doctors who treat the patient, for when the last step reaches nobody. */
  readonly doctors: readonly AccountId[];
  /** Until when somebody is left in peace by this alert; undefined: not now. */
  readonly quietUntil: (accountId: AccountId) => number | undefined;
  /** A more severe alert of the same patient and signal. */
  readonly inhibitor?: AlertId | undefined;
}

/** Somebody to be told now. */
export interface Call {
  readonly step: number;
  readonly accountId: AccountId;
  /** It was due noticeably earlier: the installation was down, or the readings came late. */
  readonly isLate: boolean;
}

/** What a chain does now, and what is next. */
export interface Advance {
  readonly run: Run;
  readonly calls: readonly Call[];
  /** Steps that were nobody. */
  readonly holes: readonly number[];
  /** Who sleeps, and until when the chain waits for them. */
  readonly held?: { readonly accountIds: readonly AccountId[]; readonly untilMs: number };
  readonly next?: { readonly to: StepTarget; readonly atMs: number };
}

/** A page leaves within a second or two of its time; later than this it is said to be late. */
const lateAfterMs = 10_000;

/** The steps of a severity as the clinic set them; with none, whoever is on call at once. Notices without steps tell nobody. */
export function stepsOf(severity: Severity, { chains, rota }: Pick<OnCallSettings, "chains" | "rota">): readonly ChainStep[] {
  const steps = chains[severity] ?? [];
  return steps.length === 0 && severity !== "notice" && hasRota(rota) ? [{ to: "on-call", afterSeconds: 0 }] : steps;
}

/**
 * Takes every step that is due: all at once after a pause, but nobody twice in one instant. A step that is nobody hands over to the next at
 * once, and the last to the doctors who treat the patient. Where everybody a step means sleeps, the chain waits for the first who wakes; while
 * a more severe alert of the same signal lasts, it waits for that. What comes after a wait is counted from its end.
 */
export function advance(run: Run, facts: Facts, nowMs: number): Advance {
  const afterMs = (step: number) => (facts.steps[Math.min(step, facts.steps.length - 1)]?.afterSeconds ?? 0) * 1000;
  let { done } = run;
  let fromMs = run.isInhibited && !facts.inhibitor ? nowMs - afterMs(done) : run.fromMs;
  const [calls, holes, told] = [[] as Call[], [] as number[], new Set<AccountId>()];
  const standing = (more: Partial<Advance>): Advance => ({ run: { fromMs, done, isInhibited: false }, calls, holes, ...more });
  let isHandedOver = done === 0 && facts.steps.length === 0;
  for (;;) {
    const step = facts.steps[done];
    const to: StepTarget = step?.to ?? "doctors";
    const isOver = done > facts.steps.length || (step === undefined && !(isHandedOver && facts.hasNet));
    if (isOver) return standing({});
    const dueMs = fromMs + afterMs(done);
    if (!isHandedOver && dueMs > nowMs) return standing({ next: { to, atMs: dueMs } });
    if (facts.inhibitor) return standing({ run: { fromMs, done, isInhibited: true } });
    const meant = step ? [facts.who(step.to)].filter((one) => one !== undefined) : facts.doctors;
    const sleepers = meant.flatMap((accountId) => {
      const untilMs = facts.quietUntil(accountId);
      return untilMs === undefined ? [] : [{ accountId, untilMs }];
    });
    if (meant.length > 0 && sleepers.length === meant.length) {
      const untilMs = Math.min(...sleepers.map((one) => one.untilMs));
      fromMs = untilMs - afterMs(done);
      return standing({ held: { accountIds: sleepers.map(({ accountId }) => accountId), untilMs }, next: { to, atMs: untilMs } });
    }
    const isLate = !isHandedOver && nowMs - dueMs > lateAfterMs;
    for (const accountId of meant) {
      if (told.has(accountId) || sleepers.some((one) => one.accountId === accountId)) continue;
      told.add(accountId);
      calls.push({ step: done, accountId, isLate });
    }
    isHandedOver = meant.length === 0;
    if (isHandedOver) holes.push(done);
    done += 1;
  }
}
