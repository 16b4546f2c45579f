import type { Level } from "../alerts/alert-board.ts";

/** A tone the console can give. Deliberately not the melodies of bedside monitors. */
export type Tone = "critical" | "warning" | "technical";

/** Criticals call again this often until somebody takes them; warnings at most once per patient in a minute; mute ends by itself. Milliseconds. */
export const repeatMs = 15_000;
export const warningQuietMs = 60_000;
export const longestMuteMs = 120_000;

/** What the alarm remembers between two looks. */
export interface AlarmState {
  readonly lastCriticalAt: number | undefined;
  readonly warnedAt: Readonly<Record<string, number>>;
  readonly mutedUntil: number;
}
export const quietAlarm: AlarmState = { lastCriticalAt: undefined, warnedAt: {}, mutedUntil: 0 };

/** What there is to call for: criticals nobody took, and what has just arrived. */
export interface AlarmSituation {
  readonly untaken: number;
  readonly arrived: readonly { readonly patientId: string; readonly level: Level; readonly patientHasCritical: boolean }[];
}

/** Decides the one tone to give now; the loudest wins, nothing is played twice. Muting silences every tone, never the screen. */
export function planTone(state: AlarmState, situation: AlarmSituation, now: number): { state: AlarmState; tone: Tone | undefined } {
  const muted = now < state.mutedUntil;
  const newCritical = situation.arrived.some((alert) => alert.level === "critical");
  if (situation.untaken === 0 && state.lastCriticalAt !== undefined) state = { ...state, lastCriticalAt: undefined };
  if (!muted && situation.untaken > 0 && (newCritical || state.lastCriticalAt === undefined || now - state.lastCriticalAt >= repeatMs)) {
    return { state: { ...state, lastCriticalAt: now }, tone: "critical" };
  }
  let tone: Tone | undefined;
  const warnedAt = { ...state.warnedAt };
  for (const alert of situation.arrived) {
    if (alert.level === "warning" && now - (warnedAt[alert.patientId] ?? Number.NEGATIVE_INFINITY) >= warningQuietMs) {
      warnedAt[alert.patientId] = now;
      tone = "warning";
    } else if (alert.level === "technical" && alert.patientHasCritical) tone ??= "technical";
  }
  return { state: { ...state, warnedAt }, tone: muted ? undefined : tone };
}

/** Silences this console for at most two minutes; muting again before the end starts over, `off` ends it. */
export function mute(state: AlarmState, now: number, off = false): AlarmState {
  return { ...state, mutedUntil: off ? 0 : now + longestMuteMs, lastCriticalAt: off ? state.lastCriticalAt : undefined };
}
