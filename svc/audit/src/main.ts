import { configOrExit, runService } from "@episante/service/run";
import { deadLetterSample } from "./actions/sample-dead-letters.ts";
import { auditServiceRoutes } from "./app.ts";
import { loadAuditConfig } from "./config.ts";
import { startAppending } from "./consumers/append-on-audited.ts";
import { mirrorProxies } from "./consumers/mirror-proxies-on-changed.ts";
import { openDeadLetters } from "./dead-letters.ts";
import type { RunningAuditDeps } from "./deps.ts";

const proxies = mirrorProxies();
const config = configOrExit(loadAuditConfig);
await runService({
  service: "audit",
  config,
  extend: async (base, onStop): Promise<RunningAuditDeps> => {
    const appending = startAppending(base);
    onStop(() => appending.stop());
    return { ...base, deadLetters: openDeadLetters(base.js), proxies };
  },
  mirrors: () => [proxies],
  routes: (deps) => auditServiceRoutes(deps),
  samples: (deps) => [
    deadLetterSample(deps, deps.metrics.make.gauge("dead_letters_waiting", "Dead letters on the stream that nobody has replayed")),
  ],
});
