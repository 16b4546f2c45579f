import { createHash, randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Database, openDatabase } from "@episante/service/db";
import { runMigrations } from "@episante/service/migrate";
import postgres from "postgres";
import { startPostgres } from "./servers.ts";

export interface TestDatabase {
  /** As the service sees it: the app role, row-level security binding. */
  readonly db: Database;
  /** Superuser, for looking and for planting. */
  readonly owner: postgres.Sql;
  /** Connection string of the app role. */
  readonly url: string;
  close(): Promise<void>;
}

const templates = new Map<string, Promise<string>>();
const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");

/**
 * A database of its own, copied from a migrated template.
 * @param migrations folder of the service's migrations, from the repository's root
 */
export async function testDatabase({ migrations }: { migrations: string }): Promise<TestDatabase> {
  const server = await startPostgres();
  const folder = isAbsolute(migrations) ? migrations : join(root, migrations);
  const template = await templateOf(folder);
  const name = `t_${randomBytes(6).toString("hex")}`;
  const admin = postgres(server.adminUrl("postgres"), { max: 1, onnotice: () => {} });
  await admin.unsafe(`create database ${name} template ${template}`);
  await admin.end();
  const url = `postgres://test_app:of-the-tests-own-role@127.0.0.1:${server.port}/${name}`;
  const db = openDatabase(url, { name: "test" });
  const owner = postgres(server.adminUrl(name), { max: 2, onnotice: () => {} });
  return {
    db,
    owner,
    url,
    async close() {
      await Promise.all([db.close(), owner.end({ timeout: 1 })]);
    },
  };
}

/** A template database holding a folder's schema, made once per process and content. */
function templateOf(folder: string): Promise<string> {
  const content = existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => file.endsWith(".sql"))
        .map((file) => readFileSync(join(folder, file), "utf8"))
    : [];
  const name = `template_${createHash("sha256")
    .update(folder + content.join("\n"))
    .digest("hex")
    .slice(0, 16)}`;
  let template = templates.get(name);
  if (!template) {
    template = migrateTemplate(name, folder);
    templates.set(name, template);
  }
  return template;
}

async function migrateTemplate(name: string, folder: string): Promise<string> {
  const server = await startPostgres();
  const admin = postgres(server.adminUrl("postgres"), { max: 1, onnotice: () => {} });
  await admin.unsafe(`do $$ begin
    if not exists (select 1 from pg_roles where rolname = 'app') then create role app nologin; end if;
    if not exists (select 1 from pg_roles where rolname = 'gold_reader') then create role gold_reader login password 'test'; end if;
    if not exists (select 1 from pg_roles where rolname = 'test_app') then create role test_app login password 'of-the-tests-own-role' in role app; end if;
  end $$`);
  await admin.unsafe(`create database ${name}`);
  await admin.end();
  await runMigrations({ ownerUrl: server.adminUrl(name), folder });
  return name;
}
