import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  citedPathsExist,
  dictionariesAgree,
  exactVersions,
  migrationListPath,
  migrationsAppendOnly,
  noMachineNames,
  noRawColours,
  recordMigrations,
  sqlNamedLikeTables,
  testsAreNamed,
} from "./files.ts";
import { fixtureTree } from "./tree.ts";

const rules = (findings: { rule: string }[]) => findings.map(({ rule }) => rule);
const folder = mkdtempSync(join(tmpdir(), "episante-checks-"));
afterAll(() => rmSync(folder, { recursive: true }));

const migration = "svc/alert/migrations/0001_alerts.sql";
const journal = { "svc/alert/migrations/meta/_journal.json": '{"entries":[{"tag":"0001_alerts"}]}' };

test("a recorded migration that changed, went, or was not recorded is found", () => {
  const files = { ...journal, [migration]: "create table a ();" };
  expect(rules(migrationsAppendOnly(fixtureTree(files)))).toEqual(["migrations-append-only"]);
  const recorded = { ...files, [migrationListPath]: recordMigrations(fixtureTree(files)) };
  expect(migrationsAppendOnly(fixtureTree(recorded))).toEqual([]);
  expect(rules(migrationsAppendOnly(fixtureTree({ ...recorded, [migration]: "create table b ();" })))).toEqual(["migrations-append-only"]);
  const { [migration]: _, ...removed } = recorded;
  expect(rules(migrationsAppendOnly(fixtureTree(removed)))).toEqual(["migrations-append-only"]);
});

test("recording never accepts a change to what was recorded", () => {
  const files = { ...journal, [migration]: "create table a ();" };
  const recorded = { ...files, [migrationListPath]: recordMigrations(fixtureTree(files)) };
  const changed = { ...recorded, [migration]: "create table b ();" };
  expect(recordMigrations(fixtureTree(changed))).toBe(recorded[migrationListPath]);
});

test("a migration that the journal does not name is found", () => {
  const files = { ...journal, [migration]: "a", "svc/alert/migrations/0002_more.sql": "b" };
  const recorded = { ...files, [migrationListPath]: recordMigrations(fixtureTree(files)) };
  expect(rules(migrationsAppendOnly(fixtureTree(recorded)))).toEqual(["migrations-in-journal"]);
});

test("a cited path or link that does not exist is found; patterns, URLs and code blocks are understood", () => {
  const files = { "docs/install.md": "", "svc/alert/src/main.ts": "", "svc/doctor/src/main.ts": "" };
  const cite = (text: string) => rules(citedPathsExist(fixtureTree({ ...files, "README.md": text })));
  expect(cite("see `svc/alert/src/gone.ts`")).toEqual(["cited-paths-exist"]);
  expect(cite("see [the guide](docs/gone.md)")).toEqual(["cited-paths-exist"]);
  expect(
    cite(
      "`svc/alert/src/main.ts` `svc/*/src/main.ts` `svc/<name>/src` `svc/{alert,doctor}/` [a](docs/install.md#x) [b](https://example.org/x) `bun test svc`",
    ),
  ).toEqual([]);
  expect(cite("```\nsvc/alert/src/gone.ts `svc/alert/src/gone.ts`\n```")).toEqual([]);
});

test("raw colours are found in code and styles, names and ids are not", () => {
  const check = (text: string) => rules(noRawColours(fixtureTree({ "ui/src/patient/a.tsx": text })));
  for (const raw of [
    "color: #c00;",
    "stroke='#AABBCC'",
    "rgba(0, 0, 0, 0.5)",
    "hsl(10 20% 30%)",
    "oklch(0.7 0.1 20)",
    'class="text-red-500"',
    'class="hover:bg-slate-50"',
  ]) {
    expect({ raw, found: check(raw) }).toEqual({ raw, found: ["no-raw-colours"] });
  }
  expect(check('href="#main" // #fff\nvar(--critical) text-critical url(#fade-in)')).toEqual([]);
  expect(noRawColours(fixtureTree({ "ui/src/shared/tokens.css": "--critical: #c00;" }))).toEqual([]);
});

