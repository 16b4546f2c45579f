import { describe, expect, test } from "bun:test";
import {
  directions,
  domainIsPure,
  drizzleOnlyInStorage,
  envOnlyInConfig,
  honoOnlyInRoutes,
  notToMain,
  testkitInTestsOnly,
} from "./boundaries.ts";
import { noCircular, noOrphans } from "./graph.ts";
import { importsOf } from "./imports.ts";
import { codeOnly, fixtureTree, type Tree } from "./tree.ts";

const manifests = {
  "pkg/contracts/package.json": '{"name":"@episante/contracts","exports":{"./ids":"./src/ids.ts"}}',
  "pkg/contracts/src/ids.ts": "export const ids = 1;",
  "pkg/service/package.json": '{"name":"@episante/service","exports":{"./db":"./src/db.ts"}}',
  "pkg/service/src/db.ts": "export const db = 1;",
  "pkg/testkit/package.json": '{"name":"@episante/testkit","exports":{"./db":"./src/db.ts"}}',
  "pkg/testkit/src/db.ts": "export const testDb = 1;",
  "svc/alert/package.json": '{"name":"@episante/svc-alert"}',
  "svc/doctor/package.json": '{"name":"@episante/svc-doctor"}',
};
const tree = (files: Record<string, string>) => fixtureTree({ ...manifests, ...files });
const planted = (check: (tree: Tree) => { rule: string; path: string }[], files: Record<string, string>) =>
  check(tree(files)).map(({ rule, path }) => `${rule} ${path}`);

test("imports are seen in every form: type-only, re-exported, dynamic, over several lines", () => {
  const source = [
    'import type { A } from "a";',
    "import {",
    "  type B,",
    '} from "b";',
    'export type { C } from "c";',
    'import "d";',
    'await import("e");',
  ].join("\n");
  expect(importsOf("x.ts", source).sort()).toEqual(["a", "b", "c", "d", "e"]);
});

test("words in comments and strings are not taken for code", () => {
  expect(codeOnly('a("Date.now()") // Date.now()\n/* Date.now() */ b')).not.toContain("Date.now");
  expect(codeOnly("Date.now()")).toContain("Date.now");
});

describe("directions", () => {
  const cases: [name: string, path: string, source: string, rule: string][] = [
    ["a service imports another by path", "svc/alert/src/a.ts", 'import { x } from "../../doctor/src/x.ts";', "svc-is-an-island"],
    ["a service imports another by name", "svc/alert/src/a.ts", 'import { x } from "@episante/svc-doctor/x";', "svc-is-an-island"],
    ["a service imports another's types", "svc/alert/src/a.ts", 'import type { X } from "../../doctor/src/x.ts";', "svc-is-an-island"],
    ["the browser imports the platform", "ui/src/patient/a.tsx", 'import { db } from "@episante/service/db";', "ui-sees-contracts-only"],
    ["one app imports the other", "ui/src/patient/a.tsx", 'import { y } from "../console/y.ts";', "ui-sees-contracts-only"],
    ["shared imports an app", "ui/src/shared/a.tsx", 'import { y } from "../console/y.ts";', "ui-sees-contracts-only"],
    ["contracts import the platform", "pkg/contracts/src/a.ts", 'import { db } from "@episante/service/db";', "direction"],
    ["the platform imports a service", "pkg/service/src/a.ts", 'import { x } from "../../../svc/doctor/src/x.ts";', "direction"],
    ["the device client imports the platform", "edge/device/src/a.ts", 'import { db } from "@episante/service/db";', "direction"],
    ["the gateway imports a service", "edge/gateway/src/a.ts", 'import { x } from "../../../svc/doctor/src/x.ts";', "direction"],
    ["the pipeline imports a service", "pipeline/src/a.ts", 'import { x } from "../../svc/doctor/src/x.ts";', "direction"],
    ["whole-stack tests import a service", "deploy/e2e/src/a.ts", 'import { x } from "../../../svc/doctor/src/x.ts";', "direction"],
  ];
  const others = { "svc/doctor/src/x.ts": "export const x = 1;", "ui/src/console/y.ts": "export const y = 1;" };
  for (const [name, path, source, rule] of cases) {
    test(`${name}: found`, () => expect(planted(directions, { ...others, [path]: source })).toEqual([`${rule} ${path}`]));
  }
  test("what the table allows is not found", () => {
    expect(
      planted(directions, {
        "svc/alert/src/a.ts":
          'import { ids } from "@episante/contracts/ids";\nimport { db } from "@episante/service/db";\nimport { b } from "./b.ts";',
        "svc/alert/src/b.ts": "export const b = 1;",
        "svc/alert/src/a.int.test.ts": 'import { testDb } from "@episante/testkit/db";',
        "ui/src/patient/a.tsx": 'import { y } from "../shared/y.ts";\nimport { ids } from "@episante/contracts/ids";',
        "ui/src/shared/y.ts": "export const y = 1;",
      }),
    ).toEqual([]);
  });
});

