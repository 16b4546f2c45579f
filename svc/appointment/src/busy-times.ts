import ICAL from "ical.js";
import { merged, mostBlocks } from "./domain/busy-feed.ts";
import { addDays, closingOf, type Interval, startOfDay, wallAt, zoneDay } from "./domain/calendar.ts";

/** Why a text gives no times. */
export type Unreadable = "not-a-calendar" | "too-much";
/** Most occurrences looked at of one text, also those outside the period: rules begin years ago. */
const mostOccurrences = 50_000;

class TooMuch extends Error {}

/**
 * When somebody is busy by an iCalendar text (RFC 5545), in a period, in order and merged; nothing else of it is kept. Free are cancelled and
 * transparent events. Times without a zone, and whole days, are those of `zone`. Takes as long as the text likes: run it where it can be stopped.
 */
export function busyTimes(text: string, zone: string, period: Interval): Interval[] | Unreadable {
  try {
    const calendars = calendarsOf(text);
    if (calendars.length === 0) return "not-a-calendar";
    const count = { left: mostOccurrences };
    const times = calendars.flatMap((calendar) => timesOf(calendar, zone, period, count));
    const found = merged(times, period);
    return found.length > mostBlocks ? "too-much" : found;
  } catch (error) {
    return error instanceof TooMuch ? "too-much" : "not-a-calendar";
  }
}

function calendarsOf(text: string): ICAL.Component[] {
  const parsed = ICAL.parse(text) as [string] | [string][];
  const all = (typeof parsed[0] === "string" ? [parsed] : parsed) as ConstructorParameters<typeof ICAL.Component>[0][];
  return all.map((one) => new ICAL.Component(one)).filter(({ name }) => name === "vcalendar");
}

type Count = { left: number };

function timesOf(calendar: ICAL.Component, zone: string, period: Interval, count: Count): Interval[] {
  const zones = new Map(calendar.getAllSubcomponents("vtimezone").map((one) => [String(one.getFirstPropertyValue("tzid")), one]));
  const clock = clockOf(zone, zones);
  const events = calendar.getAllSubcomponents("vevent");
  const moved = movedOf(events, clock);
  const busy = events.filter(isBusy).flatMap((event) => occurrencesOf(event, clock, moved, period, count));
  return [...busy, ...calendar.getAllSubcomponents("vfreebusy").flatMap((one) => freeBusyOf(one, clock, count))];
}

/** `TRANSP` says whether an event takes time; Outlook's own field says it of published calendars that leave it out. */
function isBusy(event: ICAL.Component): boolean {
  const value = (name: string) => String(event.getFirstPropertyValue(name) ?? "").toUpperCase();
  return value("status") !== "CANCELLED" && value("transp") !== "TRANSPARENT" && value("x-microsoft-cdo-busystatus") !== "FREE";
}

/** Turns what a calendar writes into an instant. @param tzid zone parameter of the property that the time came from */
type ToInstant = (time: ICAL.Time, tzid: string | undefined) => number;

/** Zones by their IANA name are the machine's; others as the calendar defines them; unknown ones, and none, are the doctor's. */
function clockOf(zone: string, defined: ReadonlyMap<string, ICAL.Component>): ToInstant {
  const known = new Map<string, string | ICAL.Timezone>();
  const zoneOf = (tzid: string): string | ICAL.Timezone => {
    const found =
      known.get(tzid) ?? (isIana(tzid) ? tzid : defined.has(tzid) ? new ICAL.Timezone(defined.get(tzid) as ICAL.Component) : zone);
    known.set(tzid, found);
    return found;
  };
  return (time, tzid) => {
    const day = `${String(time.year).padStart(4, "0")}-${String(time.month).padStart(2, "0")}-${String(time.day).padStart(2, "0")}`;
    if (time.isDate) return startOfDay(zone, day);
    if (time.zone === ICAL.Timezone.utcTimezone) return time.toUnixTime() * 1000;
    const own = tzid === undefined ? zone : zoneOf(tzid);
    if (typeof own === "string") return closingOf(zoneDay(own, day), time.hour * 60 + time.minute) + time.second * 1000;
    return Date.parse(`${day}T00:00:00Z`) + ((time.hour * 60 + time.minute) * 60 + time.second - own.utcOffset(time)) * 1000;
  };
}

function isIana(tzid: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: tzid });
    return true;
  } catch {
    return false;
  }
}

const tzidOf = (property: ICAL.Property | null): string | undefined => {
  const tzid = property?.getParameter("tzid");
  return typeof tzid === "string" ? tzid : undefined;
};

/** Occurrences that an event of their own replaces, by UID. */
function movedOf(events: readonly ICAL.Component[], clock: ToInstant): ReadonlyMap<string, ReadonlySet<number>> {
  const moved = new Map<string, Set<number>>();
  for (const event of events) {
    const property = event.getFirstProperty("recurrence-id");
    if (!property) continue;
    const uid = String(event.getFirstPropertyValue("uid"));
    const instants = moved.get(uid) ?? new Set();
    instants.add(clock(property.getFirstValue() as ICAL.Time, tzidOf(property)));
    moved.set(uid, instants);
  }
  return moved;
}

