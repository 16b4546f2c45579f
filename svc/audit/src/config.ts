import { baseConfig, databaseConfig, loadConfig } from "@episante/service/config";
import { z } from "zod";

const schema = z.object({ ...baseConfig, ...databaseConfig });

/** The audit service's settings. @throws ConfigError listing every fault */
export const loadAuditConfig = () => loadConfig(schema);
