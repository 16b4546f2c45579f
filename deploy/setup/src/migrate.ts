import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assertNotNewer, NewerDataError, runMigrations } from "@episante/service/migrate";
import { connectNats } from "@episante/service/nats";
import { ensureStreams } from "@episante/service/streams";
import { databaseServices, ensureDatabases, grantGoldReader, ownerUrl, type ServerOf } from "./databases.ts";
import { Failure, messageOf } from "./failure.ts";
import { natsAdmin, natsPasswordName } from "./nats-config.ts";
import type { Secrets } from "./secrets.ts";

const repoRoot = fileURLToPath(new URL("../../..", import.meta.url));

export interface MigrateInput {
  readonly serverOf: ServerOf;
  readonly natsUrl: string;
  readonly secrets: Pick<Secrets, "password">;
}

/**
 * The step every service waits for: databases, roles, schemas, streams, buckets. Safe to repeat.
 * @throws Failure naming the schema that could not be brought up to date
 */
export async function migrate(input: MigrateInput): Promise<void> {
  const { serverOf, secrets } = input;
  await ensureDatabases(serverOf, secrets);
  await Promise.all([migrateSchemas(input), makeStreams(input)]);
  await grantGoldReader(serverOf, secrets);
}

/** All databases are looked at before the first is changed: one that a newer version wrote stops the step with everything as it was. */
async function migrateSchemas({ serverOf, secrets }: MigrateInput): Promise<void> {
  await eachSchema(serverOf, secrets, assertNotNewer);
  await eachSchema(serverOf, secrets, runMigrations);
}

async function eachSchema(serverOf: ServerOf, secrets: MigrateInput["secrets"], work: typeof runMigrations): Promise<void> {
  for (const service of databaseServices) {
    const folder = join(repoRoot, service === "pipeline" ? "pipeline" : `svc/${service}`, "migrations");
    if (!existsSync(folder)) throw new Failure(`${folder} is missing`);
    try {
      await work({ ownerUrl: ownerUrl(serverOf, secrets, service), service, folder });
    } catch (error) {
      if (error instanceof NewerDataError) throw new Failure(error.message);
      const cause = error instanceof Error && error.cause ? `: ${messageOf(error.cause)}` : "";
      throw new Failure(`schema of ${service}: ${messageOf(error)}${cause}`);
    }
  }
}

async function makeStreams({ natsUrl, secrets }: MigrateInput): Promise<void> {
  const nats = await connectNats({
    url: natsUrl,
    user: natsAdmin,
    password: secrets.password(natsPasswordName(natsAdmin)),
    name: "migrate",
  });
  try {
    await ensureStreams(nats);
  } finally {
    await nats.close();
  }
}
