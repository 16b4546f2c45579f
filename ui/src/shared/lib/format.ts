import { tc } from "../i18n/common.ts";
import { type Locale, locale } from "../i18n/i18n.ts";
import { serverNow } from "./server-clock.ts";

/*
 * The only place that turns instants, ages, numbers and zones into words. Times are always shown in the zone of the
 * site (from the API), never in the browser's. French uses U+202F inside `9 h 20` and before units; English is 24-hour.
 */

type Instant = string | number | Date;
const tag: Record<Locale, string> = { fr: "fr-FR", en: "en-GB" };
const cache = new Map<string, Intl.DateTimeFormat>();

function formatter(options: Intl.DateTimeFormatOptions, zone: string): Intl.DateTimeFormat {
  const key = `${locale()}|${zone}|${JSON.stringify(options)}`;
  let known = cache.get(key);
  if (!known) {
    known = new Intl.DateTimeFormat(tag[locale()], { ...options, timeZone: zone });
    cache.set(key, known);
  }
  return known;
}

const asDate = (instant: Instant): Date => (instant instanceof Date ? instant : new Date(instant));

function partsOf(instant: Instant, zone: string): { hour: number; minute: number; second: number } {
  const parts = formatter({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }, zone).formatToParts(asDate(instant));
  const read = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return { hour: read("hour"), minute: read("minute"), second: read("second") };
}

const pad = (value: number) => String(value).padStart(2, "0");

/** The browser's own zone: only for things that have no site, such as the list of sessions. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Time for prose: `9 h 20`, `11 h` / `09:20`, `11:00`. */
export function time(instant: Instant, zone: string): string {
  const { hour, minute } = partsOf(instant, zone);
  if (locale() === "en") return `${pad(hour)}:${pad(minute)}`;
  return minute === 0 ? `${hour}\u202fh` : `${hour}\u202fh\u202f${pad(minute)}`;
}

/** Time for tables, axes and counters: `14:22`, with seconds when asked. */
export function clock(instant: Instant, zone: string, seconds = false): string {
  const { hour, minute, second } = partsOf(instant, zone);
  return `${pad(hour)}:${pad(minute)}${seconds ? `:${pad(second)}` : ""}`;
}

/** `mardi 13 janvier 2026` / `Tuesday 13 January 2026`. */
export function dateLong(instant: Instant, zone: string): string {
  return formatter({ weekday: "long", day: "numeric", month: "long", year: "numeric" }, zone).format(asDate(instant)).replace(",", "");
}

/** `mardi 13 janvier` / `Tuesday 13 January`. */
export function dateDay(instant: Instant, zone: string): string {
  return formatter({ weekday: "long", day: "numeric", month: "long" }, zone).format(asDate(instant)).replace(",", "");
}

/** `13 janvier 2026` / `13 January 2026`. */
export function dateOnly(instant: Instant, zone: string): string {
  return formatter({ day: "numeric", month: "long", year: "numeric" }, zone).format(asDate(instant));
}

/** `janvier 2026` / `January 2026`. */
export function monthYear(instant: Instant, zone: string): string {
  return formatter({ month: "long", year: "numeric" }, zone).format(asDate(instant));
}

/** Dense: `mar. 13 janv.` / `Tue 13 Jan`. */
export function dateShort(instant: Instant, zone: string): string {
  return formatter({ weekday: "short", day: "numeric", month: "short" }, zone).format(asDate(instant)).replace(",", "");
}

/** `mardi 13 janvier à 9 h 20` / `Tuesday 13 January at 09:20`; on the two clock-change days with the offset. */
export function dateTime(instant: Instant, zone: string): string {
  const text = tc("date.at", { date: dateDay(instant, zone), time: time(instant, zone) });
  return isClockChangeDay(instant, zone) ? `${text} (${offset(instant, zone)})` : text;
}

