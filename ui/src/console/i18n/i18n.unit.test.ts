import { expect, test } from "bun:test";
import { chartEn, chartFr } from "../../shared/charts/texts.ts";
import { devicesEn, devicesFr } from "../../shared/devices/texts.ts";
import type { Message } from "../../shared/i18n/i18n.ts";
import { agendaEn, agendaFr } from "./agenda-texts.ts";
import { loadEn, loadFr } from "./alarm-load-texts.ts";
import { en } from "./en.ts";
import { fleetEn, fleetFr } from "./fleet-texts.ts";
import { fr } from "./fr.ts";
import { lockEn, lockFr } from "./lock-texts.ts";
import { patientChartEn, patientChartFr } from "./patient-chart-texts.ts";
import { practiceEn, practiceFr } from "./practice-texts.ts";
import { ruleEn, ruleFr } from "./rule-texts.ts";
import { transferEn, transferFr } from "./transfer-texts.ts";

const pairs: [string, Record<string, Message>, Record<string, Message>][] = [
  ["console", fr, en],
  ["charts", chartFr, chartEn],
  ["practice", practiceFr, practiceEn],
  ["agenda", agendaFr, agendaEn],
  ["rules", ruleFr, ruleEn],
  ["alarm load", loadFr, loadEn],
  ["devices", devicesFr, devicesEn],
  ["fleet", fleetFr, fleetEn],
  ["lock", lockFr, lockEn],
  ["patient charts", patientChartFr, patientChartEn],
  ["transfer", transferFr, transferEn],
];
const placeholders = (message: Message) =>
  [...new Set((typeof message === "string" ? message : message.one + message.other).match(/\{\w+\}/g) ?? [])].sort();

for (const [name, french, english] of pairs) {
  test(`${name}: both languages have the same keys and placeholders`, () => {
    expect(Object.keys(english)).toEqual(Object.keys(french));
    for (const key of Object.keys(french)) expect([key, placeholders(english[key] ?? "")]).toEqual([key, placeholders(french[key] ?? "")]);
  });
  test(`${name}: French uses the typographic apostrophe, no exclamation mark, no "(s)"`, () => {
    for (const [key, message] of Object.entries(french)) {
      const text = typeof message === "string" ? message : message.one + message.other;
      expect([key, /['!]|\(s\)|Oups/.test(text)]).toEqual([key, false]);
    }
  });
}
test("every text is used", async () => {
  const source: string[] = [];
  for await (const path of new Bun.Glob("**/*.{ts,tsx}").scan(`${import.meta.dir}/..`)) {
    if (!/i18n\/(fr|en)\.ts$|\.test\./.test(path)) source.push(await Bun.file(`${import.meta.dir}/../${path}`).text());
  }
  const all = source.join("\n");
  const dynamic = [
    "settings.theme.",
    "settings.density.",
    "agenda.status.",
    "system.stage.",
    "system.run.",
    "analytics.last",
    "low.",
    "system.check.",
    "invite.fault.",
    "members.role.",
    "members.status.",
    "practice.fault.",
    "practice.sector.",
    "practice.visitors.",
    "practice.mode.",
    "proxies.basis.",
    "proxies.scope.",
    "specialty.",
    "high.",
  ];
  // Fields of a reason name their label: `practice.${field}`.
  const field = (key: string) => key.slice("practice.".length);
  const isField = (key: string) => key.startsWith("practice.") && (all.includes(`"${field(key)}"`) || all.includes(` ${field(key)}: [`));
  const unused = Object.keys(fr).filter(
    (key) => !all.includes(`"${key}"`) && !isField(key) && !dynamic.some((prefix) => key.startsWith(prefix)),
  );
  expect(unused).toEqual([]);
});