function occurrencesOf(
  event: ICAL.Component,
  clock: ToInstant,
  moved: ReadonlyMap<string, ReadonlySet<number>>,
  period: Interval,
  count: Count,
): Interval[] {
  const property = event.getFirstProperty("dtstart");
  const start = property?.getFirstValue();
  if (!property || !(start instanceof ICAL.Time)) return [];
  const tzid = tzidOf(property);
  const length = lengthOf(event, start, tzid, clock);
  const at = (time: ICAL.Time): Interval => {
    const startMs = clock(time, tzid);
    return { startMs, endMs: length.days === undefined ? startMs + length.ms : clock(later(time, length.days), tzid) };
  };
  const isRepeated = ["rrule", "rdate"].some((name) => event.hasProperty(name)) && !event.hasProperty("recurrence-id");
  if (!isRepeated) {
    spend(count);
    return [at(start)].filter(({ startMs, endMs }) => startMs < endMs);
  }
  const away = moved.get(String(event.getFirstPropertyValue("uid")));
  endByWallClock(event, start, tzid, clock);
  // RDATE may give periods, which the expansion does not know: they are read apart.
  const found: Interval[] = periodsOf(event.getAllProperties("rdate"), clock, count);
  const excluded = new Set(
    event.getAllProperties("exdate").flatMap((one) => valuesOf(one).map((time) => clock(time, tzidOf(one) ?? tzid))),
  );
  const add = (time: Interval) => {
    if (time.endMs > period.startMs && time.startMs < time.endMs && !away?.has(time.startMs) && !excluded.has(time.startMs))
      found.push(time);
  };
  // The start is one of them, also where the library begins with the first RDATE.
  add(at(start));
  const expansion = new ICAL.RecurExpansion({ component: withoutPeriods(event), dtstart: start });
  for (let next = expansion.next(); next; next = expansion.next()) {
    spend(count);
    const time = at(next);
    if (time.startMs >= period.endMs) break;
    add(time);
  }
  return found;
}

function spend(count: Count): void {
  count.left--;
  if (count.left < 0) throw new TooMuch();
}

/** Days of a whole-day event, which a clock change makes shorter or longer, or milliseconds of any other. */
function lengthOf(event: ICAL.Component, start: ICAL.Time, tzid: string | undefined, clock: ToInstant): { days?: number; ms: number } {
  const property = event.getFirstProperty("dtend");
  const end = property?.getFirstValue();
  const duration = event.getFirstPropertyValue("duration");
  if (start.isDate) {
    const dayMs = 86_400_000;
    const seconds = duration instanceof ICAL.Duration ? duration.toSeconds() : 86_400;
    const ms = end instanceof ICAL.Time ? (end.toUnixTime() - start.toUnixTime()) * 1000 : seconds * 1000;
    return { days: Math.max(1, Math.round(ms / dayMs)), ms };
  }
  if (end instanceof ICAL.Time) return { ms: clock(end, tzidOf(property) ?? tzid) - clock(start, tzid) };
  return { ms: duration instanceof ICAL.Duration ? duration.toSeconds() * 1000 : 0 };
}

function later(time: ICAL.Time, days: number): ICAL.Time {
  const [year = 1970, month = 1, day = 1] = addDays(`${time.toString().slice(0, 10)}`, days)
    .split("-")
    .map(Number);
  return ICAL.Time.fromData({ year, month, day, isDate: true });
}

/** A rule ends at an instant; the library compares it with wall-clock times when it knows nothing of the zone. */
function endByWallClock(event: ICAL.Component, start: ICAL.Time, tzid: string | undefined, clock: ToInstant): void {
  if (start.isDate || start.zone === ICAL.Timezone.utcTimezone || start.zone !== ICAL.Timezone.localTimezone) return;
  for (const property of event.getAllProperties("rrule")) {
    const rule = property.getFirstValue();
    if (!(rule instanceof ICAL.Recur) || rule.until?.zone !== ICAL.Timezone.utcTimezone) continue;
    const untilMs = rule.until.toUnixTime() * 1000;
    const zone = tzid !== undefined && isIana(tzid) ? tzid : undefined;
    const wallMs = zone ? wallAt(zone, untilMs) : untilMs + (wallMsOf(start) - clock(start, tzid));
    rule.until = ICAL.Time.fromDateTimeString(new Date(wallMs).toISOString().slice(0, 19));
  }
}

const wallMsOf = (time: ICAL.Time) => Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second);

const valuesOf = (property: ICAL.Property): ICAL.Time[] => property.getValues().filter((value: unknown) => value instanceof ICAL.Time);

function periodsOf(properties: readonly ICAL.Property[], clock: ToInstant, count: Count): Interval[] {
  return properties.flatMap((property) =>
    property.getValues().flatMap((value: unknown) => {
      if (!(value instanceof ICAL.Period)) return [];
      spend(count);
      const startMs = clock(value.start, tzidOf(property));
      const end: ICAL.Time | null = value.end;
      return [{ startMs, endMs: end ? clock(end, tzidOf(property)) : startMs + value.getDuration().toSeconds() * 1000 }];
    }),
  );
}

/** The event less the periods among its RDATEs. */
function withoutPeriods(event: ICAL.Component): ICAL.Component {
  for (const property of event.getAllProperties("rdate")) if (valuesOf(property).length === 0) event.removeProperty(property);
  return event;
}

function freeBusyOf(component: ICAL.Component, clock: ToInstant, count: Count): Interval[] {
  const taken = component
    .getAllProperties("freebusy")
    .filter((one) => String(one.getParameter("fbtype") ?? "BUSY").toUpperCase() !== "FREE");
  return periodsOf(taken, clock, count);
}
