import { afterAll, beforeAll, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startPostgres, temporaryFolder } from "@episante/testkit/servers";
import postgres from "postgres";
import { version } from "./metrics.ts";
import { assertNotNewer, isNewer, runMigrations } from "./migrate.ts";

const fixture = join(import.meta.dir, "fixtures", "migrations");
let ownerUrl: string;
let owner: postgres.Sql;
let admin: postgres.Sql;

beforeAll(async () => {
  const server = await startPostgres();
  admin = postgres(server.adminUrl("postgres"), { max: 1, onnotice: () => {} });
  await admin.unsafe(
    "do $$ begin if not exists (select 1 from pg_roles where rolname = 'app') then create role app nologin; end if; end $$",
  );
  const name = `m_${randomBytes(6).toString("hex")}`;
  await admin.unsafe(`create database ${name}`);
  ownerUrl = server.adminUrl(name);
  owner = postgres(ownerUrl, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await Promise.all([owner.end(), admin.end()]);
});

/** The fixture's migrations and one more, as a newer version has it. */
function newerMigrations(): string {
  const folder = temporaryFolder("migrations");
  cpSync(fixture, folder, { recursive: true });
  const journalFile = join(folder, "meta", "_journal.json");
  const journal = JSON.parse(readFileSync(journalFile, "utf8")) as { entries: { idx: number; when: number; tag: string }[] };
  const last = journal.entries.at(-1);
  journal.entries.push({ ...last, idx: 9, when: (last?.when ?? 0) + 1_000, tag: "0009_later" });
  writeFileSync(journalFile, JSON.stringify(journal));
  writeFileSync(join(folder, "0009_later.sql"), "create table later (n integer)");
  return folder;
}

test("an older database is migrated forward, and who wrote it is recorded", async () => {
  await runMigrations({ ownerUrl, folder: fixture, runs: "0.0.9" });
  expect(await owner`select version from migrations.written_by`).toMatchObject([{ version: "0.0.9" }]);
  await runMigrations({ ownerUrl, folder: fixture });
  await runMigrations({ ownerUrl, folder: fixture });
  expect(await owner`select version from migrations.written_by`).toMatchObject([{ version }]);
});

test("a database that a newer version wrote is refused with both versions and what to do, and is left as it was", async () => {
  await runMigrations({ ownerUrl, folder: fixture, runs: "99.1.0" });
  for (const work of [runMigrations, assertNotNewer]) {
    const refused = work({ ownerUrl, service: "auth", folder: newerMigrations() });
    await expect(refused).rejects.toThrow(`the database of auth was written by EpiSanté 99.1.0, and this is EpiSanté ${version}`);
    await expect(refused).rejects.toThrow(/restore a backup/);
  }
  expect(
    await owner`select to_regclass('later') is null as untouched, (select version from migrations.written_by) as version`,
  ).toMatchObject([{ untouched: true, version: "99.1.0" }]);
  await owner`update migrations.written_by set version = ${version}`;
});

test("a migration this program does not know means a newer one, whatever its version is called", async () => {
  await runMigrations({ ownerUrl, folder: newerMigrations() });
  await expect(runMigrations({ ownerUrl, service: "auth", folder: fixture })).rejects.toThrow(
    "was written by a newer version, and this is",
  );
  await assertNotNewer({ ownerUrl, folder: newerMigrations() });
});

test("versions are compared by number, not by letter", () => {
  expect([isNewer("0.10.0", "0.9.0"), isNewer("0.9.0", "0.10.0"), isNewer("1.0.0", "1.0.0"), isNewer("1.0.0", "1.0.0-rc.1")]).toEqual([
    true,
    false,
    false,
    true,
  ]);
});
