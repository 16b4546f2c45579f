import postgres from "postgres";
import { databaseServices, databaseUrl, postgresAdmin, type ServerOf } from "./databases.ts";
import { Failure, messageOf } from "./failure.ts";
import type { Secrets } from "./secrets.ts";

/** How long a server may take to come up: a first start makes its data, one after a crash replays its log. */
const patienceMs = 180_000;

/**
 * Waits until every database takes connections.
 * @throws Failure naming the one that does not, or at once when its password is refused
 */
export async function waitForServers(
  serverOf: ServerOf,
  secrets: Pick<Secrets, "password">,
  say: (text: string) => void,
  patience = patienceMs,
): Promise<void> {
  const deadline = performance.now() + patience;
  const reasons = new Map<string, string>();
  const told = setTimeout(() => say(`Waiting for ${[...reasons.keys()].join(", ")}…`), 5_000);
  try {
    await Promise.all(
      databaseServices.map(async (service) => {
        const server = serverOf(service);
        reasons.set(server.host, "");
        for (;;) {
          const fault = await faultOf(databaseUrl(server, postgresAdmin, secrets.password(server.adminPasswordName), "postgres"));
          if (!fault) break;
          if (fault.code === "28P01")
            throw new Failure(
              `The database ${server.host} refuses the administrator's password: its volume was made by another installation, or its secrets were replaced. Restore both from the same backup.`,
            );
          reasons.set(server.host, fault.message);
          if (performance.now() > deadline)
            throw new Failure(`The database ${server.host} does not answer (${fault.message}). See: docker compose logs ${server.host}`);
          await Bun.sleep(250);
        }
        reasons.delete(server.host);
      }),
    );
  } finally {
    clearTimeout(told);
  }
}

async function faultOf(url: string): Promise<{ code: string; message: string } | null> {
  const client = postgres(url, { max: 1, connect_timeout: 3, onnotice: () => {} });
  try {
    await client`select 1`;
    return null;
  } catch (error) {
    return { code: String((error as { code?: unknown }).code ?? ""), message: messageOf(error) };
  } finally {
    await client.end({ timeout: 1 });
  }
}
