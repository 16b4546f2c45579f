import { type Absence, listAbsences } from "@episante/contracts/absence";
import type { Accessor } from "solid-js";
import { type CallResult, call } from "../../../shared/lib/call.ts";
import { addDays } from "../../../shared/lib/format.ts";
import { createInterval, createLoad } from "../../../shared/lib/load.ts";
import type { Shown } from "./create-visits.ts";
import { dayStartMs, minutesInto } from "./day-layout.ts";
import type { Taking } from "./lane-items.ts";

/** Absences change rarely; what they do to visits comes by the feed. Milliseconds. */
const everyMs = 15_000;
const keyOf = (absence: Absence) => `absent-${absence.id}`;

/** When the doctors on screen are away. */
export function createAbsences(shown: Accessor<Shown | undefined>) {
  const absences = createLoad(shown, async ({ doctorIds, from, to }, signal): Promise<CallResult<Absence[]>> => {
    const period = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    const items: Absence[] = [];
    for (const answer of await Promise.all(
      doctorIds.map((id) => call(listAbsences, { query: { doctorId: id as `doc_${string}`, ...period }, signal })),
    )) {
      if (!answer.ok) return answer;
      items.push(...answer.value.items);
    }
    return { ok: true, value: items };
  });
  createInterval(() => void absences.reload(), everyMs);
  return {
    /** What a doctor's absences take of a day. */
    of(doctorId: string, day: string, zone: string): Taking[] {
      const [start, end] = [dayStartMs(day, zone), dayStartMs(addDays(day, 1), zone)];
      return (absences.value() ?? [])
        .filter((one) => one.doctorId === doctorId && Date.parse(one.start) < end && Date.parse(one.end) > start)
        .map((one) => ({
          kind: "absent",
          key: keyOf(one),
          from: Date.parse(one.start) <= start ? 0 : minutesInto(one.start, zone),
          to: Date.parse(one.end) >= end ? 24 * 60 : minutesInto(one.end, zone),
        }));
    },
    noteOf: (key: string) => absences.value()?.find((one) => keyOf(one) === key)?.note ?? "",
  };
}
