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
export const loadPipelineConfig = () => loadConfig(schema);
export type PipelineConfig = ReturnType<typeof loadPipelineConfig>;
