import { baseConfig, databaseConfig, loadConfig } from "@episante/service/config";
import { z } from "zod";

/** Settings of this service. `GOLD_DATABASE_URL` (as a file): the read-only login of the warehouse. @throws ConfigError listing every fault */
export function readConfig() {
  return loadConfig(z.object({ ...baseConfig, ...databaseConfig, GOLD_DATABASE_URL: z.string().min(1).optional() }));
}
