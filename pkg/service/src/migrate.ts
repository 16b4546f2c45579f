import { fileURLToPath } from "node:url";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";

const platformFolder = fileURLToPath(new URL("../migrations", import.meta.url));

/**
 * Brings a service's database to the current schema: the platform's migrations, then the service's own. Safe to repeat.
 * @param ownerUrl connection of the database's owner role (may create roles and bypass row-level security)
 * @param folder the service's `migrations` folder
 */
export async function runMigrations({ ownerUrl, folder }: { ownerUrl: string; service?: string; folder: string }): Promise<void> {
  const client = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  try {
    const database = drizzle(client);
    await migrate(database, { migrationsFolder: platformFolder, migrationsTable: "platform_migrations", migrationsSchema: "migrations" });
    await migrate(database, { migrationsFolder: folder, migrationsTable: "service_migrations", migrationsSchema: "migrations" });
  } finally {
    await client.end();
  }
}
