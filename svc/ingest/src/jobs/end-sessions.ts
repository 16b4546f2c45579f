import { type Job, job } from "@episante/service/jobs";
import type { IngestDeps } from "../deps.ts";

/** Once a minute, in case a process died between a change of a device and the end of its NATS sessions. */
export const endSessions: Job<IngestDeps> = job<IngestDeps>({
  name: "end-sessions",
  everyMs: 60_000,
  run: async ({ deps }) => {
    const count = await deps.sessions.sweep();
    if (count > 0) deps.log.warn({ job: "end-sessions", count }, "NATS sessions of revoked or replaced tokens ended");
  },
});
