import { ConfigError } from "@episante/service/config";
import { makeLog } from "@episante/service/log";
import { type GatewayConfig, readConfig } from "./config.ts";
import { startGateway } from "./gateway.ts";

const config = configOrExit();
const log = makeLog("gateway", config.LOG_LEVEL);
process.on("unhandledRejection", (error) => log.error({ err: error }, "unhandled rejection"));
try {
  const gateway = await startGateway(config, log);
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), 20_000).unref();
    await gateway.stop();
    process.exit(0);
  };
  process.on("SIGTERM", () => void stop());
  process.on("SIGINT", () => void stop());
} catch (error) {
  log.error({ err: error }, "could not start");
  process.exit(1);
}

function configOrExit(): GatewayConfig {
  try {
    return readConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    // EX_CONFIG of sysexits.h
    process.exit(78);
  }
}
