import { baseConfig, databaseConfig, loadConfig } from "@episante/service/config";
import { z } from "zod";

/** Settings of this service beyond the platform's. */
export const authConfig = z.object({
  ...baseConfig,
  ...databaseConfig,
  /** Passwords hashed at once; each takes 64 MiB and a core for a fifth of a second. */
  HASH_PARALLEL: z.coerce.number().int().min(1).max(16).default(2),
  /** Sign-ins that may queue for hashing; more are answered 429. */
  HASH_WAITING: z.coerce.number().int().min(0).max(1000).default(64),
});

/** Reads the settings of this process. @throws ConfigError listing every fault */
export function authConfigFromEnvironment() {
  return loadConfig(authConfig);
}
