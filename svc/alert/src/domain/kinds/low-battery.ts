import type { CompileKind } from "./kind.ts";
import { type DevicesMemory, judgeDevices } from "./per-device.ts";

/** A device says that its battery is low. */
export const compileLowBattery: CompileKind<"low-battery", DevicesMemory> = ({ below, clear, severity }) => {
  const { judge, dueAt, afterReset } = judgeDevices({
    isWrong: (percent) => percent < below,
    isWell: (percent) => percent >= clear,
    worst: (all) => Math.min(...all),
    holdMs: 0,
    times: 1,
    finding: (devices) => ({ kind: "low-battery", devices }),
  });
  return {
    class: "technical",
    signals: [],
    received: { of: ({ battery }) => battery, dueAt, afterReset },
    judge,
    holdMs: 0,
    gapMs: 86_400_000,
    clearMs: 0,
    severity,
    shown: { code: "battery", signal: "battery", unit: "%", op: "<", threshold: below, clearValue: clear },
  };
};
