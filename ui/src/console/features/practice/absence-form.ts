import type { AbsenceVisit, absencePlanSchema } from "@episante/contracts/absence";
import type { Reason } from "@episante/contracts/doctor";
import { addDays, clock, dayOf } from "../../../shared/lib/format.ts";
import { dayStartMs } from "../agenda/day-layout.ts";
import { readTime } from "./hours-form.ts";

export const plans = ["keep", "cancel", "move", "colleague"] as const;
export type PlanKind = (typeof plans)[number];
export type Otherwise = "keep" | "cancel";
type Plan = (typeof absencePlanSchema)["_zod"]["input"];

/** The form of an absence, as typed. */
export interface AbsenceDraft {
  readonly firstDay: string;
  readonly lastDay: string;
  /** Only from one time of day to another; else whole days. */
  readonly isPartial: boolean;
  readonly from: string;
  readonly to: string;
  readonly note: string;
  readonly plan: PlanKind;
  readonly moveToDay: string;
  readonly toDoctorId: string;
  /** The colleague's reason that stands for each of the doctor's; empty: none. */
  readonly reasons: Readonly<Record<string, string>>;
  readonly otherwise: Otherwise;
  readonly reason: string;
}
export type AbsenceFault = "day" | "order" | "past" | "time" | "times" | "moveDay" | "colleague";
export type AbsenceFaults = Partial<Record<keyof AbsenceDraft, AbsenceFault>>;

/** An empty form for a day. */
export function newDraft(today: string): AbsenceDraft {
  return {
    firstDay: today,
    lastDay: today,
    isPartial: false,
    from: "",
    to: "",
    note: "",
    plan: "keep",
    moveToDay: "",
    toDoctorId: "",
    reasons: {},
    otherwise: "keep",
    reason: "",
  };
}

/** Instant at which a zone's clock shows a time of day; one that it skips gives the first after the change. */
export function instantOf(day: string, timeOfDay: string, zone: string): number {
  if (timeOfDay === "24:00") return dayStartMs(addDays(day, 1), zone);
  const wanted = Date.parse(`${day}T${timeOfDay}:00Z`);
  const shown = (ms: number) => Date.parse(`${dayOf(ms, zone)}T${clock(ms, zone)}:00Z`);
  const guess = wanted - (shown(wanted) - wanted);
  return guess - (shown(guess) - wanted);
}

/** The period of a draft: whole days end with the midnight after the last. Milliseconds; undefined while something is missing. */
export function periodOf(draft: AbsenceDraft, zone: string): { startMs: number; endMs: number } | undefined {
  const { firstDay, lastDay, isPartial } = draft;
  if (!firstDay || !lastDay) return undefined;
  if (!isPartial) return { startMs: dayStartMs(firstDay, zone), endMs: dayStartMs(addDays(lastDay, 1), zone) };
  const [from, to] = [readTime(draft.from), readTime(draft.to)];
  return from && to ? { startMs: instantOf(firstDay, from, zone), endMs: instantOf(lastDay, to, zone) } : undefined;
}

/** What is wrong with a draft, by field. */
export function faultsOf(draft: AbsenceDraft, zone: string, nowMs: number): AbsenceFaults {
  const faults: AbsenceFaults = {};
  if (!draft.firstDay) faults.firstDay = "day";
  if (!draft.lastDay) faults.lastDay = "day";
  else if (draft.firstDay && draft.lastDay < draft.firstDay) faults.lastDay = "order";
  if (draft.isPartial && !readTime(draft.from)) faults.from = "time";
  if (draft.isPartial && !readTime(draft.to)) faults.to = "time";
  const period = periodOf(draft, zone);
  if (period && Object.keys(faults).length === 0) {
    if (period.endMs <= period.startMs) faults.to = "times";
    else if (period.endMs <= nowMs) faults.lastDay = "past";
  }
  const { plan, moveToDay, firstDay, lastDay } = draft;
  const isWithin = !draft.isPartial && moveToDay >= firstDay && moveToDay <= lastDay;
  if (plan === "move" && (!moveToDay || moveToDay < dayOf(nowMs, zone) || isWithin)) faults.moveToDay = "moveDay";
  if (plan === "colleague" && !draft.toDoctorId) faults.toDoctorId = "colleague";
  return faults;
}

/** What the API is told of the visits. */
export function planOf(draft: AbsenceDraft): Plan {
  const { plan, otherwise } = draft;
  const reason = draft.reason.trim() === "" ? {} : { reason: draft.reason.trim() };
  if (plan === "keep") return { plan };
  if (plan === "cancel") return { plan, ...reason };
  if (plan === "move") return { plan, moveToDay: draft.moveToDay, otherwise, ...(otherwise === "cancel" ? reason : {}) };
  const reasons = Object.entries(draft.reasons).flatMap(([reasonId, toReasonId]) =>
    toReasonId === "" ? [] : [{ reasonId: reasonId as Reason["id"], toReasonId: toReasonId as Reason["id"] }],
  );
  const toDoctorId = draft.toDoctorId as `doc_${string}`;
  return { plan, toDoctorId, reasons, otherwise, ...(otherwise === "cancel" ? reason : {}) };
}

const fold = (text: string) => text.trim().toLocaleLowerCase("fr").normalize("NFC");

/** The colleague's reason for each of the doctor's: one of the same name, in either language, and length; else none. */
export function equalReasons(own: readonly Reason[], theirs: readonly Reason[]): Record<string, string> {
  return Object.fromEntries(
    own.map(({ id, name, minutes }) => {
      const equal = theirs.find(
        (other) => other.minutes === minutes && (fold(other.name.fr) === fold(name.fr) || fold(other.name.en) === fold(name.en)),
      );
      return [id, equal?.id ?? ""];
    }),
  );
}

/** How many visits are kept, cancelled and moved. */
export function countOutcomes(visits: readonly AbsenceVisit[]): Record<AbsenceVisit["outcome"], number> {
  const counts = { kept: 0, cancelled: 0, moved: 0 };
  for (const { outcome } of visits) counts[outcome] += 1;
  return counts;
}

/** An absence as days when it is whole days, else undefined. */
export function wholeDaysOf(absence: { start: string; end: string }, zone: string): { first: string; last: string } | undefined {
  const first = dayOf(absence.start, zone);
  const after = dayOf(absence.end, zone);
  const isWhole = dayStartMs(first, zone) === Date.parse(absence.start) && dayStartMs(after, zone) === Date.parse(absence.end);
  return isWhole ? { first, last: addDays(after, -1) } : undefined;
}
