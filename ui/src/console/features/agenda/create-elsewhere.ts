import { listBusyTimes } from "@episante/contracts/busy-feed";
import type { Accessor } from "solid-js";
import { call } from "../../../shared/lib/call.ts";
import { addDays } from "../../../shared/lib/format.ts";
import { createInterval, createLoad } from "../../../shared/lib/load.ts";
import type { Shown } from "./create-visits.ts";
import { dayStartMs, minutesInto } from "./day-layout.ts";

/** Calendars elsewhere are read every 15 minutes. Milliseconds. */
const everyMs = 60_000;

/** When the doctors on screen are busy elsewhere. It takes no time of the agenda: whoever means to books there. */
export function createElsewhere(shown: Accessor<Shown | undefined>) {
  const times = createLoad(shown, ({ doctorIds, from, to }, signal) =>
    call(listBusyTimes, {
      query: { doctorIds: doctorIds.join(","), from: new Date(from).toISOString(), to: new Date(to).toISOString() },
      signal,
    }),
  );
  createInterval(() => void times.reload(), everyMs);
  return {
    /** A doctor's stretches of a day, in minutes past midnight, within the minutes on screen. */
    of(doctorId: string, day: string, zone: string, { from, minutes }: { from: number; minutes: number }): { from: number; to: number }[] {
      const [start, end] = [dayStartMs(day, zone), dayStartMs(addDays(day, 1), zone)];
      return (times.value()?.items ?? [])
        .filter((one) => one.doctorId === doctorId && Date.parse(one.start) < end && Date.parse(one.end) > start)
        .map((one) => ({
          from: Math.max(from, Date.parse(one.start) <= start ? 0 : minutesInto(one.start, zone)),
          to: Math.min(from + minutes, Date.parse(one.end) >= end ? 24 * 60 : minutesInto(one.end, zone)),
        }))
        .filter((one) => one.to > one.from);
    },
  };
}
