import { type BaseDeps, configOrExit, runService } from "@episante/service/run";
import { authRoutes } from "./app.ts";
import { authConfigFromEnvironment } from "./config.ts";
import type { AuthDeps } from "./deps.ts";
import { makeGate } from "./gate.ts";
import { forgetAttempts } from "./jobs/forget-attempts.ts";
import { repairSessions } from "./jobs/repair-sessions.ts";
import { newSecret } from "./secrets.ts";
import { openSessionBucket } from "./session-bucket.ts";

const config = configOrExit(authConfigFromEnvironment);
/** argon2id, 64 MiB, three passes. Bun takes the memory in KiB and never truncates argon2 passwords. */
const argon2id = { algorithm: "argon2id", memoryCost: 65_536, timeCost: 3 } as const;
const passwords = {
  hash: (password: string) => Bun.password.hash(password, argon2id),
  verify: (password: string, hash: string) => Bun.password.verify(password, hash),
};

await runService<typeof config, AuthDeps & BaseDeps>({
  service: "auth",
  config,
  extend: async (base) => ({
    ...base,
    passwords,
    hashing: makeGate({ parallel: config.HASH_PARALLEL, waiting: config.HASH_WAITING }),
    decoyHash: await passwords.hash(newSecret()),
    bucket: await openSessionBucket(base.nats),
    jwks: JSON.parse(config.JWKS) as { keys: Record<string, unknown>[] },
    demo: config.MODE === "demo" || config.TEST_CLOCK === "on",
    realNow: Date.now,
  }),
  routes: authRoutes,
  jobs: () => [
    { name: "repair-sessions", everyMs: 300_000, run: ({ deps }) => repairSessions(deps) },
    { name: "forget-attempts", everyMs: 3_600_000, run: ({ deps }) => forgetAttempts(deps) },
  ],
  beats: true,
});
