import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { seriesEn, seriesFr } from "../src/console/features/agenda/series/series-texts.ts";
import { opsEn, opsFr } from "../src/console/features/system/ops-texts.ts";
import { busyFeedEn, busyFeedFr } from "../src/console/i18n/busy-feed-texts.ts";
import { cancelReasonEn, cancelReasonFr } from "../src/console/i18n/cancel-reason-texts.ts";
import { en as consoleEn } from "../src/console/i18n/en.ts";
import { floorEn, floorFr } from "../src/console/i18n/floor-texts.ts";
import { fr as consoleFr } from "../src/console/i18n/fr.ts";
import { roomsEn, roomsFr } from "../src/console/i18n/rooms-texts.ts";
import { ruleKindEn, ruleKindFr } from "../src/console/i18n/rule-kind-texts.ts";
import { waitingEn, waitingFr } from "../src/console/i18n/waiting-texts.ts";
import { patientEn } from "../src/patient/i18n/en.ts";
import { patientFr } from "../src/patient/i18n/fr.ts";
import { linkEn, linkFr } from "../src/patient/i18n/link-texts.ts";
import { visitEn, visitFr } from "../src/patient/i18n/visit-texts.ts";
import { waitlistEn, waitlistFr } from "../src/patient/i18n/waitlist-texts.ts";
import { calendarFeedEn, calendarFeedFr } from "../src/shared/calendar-feed/texts.ts";
import { cancelEn, cancelFr } from "../src/shared/cancel/texts.ts";
import { chartEn, chartFr } from "../src/shared/charts/texts.ts";
import { commonEn } from "../src/shared/i18n/en.ts";
import { commonFr } from "../src/shared/i18n/fr.ts";
import type { Dictionary, Message } from "../src/shared/i18n/i18n.ts";
import { frenchSpacing } from "../src/shared/i18n/spacing.ts";
import { criteriaEn, criteriaFr } from "../src/shared/waitlist/texts.ts";

/* The dictionaries of both apps at once: what no app may know of the other is compared here. */
const pairs: [string, Dictionary, Dictionary][] = [
  ["common", commonFr, commonEn],
  ["charts", chartFr, chartEn],
  ["patient", patientFr, patientEn],
  ["visits of patients", visitFr, visitEn],
  ["console", consoleFr, consoleEn],
  ["operations", opsFr, opsEn],
  ["floor", floorFr, floorEn],
  ["rule kinds", ruleKindFr, ruleKindEn],
  ["rooms", roomsFr, roomsEn],
  ["waitlist", waitingFr, waitingEn],
  ["waitlist of patients", waitlistFr, waitlistEn],
  ["what is waited for", criteriaFr, criteriaEn],
  ["private calendar", calendarFeedFr, calendarFeedEn],
  ["calendars elsewhere", busyFeedFr, busyFeedEn],
  ["links of mails", linkFr, linkEn],
  ["why it is cancelled", cancelFr, cancelEn],
  ["series", seriesFr, seriesEn],
  ["reasons for cancelling", cancelReasonFr, cancelReasonEn],
];
const texts = (message: Message): string[] => (typeof message === "string" ? [message] : [message.one, message.other]);
const names = (message: Message): string[] => [...new Set(texts(message).flatMap((text) => text.match(/\{\w+\}/g) ?? []))].sort();
const keysWith = (words: Dictionary, wrong: (text: string) => boolean): string[] =>
  Object.entries(words).flatMap(([key, message]) => (texts(message).some(wrong) ? [key] : []));

for (const [name, fr, en] of pairs) {
  test(`${name}: both languages have the same keys and placeholders`, () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(fr).sort());
    const differing = Object.keys(fr).filter((key) => names(fr[key] ?? "").join() !== names(en[key] ?? "").join());
    expect(differing).toEqual([]);
  });
  test(`${name}: no text is empty, shouts or hedges a plural with "(s)"`, () => {
    const bad = (text: string) => text.trim() === "" || /!|\(s\)|oups|oops/i.test(text);
    expect([...keysWith(fr, bad), ...keysWith(en, bad)]).toEqual([]);
  });
  test(`${name}: typographic apostrophes, quotes and ellipses; French marks never begin a line`, () => {
    const typed = (text: string) => /['"]|\.\.\./.test(text);
    expect([...keysWith(fr, typed), ...keysWith(en, typed)]).toEqual([]);
    expect(keysWith(fr, (text) => /[^\s][ ][:;?!%»]|« |[^\s\u00a0\u202f:][?;»]/.test(frenchSpacing(text)))).toEqual([]);
  });
  test(`${name}: English is British`, () => {
    const american = /\b(colou?r(?<!colour)|center|canceled|canceling|catalog|gray|program|\w+(?:ganiz|cogniz|uthoriz|inimiz)\w*)s?\b/i;
    expect(keysWith(en, (text) => american.test(text))).toEqual([]);
  });
}

test("every key used in a screen of the patient app exists, and every key of it is used", () => {
  const root = join(import.meta.dir, "../src");
  const sources = ["patient", "shared"]
    .flatMap((folder) => files(join(root, folder)))
    .filter((path) => !/i18n\/(fr|en)\.ts$|\.test\./.test(path));
  const code = sources.map((path) => readFileSync(path, "utf8")).join("\n");
  const known = new Set([...Object.keys(patientFr), ...Object.keys(commonFr)]);
  const used = [...code.matchAll(/\bt(?:c)?\(\s*(?:[^()"`]*\? )?"([^"]+)"/g)].map((match) => match[1] ?? "");
  expect(used.filter((key) => !known.has(key) && !(key in chartFr))).toEqual([]);
  const families = [...code.matchAll(/`([a-zA-Z.]+\.)\$\{/g)].map((match) => match[1] ?? "");
  const unused = Object.keys(patientFr).filter((key) => !code.includes(`"${key}"`) && !families.some((family) => key.startsWith(family)));
  expect(unused).toEqual([]);
});

test("shared code knows neither app", () => {
  const shared = files(join(import.meta.dir, "../src/shared"));
  const foreign = shared.filter((path) => /from "(?:\.\.\/)+(?:patient|console)\//.test(readFileSync(path, "utf8")));
  expect(foreign).toEqual([]);
});

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? files(join(folder, entry.name)) : /\.tsx?$/.test(entry.name) ? [join(folder, entry.name)] : [],
  );
}
