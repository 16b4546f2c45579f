import { locale } from "../../../shared/i18n/i18n.ts";
import { dateShort, dayOf, time } from "../../../shared/lib/format.ts";
import { toc } from "../../i18n/on-call-texts.ts";
import { exactSpan } from "../../lib/words.ts";
import type { CallPlan, PlannedCall, Severity } from "./call-plan.ts";

export interface Person {
  readonly accountId: string;
  readonly name: string;
}

/** `lundi`; 5 January 2026 is a Monday. @param day 1 to 7 */
export function weekdayWord(day: number): string {
  const format = new Intl.DateTimeFormat(locale() === "fr" ? "fr-FR" : "en-GB", { weekday: "long", timeZone: "UTC" });
  return format.format(Date.UTC(2026, 0, 4 + day));
}

export function nameOf(people: readonly Person[], accountId: string): string {
  return people.find((person) => person.accountId === accountId)?.name || toc("person.unnamed");
}

/** `20 h`, with the date unless it is today's: `mar. 24 nov. 8 h`. */
export function shortTime(instantMs: number, zone: string, nowMs: number): string {
  const at = time(instantMs, zone);
  return dayOf(instantMs, zone) === dayOf(nowMs, zone) ? at : `${dateShort(instantMs, zone)} ${at}`;
}

function whoWords({ who }: PlannedCall, people: readonly Person[]): string {
  if (who.kind === "doctors") return toc("plan.doctors");
  if (who.kind === "person") return nameOf(people, who.accountId);
  return who.accountId === undefined ? toc("plan.hole") : toc("plan.onCall", { name: nameOf(people, who.accountId) });
}

/** What an alert would set going, as a sentence: `Une alerte critique : Dr A tout de suite, la personne de garde (Dr B) après 5 min.` */
export function planSentence(
  severity: Severity,
  { calls, waitsUntilMs }: CallPlan,
  { people, zone, nowMs }: { people: readonly Person[]; zone: string; nowMs: number },
): string {
  const said = calls.map((call) => {
    const who = whoWords(call, people);
    return call.afterSeconds === 0 ? toc("plan.now", { who }) : toc("plan.after", { who, span: exactSpan(call.afterSeconds) });
  });
  const all = said.join(", ") || toc("plan.nobody");
  const time = waitsUntilMs === undefined ? undefined : shortTime(waitsUntilMs, zone, nowMs);
  return toc("plan.says", {
    what: toc(`plan.${severity}`),
    calls: time && calls.length > 0 ? toc("plan.quiet", { time, calls: all }) : all,
  });
}
