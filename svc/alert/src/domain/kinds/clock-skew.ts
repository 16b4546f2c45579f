import type { CompileKind } from "./kind.ts";
import { type DevicesMemory, judgeDevices } from "./per-device.ts";

/** A device's clock is wrong. The gateway tells how much, also of batches whose readings it refuses for their dates. */
export const compileClockSkew: CompileKind<"clock-skew", DevicesMemory> = ({ seconds, severity }) => {
  const { judge, dueAt, afterReset } = judgeDevices({
    isWrong: (skew) => Math.abs(skew) >= seconds,
    isWell: (skew) => Math.abs(skew) <= seconds / 2,
    worst: (all) => all.reduce((most, skew) => (Math.abs(skew) > Math.abs(most) ? skew : most), 0),
    holdMs: 0,
    // One reading with a wrong date, or one batch that hung on its way, says nothing of the clock.
    times: 2,
    finding: (devices) => ({ kind: "clock-skew", devices }),
  });
  return {
    class: "technical",
    signals: [],
    received: { of: ({ skewMs }) => (skewMs === undefined ? undefined : skewMs / 1000), dueAt, afterReset },
    judge,
    holdMs: 0,
    gapMs: 86_400_000,
    clearMs: 0,
    severity,
    shown: { code: "clock", signal: "clock", unit: "s", op: ">=", threshold: seconds, clearValue: seconds / 2 },
  };
};