/** Short month for a calendar leaf: `janv.` / `Jan`. */
export function monthShort(instant: Instant, zone: string): string {
  return formatter({ month: "short" }, zone).format(asDate(instant));
}

/** Day of the month as a number in that zone. */
export function dayNumber(instant: Instant, zone: string): string {
  return (
    formatter({ day: "numeric" }, zone)
      .formatToParts(asDate(instant))
      .find((part) => part.type === "day")?.value ?? ""
  );
}

/** `lun.` / `Mon`. */
export function weekdayShort(instant: Instant, zone: string): string {
  return formatter({ weekday: "short" }, zone).format(asDate(instant));
}

/** A period of days: `12 – 16 janvier 2026`. */
export function dateRange(from: Instant, to: Instant, zone: string): string {
  const start = formatter({ day: "numeric", month: "long", year: "numeric" }, zone);
  const sameMonth = dayOf(from, zone).slice(0, 7) === dayOf(to, zone).slice(0, 7);
  const sameYear = dayOf(from, zone).slice(0, 4) === dayOf(to, zone).slice(0, 4);
  const first = sameMonth
    ? dayNumber(from, zone)
    : formatter({ day: "numeric", month: "long", ...(sameYear ? {} : { year: "numeric" as const }) }, zone).format(asDate(from));
  return `${first}\u00a0– ${start.format(asDate(to))}`;
}

/** `Demain, mardi 13 janvier` when it is, else `Jeudi 15 janvier`. */
export function relativeDay(instant: Instant, zone: string, nowMs = serverNow()): string {
  const day = dateDay(instant, zone);
  const key = dayOf(instant, zone);
  if (key === dayOf(nowMs, zone)) return tc("date.todayDay", { day });
  if (key === addDays(dayOf(nowMs, zone), 1)) return tc("date.tomorrowDay", { day });
  return capital(day);
}

/** First letter upper case. */
export function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase(tag[locale()]) + text.slice(1);
}

/** Calendar day `YYYY-MM-DD` of an instant in a zone. */
export function dayOf(instant: Instant, zone: string): string {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
  return parts.format(asDate(instant));
}

/** Calendar arithmetic on `YYYY-MM-DD`, free of zones. */
export function addDays(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);
}

/** Monday of the week of a day (ISO 8601). */
export function mondayOf(day: string): string {
  const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
  return addDays(day, -weekday);
}

/** A calendar day as an instant at noon UTC, for the formatters of this module with zone `UTC`. */
export function dayInstant(day: string): string {
  return `${day}T12:00:00Z`;
}

/** `UTC+1`, `UTC−3:30`: the offset of a zone at an instant. */
export function offset(instant: Instant, zone: string): string {
  const part = new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeZoneName: "shortOffset" })
    .formatToParts(asDate(instant))
    .find((entry) => entry.type === "timeZoneName")?.value;
  return (part ?? "GMT").replace("GMT", "UTC").replace("-", "−");
}

/** RFC 3339 with the site's offset, for `<time datetime>`. */
export function machineTime(instant: Instant, zone: string): string {
  const at = asDate(instant);
  const minutes = Math.round(
    (Date.parse(`${dayOf(at, zone)}T${clock(at, zone, true)}Z`) - Math.trunc(at.getTime() / 1000) * 1000) / 60_000,
  );
  const sign = minutes < 0 ? "-" : "+";
  return `${dayOf(at, zone)}T${clock(at, zone)}${sign}${pad(Math.trunc(Math.abs(minutes) / 60))}:${pad(Math.abs(minutes) % 60)}`;
}

/** True when the site's offset changes within that calendar day. */
export function isClockChangeDay(instant: Instant, zone: string): boolean {
  const at = asDate(instant).getTime();
  const day = dayOf(at, zone);
  const near = [-24, -12, 0, 12, 24].map((hours) => at + hours * 3_600_000).filter((ms) => dayOf(ms, zone) === day);
  const edges = [dayEdge(day, zone), dayEdge(addDays(day, 1), zone) - 1, ...near];
  return new Set(edges.map((ms) => offset(ms, zone))).size > 1;
}

