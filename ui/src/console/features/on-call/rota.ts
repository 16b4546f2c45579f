import type { OnCallSettings } from "@episante/contracts/on-call";
import { addDays, dayOf } from "../../../shared/lib/format.ts";
import { instantOf } from "../practice/absence-form.ts";

type Rota = Pick<OnCallSettings, "zone" | "rota">;
/** A stretch of time in milliseconds, its end not included. */
export interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
}
interface Duty extends Stretch {
  readonly accountId: string;
}

const dayMs = 86_400_000;
const daysAhead = 8;

/** True when a turn passes midnight: it ends at or before the time it begins at. */
export function passesMidnight(from: string, to: string): boolean {
  return to <= from;
}

/** ISO weekday of a calendar day: 1 is Monday. */
function weekdayOf(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
}

/** A stretch from one time of a day to another, on the wall clock of a zone; with `to` at or before `from` it ends on the next day. */
export function stretchOf(day: string, { from, to }: { readonly from: string; readonly to: string }, zone: string): Stretch {
  const lastDay = passesMidnight(from, to) ? addDays(day, 1) : day;
  return { startMs: instantOf(day, from, zone), endMs: instantOf(lastDay, to, zone) };
}

/** Duties from yesterday until `daysAhead` later, in the order of the setting. */
function dutiesFrom({ zone, rota }: Rota, nowMs: number): { weekly: Duty[]; exceptions: Duty[] } {
  const today = dayOf(nowMs, zone);
  const days = Array.from({ length: daysAhead + 2 }, (_, index) => addDays(today, index - 1));
  return {
    weekly: rota.weekly.flatMap((turn) =>
      days
        .filter((day) => weekdayOf(day) === turn.day)
        .map((day) => ({ ...stretchOf(day, turn, zone), accountId: turn.accountId as string })),
    ),
    exceptions: rota.exceptions.map(({ from, to, accountId }) => ({ startMs: Date.parse(from), endMs: Date.parse(to), accountId })),
  };
}

function whoAt({ weekly, exceptions }: ReturnType<typeof dutiesFrom>, atMs: number): string | undefined {
  const isOn = ({ startMs, endMs }: Stretch) => startMs <= atMs && atMs < endMs;
  return (exceptions.findLast(isOn) ?? weekly.findLast(isOn))?.accountId;
}

/** Who is on call at an instant, by the server's rule: exceptions win, and of several at once the last in the list. */
export function onCallAt(setting: Rota, atMs: number): string | undefined {
  return whoAt(dutiesFrom(setting, atMs), atMs);
}

/** Times of the coming seven days in which nobody is on call, in order; one that lasts longer has no end. */
export function holesOf(setting: Rota, nowMs: number): { startMs: number; endMs?: number }[] {
  const duties = dutiesFrom(setting, nowMs);
  const endMs = nowMs + 7 * dayMs;
  const edges = [...duties.weekly, ...duties.exceptions]
    .flatMap(({ startMs, endMs: end }) => [startMs, end])
    .filter((edge) => edge > nowMs && edge < endMs);
  const marks = [...new Set([nowMs, ...edges, endMs])].sort((one, other) => one - other);
  const holes: { startMs: number; endMs?: number }[] = [];
  for (const [index, startMs] of marks.entries()) {
    const next = marks[index + 1];
    if (next === undefined || whoAt(duties, startMs) !== undefined) continue;
    const last = holes.at(-1);
    const isOneHole = last?.endMs === startMs;
    if (isOneHole) holes.pop();
    holes.push({ startMs: isOneHole ? last.startMs : startMs, ...(next === endMs ? {} : { endMs: next }) });
  }
  return holes;
}
