import type { CompileKind } from "./kind.ts";
import { type DevicesMemory, judgeDevices } from "./per-device.ts";

/** A device says that nobody wears it. */
export const compileNotWorn: CompileKind<"not-worn", DevicesMemory> = ({ holdSeconds, severity }) => {
  const { judge, dueAt, afterReset } = judgeDevices({
    isWrong: (worn) => worn === 0,
    isWell: (worn) => worn > 0,
    worst: () => 0,
    holdMs: holdSeconds * 1000,
    times: 1,
    finding: (devices) => ({ kind: "not-worn", devices }),
  });
  return {
    class: "technical",
    signals: [],
    received: { of: ({ worn }) => (worn === undefined ? undefined : Number(worn)), dueAt, afterReset },
    judge,
    // The hold is each device's own: it ends by a deadline, also when nothing more is said.
    holdMs: 0,
    gapMs: 86_400_000,
    clearMs: 0,
    severity,
    shown: { code: "worn", signal: "worn", unit: "1", op: "<", threshold: 1, clearValue: 1 },
  };
};
