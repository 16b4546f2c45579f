import { baseConfig, databaseConfig, loadConfig } from "@episante/service/config";
import { z } from "zod";

/** Settings of this service. @throws ConfigError listing every fault */
export function readConfig() {
  return loadConfig(z.object({ ...baseConfig, ...databaseConfig }));
}
