import type { Alert } from "@episante/contracts/alert";

const base = Date.parse("2026-01-15T08:00:00Z");

/** An alert for tests: its id follows from its name. `minute` = when it fired. */
export function alertFixture(
  name: string,
  more: Partial<
    Pick<
      Alert,
      "class" | "severity" | "status" | "cursor" | "stale" | "clearedAt" | "op" | "threshold" | "owner" | "snoozedUntil" | "history"
    >
  > & { minute?: number } = {},
): Alert {
  const { minute = 0, ...rest } = more;
  const at = new Date(base + minute * 60_000).toISOString();
  const hex = Array.from(name, (letter) => letter.charCodeAt(0).toString(16).padStart(2, "0"))
    .join("")
    .padEnd(32, "0")
    .slice(0, 32);
  return {
    id: `alr_${hex}`,
    patientId: `pat_${hex}`,
    clinicId: `cli_${"0".repeat(32)}`,
    class: "clinical",
    rule: { id: `rul_${"0".repeat(32)}`, version: 1, kind: "threshold", name },
    severity: "critical",
    status: "open",
    code: "59408-5",
    signal: "spo2",
    value: 86,
    unit: "%",
    threshold: 90,
    op: "<",
    lastReadingAt: at,
    onsetAt: at,
    firedAt: at,
    trend: [],
    explanation: {
      samplesUsed: 31,
      samplesRejected: 0,
      holdSeconds: 30,
      gapSeconds: 120,
      clearValue: 92,
      clearSeconds: 30,
      delaySeconds: 0,
    },
    history: [],
    cursor: 1,
    ...rest,
  };
}