/** Instant at which a calendar day starts in a zone, milliseconds. */
function dayEdge(day: string, zone: string): number {
  const utc = Date.parse(`${day}T00:00:00Z`);
  for (let minutes = -14 * 60; minutes <= 14 * 60; minutes += 30) {
    const candidate = utc + minutes * 60_000;
    if (dayOf(candidate, zone) === day && dayOf(candidate - 1, zone) !== day) return candidate;
  }
  return utc;
}

/** Age of a fact: `il y a 4 s`, `il y a 12 min`, then `à 8 h 05`, then with the date. */
export function age(instant: Instant, zone: string, nowMs = serverNow()): string {
  const at = asDate(instant).getTime();
  const seconds = Math.max(0, Math.floor((nowMs - at) / 1000));
  if (seconds < 2) return tc("age.now");
  if (seconds < 60) return tc("age.seconds", { n: seconds });
  if (seconds < 3600) return tc("age.minutes", { n: Math.floor(seconds / 60) });
  if (dayOf(at, zone) === dayOf(nowMs, zone)) return tc("age.atTime", { time: time(at, zone) });
  return tc("age.onDate", { date: dateShort(at, zone), time: time(at, zone) });
}

/** Age of a person in whole years on a day. */
export function years(birthDate: string, nowMs = serverNow()): number {
  const today = new Date(nowMs).toISOString().slice(0, 10);
  return Number(today.slice(0, 4)) - Number(birthDate.slice(0, 4)) - (today.slice(5) < birthDate.slice(5) ? 1 : 0);
}

/** Countdown `4:12`; never below zero. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${pad(seconds % 60)}`;
}

/** A number with at most `digits` decimals, decimal comma in French. */
export function number(value: number, digits = 1): string {
  return value.toLocaleString(tag[locale()], { maximumFractionDigits: digits });
}

/** UCUM unit as people write it. */
export function unit(ucum: string): string {
  const words: Record<string, string> = {
    "/min": "/min",
    "%": "%",
    Cel: "°C",
    "mm[Hg]": "mmHg",
    "mg/dL": "mg/dL",
    kg: "kg",
    "{steps}": "",
    "1": "",
    "{score}": "",
  };
  return words[ucum] ?? ucum;
}

/** Value with its unit: `97 %`, `72 /min`, `37,4 °C`, joined so that they never break apart. */
export function quantity(value: number, ucum: string): string {
  const word = unit(ucum);
  return word === "" ? number(value) : `${number(value)}\u202f${word}`;
}

const toldWords = ["A", "C", "V", "P", "U", "air", "o2", "LO", "HI"] as const;
/** Value of a reading and its unit as two texts: a number has a unit, a word such as `LO` says it all: `Trop bas pour être mesuré`. */
export function toldReading({
  value,
  unit: ucum,
}: {
  readonly value: number | string;
  readonly unit: string;
}): [value: string, unit: string] {
  if (typeof value === "number") return [number(value), unit(ucum)];
  const known = toldWords.find((word) => word === value);
  return [known ? tc(`told.${known}`) : value, ""];
}

/** `850 m`, `1,4 km`, `12 km`. */
export function distance(km: number): string {
  if (km < 0.95) return `${Math.max(50, Math.round(km * 20) * 50)}\u00a0m`;
  return `${number(km, km < 10 ? 1 : 0)}\u00a0km`;
}

/** Name of a language by its code, in the language on screen: `français`, `English`. */
export function languageName(code: string): string {
  try {
    return new Intl.DisplayNames([tag[locale()]], { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** City of an IANA zone for `zone.note`: `Europe/Paris` → `Paris`. */
export function zoneCity(zone: string): string {
  return (zone.split("/").pop() ?? zone).replaceAll("_", " ");
}
