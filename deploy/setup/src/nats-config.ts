import { existsSync, readFileSync } from "node:fs";
import { serviceNames } from "@episante/contracts/session";
import { natsPermissions } from "@episante/service/streams";
import type { Secrets } from "./secrets.ts";

/** NATS user of the migrate step: may do everything. */
export const natsAdmin = "admin";

/** File name of a NATS user's password. */
export function natsPasswordName(user: string): string {
  return `nats-${user}.password`;
}

export interface NatsSettings {
  /** Address to listen on. */
  readonly host: string;
  readonly port: number;
  readonly monitorPort: number;
  /** Also takes WebSocket connections, of devices only. TLS ends at the proxy in front. */
  readonly websocketPort?: number;
  readonly storeDir: string;
  /** Public account key that signs what auth callout answers. */
  readonly calloutKey: string;
  readonly secrets: Secrets;
}

/**
 * The server's configuration (JSON is a subset of its format). JetStream syncs before each acknowledgement; every process
 * has a user with its own allow-list and logs in over plain NATS only; anybody else (devices) is decided by the callout that ingest answers.
 */
export function natsConfig({ host, port, monitorPort, websocketPort, storeDir, calloutKey, secrets }: NatsSettings): string {
  const hashed = (user: string) => keptHash(secrets, user);
  const inside = { allowed_connection_types: ["STANDARD"] };
  const users = serviceNames.map((name) => {
    const { publish, subscribe } = natsPermissions(name);
    return { user: name, password: hashed(name), permissions: { publish: { allow: publish }, subscribe: { allow: subscribe } }, ...inside };
  });
  const admin = { user: natsAdmin, password: hashed(natsAdmin), ...inside };
  return JSON.stringify(
    {
      server_name: "episante",
      host,
      port,
      http: `${host}:${monitorPort}`,
      max_payload: 1_048_576,
      ping_interval: "20s",
      write_deadline: "10s",
      jetstream: { store_dir: storeDir, sync_interval: "always", max_file_store: 20 * 1024 ** 3, max_memory_store: 64 * 1024 ** 2 },
      authorization: {
        timeout: 10,
        users: [admin, ...users],
        auth_callout: { issuer: calloutKey, auth_users: [natsAdmin, ...serviceNames] },
      },
      ...(websocketPort === undefined ? {} : { websocket: { host, port: websocketPort, no_tls: true, handshake_timeout: "5s" } }),
    },
    null,
    2,
  );
}

/** Kept, so that the same passwords give the same configuration. Cheap hashes are enough for 24 random bytes. */
function keptHash(secrets: Secrets, user: string): string {
  const password = secrets.password(natsPasswordName(user));
  const file = secrets.path(`nats-${user}.hash`);
  const kept = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (kept !== "" && Bun.password.verifySync(password, kept)) return kept;
  const hash = Bun.password.hashSync(password, { algorithm: "bcrypt", cost: 4 });
  secrets.put(`nats-${user}.hash`, hash);
  return hash;
}