test("dictionaries that differ in a key, or hold an empty text, are found, as JSON and as modules", async () => {
  const json = (fr: unknown, en: unknown) => fixtureTree({ "ui/i18n/fr.json": JSON.stringify(fr), "ui/i18n/en.json": JSON.stringify(en) });
  expect(await dictionariesAgree(json({ a: { b: "x" } }, { a: { b: "y" } }))).toEqual([]);
  expect((await dictionariesAgree(json({ a: { b: "x", c: "z" } }, { a: { b: "y" } })))[0]).toMatchObject({
    path: "ui/i18n/en.json",
    message: "lacks a.c",
  });
  expect((await dictionariesAgree(json({ a: "x" }, { a: "y", d: "z" })))[0]).toMatchObject({ path: "ui/i18n/fr.json", message: "lacks d" });
  expect(rules(await dictionariesAgree(json({ a: "" }, { a: "y" })))).toEqual(["dictionaries-agree"]);
  expect(rules(await dictionariesAgree(fixtureTree({ "ui/i18n/fr.json": "{}" })))).toEqual(["dictionaries-agree"]);
  mkdirSync(join(folder, "i18n"));
  writeFileSync(join(folder, "i18n/fr.ts"), 'export const fr = { a: "x", b: (n: number) => String(n) };');
  writeFileSync(join(folder, "i18n/en.ts"), 'export const en = { a: "y" };');
  expect((await dictionariesAgree(fixtureTree({ "i18n/fr.ts": "", "i18n/en.ts": "" }, folder)))[0]).toMatchObject({ message: "lacks b" });
});

test("a version that is not exact, or that the lockfile does not know, is found", () => {
  const check = (version: string, lock = '"zod": "4.6.7"') =>
    rules(exactVersions(fixtureTree({ "svc/a/package.json": JSON.stringify({ dependencies: { zod: version } }), "bun.lock": lock })));
  for (const version of ["^4.6.7", "~4.6.7", "4", "latest", "*", "4.x", ">=4.6.7", "git+ssh://x"])
    expect({ version, found: check(version) }).toEqual({ version, found: ["exact-versions"] });
  expect(check("4.6.7")).toEqual([]);
  expect(check("workspace:*")).toEqual([]);
  expect(check("4.6.8")).toEqual(["lockfile-fits"]);
});

test("paths of this machine and registry hosts are found, relative ones and URLs are not", () => {
  const check = (text: string) => rules(noMachineNames(fixtureTree({ "a.ts": text })));
  for (const place of [
    "/wo" + "rk/main/x",
    '"/ro' + 'ot/.bun"',
    "in /ho" + "me/ada/x",
    "/tm" + "p/x",
    "https://regi" + "stry.example.org/x",
  ])
    expect({ place, found: check(place) }).toEqual({ place, found: ["no-machine-names"] });
  expect(check(`"./${"work"}/x" https://example.org/home/x api/${"work"}/x node_modules/tmp/x`.concat(" $", "{root}/tmp/x"))).toEqual([]);
});

test("a SQL file that is not one query named like its table is found", () => {
  const good = {
    "pipeline/silver/readings.sql": "select 1 from bronze_readings",
    "pipeline/gold/vitals_daily.sql": "-- Why; really.\nselect 1 from silver_readings",
    "pipeline/migrations/0001.sql": "create view mart.vitals_daily as select 1",
  };
  const check = (files: Record<string, string>) => sqlNamedLikeTables(fixtureTree({ ...good, ...files })).map(({ path }) => path);
  expect(check({})).toEqual([]);
  const bad: [path: string, text: string][] = [
    ["pipeline/silver/my-table.sql", "select 1"],
    ["pipeline/silver/more.sql", "create table other as select 1"],
    ["pipeline/silver/two.sql", "select 1; select 2"],
    ["pipeline/checks/lost.sql", "select 1 from silver_unknown"],
    ["pipeline/gold/unpublished.sql", "select 1"],
    ["pipeline/gold/readme.txt", "select 1"],
  ];
  for (const [path, text] of bad) expect(new Set(check({ [path]: text }))).toEqual(new Set([path]));
});

test("a test that does not say its size is found", () => {
  expect(rules(testsAreNamed(fixtureTree({ "svc/a/src/a.test.ts": "" })))).toEqual(["tests-are-named"]);
  expect(testsAreNamed(fixtureTree({ "svc/a/src/a.unit.test.ts": "", "svc/a/src/a.security.int.test.ts": "" }))).toEqual([]);
});
