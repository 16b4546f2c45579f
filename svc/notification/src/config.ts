import { baseConfig, ConfigError, databaseConfig, loadConfig } from "@episante/service/config";
import { z } from "zod";

const schema = z.object({
  ...baseConfig,
  ...databaseConfig,
  /** `capture`: the built-in SMTP sink keeps all mail; `smtp`: `SMTP_URL` sends it; `off`: messages wait in the queue until there is one. */
  MAIL: z.enum(["capture", "smtp", "off"]).default("smtp"),
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\//)
    .optional(),
  MAIL_FROM: z.string().min(3).default("EpiSanté <no-reply@localhost>"),
  PUBLIC_URL: z.url().default("http://localhost:8080"),
});

/** Settings of this service. @throws ConfigError listing every fault */
export function readConfig() {
  const config = loadConfig(schema);
  if (config.MAIL === "smtp" && !config.SMTP_URL) throw new ConfigError("Settings are not right:\n  SMTP_URL: is missing (MAIL=smtp)");
  return config;
}
