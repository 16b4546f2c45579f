import type { Ops } from "@episante/contracts/ops";

const at = "2026-01-15T09:00:00.000Z";
const startedAt = "2026-01-15T07:55:00.000Z";

/** An installation in which all is well. */
export function opsFixture(more: Partial<Ops> = {}): Ops {
  return {
    at,
    attention: [],
    installation: { version: "0.1.0", mode: "production", testClock: false, grafanaUrl: "https://clinic.example/grafana" },
    processes: [
      { name: "gateway", state: "ready", reasons: [], version: "0.1.0", startedAt, memoryBytes: 88_000_000 },
      { name: "alert", state: "ready", reasons: [], version: "0.1.0", startedAt, memoryBytes: 84_000_000, outboxPending: 0 },
    ],
    databases: [{ service: "alert", state: "up", version: "17.6", startedAt, bytes: 9_000_000 }],
    broker: {
      up: true,
      version: "2.15.0",
      startedAt,
      memoryBytes: 30_000_000,
      isDurable: true,
      streams: [
        { name: "READINGS", messages: 10, bytes: 1_000 },
        { name: "DLQ", messages: 0, bytes: 0 },
      ],
    },
    readers: [0, 1].map((partition) => ({
      service: "alert",
      reader: "rules",
      partition,
      lag: 0,
      state: "current" as const,
      quietSeconds: 0.5,
    })),
    consumers: { total: 19, behind: [] },
    mirrors: [{ service: "doctor", owner: "patient", fresh: true, heardSecondsAgo: 1 }],
    disks: [{ name: "data", freeBytes: 50e9, totalBytes: 100e9, state: "enough" }],
    backup: { state: "done", at: "2026-01-15T02:00:00.000Z", bytes: 5_000_000 },
    certificate: { state: "valid", name: "clinic.example", issuer: "Let’s Encrypt", expiresAt: "2026-03-01T00:00:00.000Z", isPublic: true },
    ...more,
  };
}