describe("domain-is-pure", () => {
  const path = "svc/alert/src/domain/rules.ts";
  const impure = [
    'import { db } from "@episante/service/db";',
    'import { sql } from "drizzle-orm";',
    'import { readFileSync } from "node:fs";',
    'import { save } from "../storage/alerts.ts";',
    'import type { Row } from "../storage/alerts.ts";',
    "export const now = () => Date.now();",
    "export const today = new Date();",
    "export const dice = () => Math.random();",
    "export const mode = process.argv;",
    'export const get = () => fetch("x");',
  ];
  for (const source of impure) {
    test(`found: ${source}`, () =>
      expect(planted(domainIsPure, { [path]: source, "svc/alert/src/storage/alerts.ts": "export const save = 1;" })).toEqual([
        `domain-is-pure ${path}`,
      ]));
  }
  test("contracts, zod, its own folder and a given time are not found", () => {
    const source =
      'import { ids } from "@episante/contracts/ids";\nimport { z } from "zod";\nimport { b } from "./b.ts";\nexport const day = (ms: number) => new Date(ms);';
    expect(planted(domainIsPure, { [path]: source, "svc/alert/src/domain/b.ts": "export const b = 1;" })).toEqual([]);
  });
});

test("drizzle-only-in-storage: found in an action, not in storage, tests or the platform", () => {
  const source = 'import { sql } from "drizzle-orm";';
  expect(planted(drizzleOnlyInStorage, { "svc/alert/src/actions/a.ts": source })).toEqual([
    "drizzle-only-in-storage svc/alert/src/actions/a.ts",
  ]);
  expect(
    planted(drizzleOnlyInStorage, {
      "svc/alert/src/storage/a.ts": source,
      "pkg/service/src/a.ts": source,
      "svc/alert/src/a.int.test.ts": source,
    }),
  ).toEqual([]);
});

test("hono-only-in-routes: found in an action, not in routes, app or the platform", () => {
  const source = 'import { Hono } from "hono";';
  expect(planted(honoOnlyInRoutes, { "svc/alert/src/actions/a.ts": source })).toEqual(["hono-only-in-routes svc/alert/src/actions/a.ts"]);
  expect(
    planted(honoOnlyInRoutes, { "svc/alert/src/routes/a.ts": source, "svc/alert/src/app.ts": source, "pkg/service/src/a.ts": source }),
  ).toEqual([]);
});

test("testkit-in-tests-only: found in a source file, also when it imports a test's helper", () => {
  const world = { "svc/alert/test/world.ts": 'import { testDb } from "@episante/testkit/db";' };
  expect(planted(testkitInTestsOnly, { "svc/alert/src/a.ts": 'import { testDb } from "@episante/testkit/db";' })).toEqual([
    "testkit-in-tests-only svc/alert/src/a.ts",
  ]);
  expect(planted(testkitInTestsOnly, { ...world, "svc/alert/src/a.ts": 'import { w } from "../test/world.ts";' })).toEqual([
    "testkit-in-tests-only svc/alert/src/a.ts",
  ]);
  expect(planted(testkitInTestsOnly, { ...world, "svc/alert/src/a.int.test.ts": 'import { w } from "../test/world.ts";' })).toEqual([]);
});

test("not-to-main: found", () => {
  const files = { "svc/alert/src/main.ts": "", "svc/alert/src/a.ts": 'import "./main.ts";' };
  expect(planted(notToMain, files)).toEqual(["not-to-main svc/alert/src/a.ts"]);
});

test("env-only-in-config: found outside config.ts, not in a comment", () => {
  expect(planted(envOnlyInConfig, { "svc/alert/src/a.ts": "export const port = process.env.PORT;" })).toEqual([
    "env-only-in-config svc/alert/src/a.ts",
  ]);
  expect(planted(envOnlyInConfig, { "svc/alert/src/config.ts": "process.env.PORT;", "svc/alert/src/a.ts": "// process.env.PORT" })).toEqual(
    [],
  );
});

test("no-circular: a circle over three files is found once, type-only imports included", () => {
  const files = {
    "svc/alert/src/a.ts": 'import { b } from "./b.ts";',
    "svc/alert/src/b.ts": 'import type { C } from "./c.ts";',
    "svc/alert/src/c.ts": 'import { a } from "./a.ts";',
    "svc/alert/src/d.ts": 'import { a } from "./a.ts";',
  };
  expect(planted(noCircular, files)).toHaveLength(1);
  expect(planted(noCircular, { ...files, "svc/alert/src/b.ts": "" })).toEqual([]);
});

test("no-orphans: a file nobody names is found; exported, started and imported ones are not", () => {
  const found = planted(noOrphans, {
    "svc/alert/src/main.ts": 'import { used } from "./used.ts";',
    "svc/alert/src/used.ts": 'export const worker = new URL("worker.ts", import.meta.url);',
    "svc/alert/src/worker.ts": "",
    "svc/alert/src/forgotten.ts": "",
  });
  expect(found).toEqual(["no-orphans svc/alert/src/forgotten.ts"]);
});
