import { baseConfig, databaseConfig, loadConfig } from "@episante/service/config";
import { z } from "zod";

/** Reads the settings of this process: the platform's, and `UPSTREAM_AUTH`. @throws ConfigError listing every fault */
export function patientConfigFromEnvironment() {
  return loadConfig(z.object({ ...baseConfig, ...databaseConfig }));
}
