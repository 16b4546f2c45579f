import { baseConfig, databaseConfig, loadConfig } from "@episante/service/config";
import { z } from "zod";

const schema = z.object({ ...baseConfig, ...databaseConfig });

/** Settings of svc/alert: only the common ones. `UPSTREAM_AUTH` and `UPSTREAM_INGEST` must be set. */
export const loadAlertConfig = () => loadConfig(schema);
