import { existsSync } from "node:fs";
import { join } from "node:path";
import { runMigrations } from "@episante/service/migrate";
import { connectNats } from "@episante/service/nats";
import { ensureStreams } from "@episante/service/streams";
import { databaseOf, databaseServices, ensureDatabases, grantGoldReader, ownerUrl } from "./databases.ts";
import { messageOf } from "./failure.ts";
import { natsAdmin, natsPasswordName } from "./nats.ts";
import { repoRoot } from "./paths.ts";
import { openSecrets } from "./secrets.ts";

/** The one-shot step every service waits for: databases, roles, schemas, streams, buckets. A process of its own, so that its memory goes with it. */
async function migrate(secretsDir: string, postgresPort: number, natsPort: number): Promise<void> {
  const secrets = openSecrets(secretsDir);
  await ensureDatabases(postgresPort, secrets);
  await Promise.all([migrateAll(postgresPort, secrets), makeStreams(natsPort, secrets.password(natsPasswordName(natsAdmin)))]);
  await grantGoldReader(postgresPort, secrets);
}

async function migrateAll(port: number, secrets: ReturnType<typeof openSecrets>): Promise<void> {
  for (const service of databaseServices) {
    const folder = join(repoRoot, service === "pipeline" ? "pipeline" : `svc/${service}`, "migrations");
    if (!existsSync(folder)) throw new Error(`${folder} is missing`);
    try {
      await runMigrations({ ownerUrl: ownerUrl(port, secrets, databaseOf[service]), service, folder });
    } catch (error) {
      const cause = error instanceof Error && error.cause ? `: ${messageOf(error.cause)}` : "";
      throw new Error(`schema of ${service}: ${messageOf(error)}${cause}`);
    }
  }
}

async function makeStreams(port: number, password: string): Promise<void> {
  const nats = await connectNats({ url: `nats://127.0.0.1:${port}`, user: natsAdmin, password, name: "migrate" });
  try {
    await ensureStreams(nats);
  } finally {
    await nats.close();
  }
}

const [secretsDir = "", postgresPort = "", natsPort = ""] = process.argv.slice(2);
try {
  await migrate(secretsDir, Number(postgresPort), Number(natsPort));
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
}
