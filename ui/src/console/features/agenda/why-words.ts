import type { Blocker } from "@episante/contracts/appointment";
import { clock, dateDay, dateTime, dayInstant } from "../../../shared/lib/format.ts";
import { ta } from "../../i18n/agenda-texts.ts";
import { typeWords } from "../../lib/resource-types.ts";
import { exactSpan } from "../../lib/words.ts";

type Windows = Extract<Blocker, { code: "outside-hours" }>["windows"];
const spans = (windows: Windows) => windows.map(({ from, to }) => `${from}–${to}`).join(", ");
const times = (facts: { start: string; end: string }, zone: string) => ({ from: clock(facts.start, zone), to: clock(facts.end, zone) });

function notice(minutes: number): string {
  return exactSpan(minutes * 60);
}

/** One rule in words that a person who answers the phone can repeat. Every code of the closed list has some. */
export function blockerWords(blocker: Blocker, doctor: string, zone: string): string {
  switch (blocker.code) {
    case "clock-change-gap":
      return ta("why.clock-change-gap", { time: clock(blocker.resumesAt, zone) });
    case "closed":
      if (blocker.by === "doctor") return ta("why.closed.doctor", { doctor });
      return blocker.name ? ta("why.closed.named", { name: blocker.name }) : ta("why.closed.clinic");
    case "outside-hours":
      if (blocker.windows.length === 0) return ta("why.outside-hours.none", { doctor });
      return ta("why.outside-hours", { doctor, windows: spans(blocker.windows) });
    case "absent":
      return ta("why.absent", { doctor, from: dateTime(blocker.start, zone), to: dateTime(blocker.end, zone) });
    case "external":
      return ta("why.external", { doctor, ...times(blocker, zone) });
    case "reason-not-in-window":
      if (blocker.windows.length === 0) return ta("why.reason-not-in-window.none");
      return ta("why.reason-not-in-window", { windows: spans(blocker.windows) });
    case "off-grid": {
      const [before, after] = [blocker.before, blocker.after].map((instant) => instant && clock(instant, zone));
      if (before && after) return ta("why.off-grid.both", { before, after });
      const at = before ?? after;
      return at ? ta("why.off-grid.one", { at }) : ta("why.off-grid");
    }
    case "notice":
      return ta("why.notice", { minutes: notice(blocker.minutes), earliest: dateTime(blocker.earliest, zone) });
    case "horizon":
      return ta("why.horizon", { days: blocker.days, day: dateDay(dayInstant(blocker.lastDay), "UTC") });
    case "age":
      if (blocker.min !== undefined && blocker.max !== undefined) return ta("why.age.both", { min: blocker.min, max: blocker.max });
      if (blocker.max !== undefined) return ta("why.age.max", { max: blocker.max });
      return ta("why.age.min", { min: blocker.min ?? 0 });
    case "daily-cap":
      return ta("why.daily-cap", { booked: blocker.booked, cap: blocker.cap });
    case "taken":
      return ta("why.taken", times(blocker, zone));
    case "held":
      return ta("why.held", times(blocker, zone));
    case "buffer":
      return ta("why.buffer", times(blocker, zone));
    case "no-resource":
      return ta("why.no-resource", { types: blocker.types.map(typeWords).join(", ") });
    default:
      return ta(`why.${blocker.code}`);
  }
}
