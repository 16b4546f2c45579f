import { baseConfig, databaseConfig, loadConfig } from "@episante/service/config";
import { z } from "zod";

const schema = z.object({
  ...baseConfig,
  ...databaseConfig,
  /** `on`: doctors' calendars may also be read over http and from this machine. For tests; production refuses it. */
  LOCAL_CALENDARS: z.enum(["on", "off"]).default("off"),
});

/** Settings of this service. @throws ConfigError listing every fault */
export function readConfig() {
  return loadConfig(schema, process.env, ({ MODE = "production", LOCAL_CALENDARS }) =>
    LOCAL_CALENDARS === "on" && MODE === "production"
      ? ["LOCAL_CALENDARS: is for tests: production reads calendars from the internet only"]
      : [],
  );
}
