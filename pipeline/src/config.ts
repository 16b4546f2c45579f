import { baseConfig, databaseConfig, loadConfig } from "@episante/service/config";
import { objectConfig } from "@episante/service/objects";
import { z } from "zod";

const schema = z.object({
  ...baseConfig,
  ...databaseConfig,
  ...objectConfig,
  /** Longest time an event stays out of the lake, seconds. */
  LAND_EVENTS_SECONDS: z.coerce.number().min(1).max(3600).default(20),
  /** Longest time a reading stays out of the lake, seconds: longer means fewer, larger objects. */
  LAND_READINGS_SECONDS: z.coerce.number().min(1).max(3600).default(120),
  /** Pause between the runs the pipeline starts by itself, seconds; 0 = it starts none. */
  RUN_EVERY_SECONDS: z.coerce.number().min(0).max(86_400).default(900),
  DUCK_MEMORY_MB: z.coerce.number().int().min(64).max(65_536).default(512),
  DUCK_THREADS: z.coerce.number().int().min(1).max(64).default(2),
});

/** The pipeline's settings. @throws ConfigError listing every fault */
export const loadPipelineConfig = (env: Record<string, string | undefined> = process.env) => loadConfig(schema, env, storeFaults);
export type PipelineConfig = ReturnType<typeof loadPipelineConfig>;

/** A lake is a folder or an S3 server, and a server needs a key. */
function storeFaults({ LAKE_DIR, S3_ENDPOINT, S3_ACCESS_KEY, S3_SECRET_KEY }: Readonly<Record<string, string | undefined>>): string[] {
  if (!S3_ENDPOINT) return LAKE_DIR ? [] : ["LAKE_DIR: is missing; name a folder for the lake, or an S3 server as S3_ENDPOINT"];
  return [
    ...(S3_ACCESS_KEY ? [] : ["S3_ACCESS_KEY: is missing; S3_ENDPOINT needs it"]),
    ...(S3_SECRET_KEY === undefined ? ["S3_SECRET_KEY_FILE: is missing; S3_ENDPOINT needs it"] : []),
  ];
}
