import { signalNames, signalOf } from "@episante/contracts/signals";
import type { CompileKind } from "./kind.ts";

/** The last thing received, as far as the rule remembers it, and when silence is an alert. `isTold` once it is one. */
export interface SilenceMemory {
  readonly at: number;
  readonly device: string;
  readonly dueAt: number;
  readonly isTold?: true;
}

/** What comes sooner after the remembered one says nothing new: a state is not written for each of ten readings a second. */
const resolutionMs = (timeoutMs: number) => Math.min(5_000, timeoutMs / 60);

/**
 * Nothing received for a time. Counted in receive time, so that a device whose clock is wrong is heard all the same; refused readings are heard
 * too, unless the rule asks for one signal. It fires by its deadline, which the version that heard the last reading has set.
 */
export const compileSilence: CompileKind<"silence", SilenceMemory> = ({ timeoutSeconds, code, severity }) => {
  const signal = code === undefined ? undefined : signalOf(code);
  if (code !== undefined && !signal) return "unknown-code";
  const timeoutMs = timeoutSeconds * 1000;
  return {
    class: "technical",
    signals: [],
    received: {
      signals: signal ? [signal] : signalNames,
      of: ({ readings }) => (signal === undefined || readings.some(([, other]) => other === signal) ? 1 : undefined),
      dueAt: (memory) => (memory.isTold ? undefined : memory.dueAt),
    },
    judge: (memory, [sample]) => {
      if (!sample) return { memory };
      const { at, kind, source: device } = sample;
      if (kind !== "timer") {
        if (memory && !memory.isTold && at - memory.at < resolutionMs(timeoutMs)) return { memory };
        return { memory: { at, device, dueAt: at + timeoutMs }, verdict: { fires: false, holds: false, value: 0 } };
      }
      if (!memory) return { memory };
      const { at: since } = memory;
      const value = (memory.dueAt - since) / 1000;
      return {
        memory: { ...memory, isTold: true },
        verdict: {
          fires: true,
          holds: true,
          value,
          since,
          finding: () => ({ kind: "silence", since, timeoutSeconds: value, devices: [{ deviceId: memory.device, value, since }] }),
        },
      };
    },
    holdMs: 0,
    gapMs: timeoutMs,
    clearMs: 0,
    severity,
    shown: {
      code: code ?? "silence",
      signal: signal ?? "silence",
      unit: "s",
      op: ">=",
      threshold: timeoutSeconds,
      clearValue: timeoutSeconds,
    },
  };
};
