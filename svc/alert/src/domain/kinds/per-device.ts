import type { Finding } from "@episante/contracts/rule";
import type { Judgement, Sample, Verdict } from "../episode.ts";

/** Devices of which something is wrong now. */
export interface DevicesMemory {
  readonly wrong: { readonly [deviceId: string]: { readonly value: number; readonly since: number; readonly times: number } };
  /** Of those the alert was closed by hand: quiet until they are well again. */
  readonly quiet: readonly string[];
}
type Facts = Extract<Finding, { kind: "low-battery" }>["devices"];

/** How one device is judged by what its frames say of it. */
interface DeviceJudge {
  readonly isWrong: (value: number) => boolean;
  readonly isWell: (value: number) => boolean;
  /** The value of several devices that says most. */
  readonly worst: (values: readonly number[]) => number;
  readonly holdMs: number;
  /** Frames running that must say so. */
  readonly times: number;
  readonly finding: (devices: Facts) => Finding;
}

/**
 * One alert for all devices of a patient: from the first that has been wrong for the hold, until all are well again. The last that a device said
 * of itself stands until it says otherwise, so that a hold ends by its deadline.
 */
export function judgeDevices({ isWrong, isWell, worst, holdMs, times, finding }: DeviceJudge) {
  const calling = ({ wrong, quiet }: DevicesMemory) => Object.entries(wrong).filter(([id]) => !quiet.includes(id));
  const judge = (
    before: DevicesMemory | undefined,
    [sample]: readonly Sample[],
  ): { memory?: DevicesMemory | undefined; verdict?: Verdict } => {
    if (!sample) return { memory: before };
    const memory = sample.kind === "timer" ? before : after(before, sample);
    if (!memory) return { memory: before };
    const held = calling(memory).filter(([, one]) => sample.at - one.since >= holdMs && one.times >= times);
    const devices = held.map(([deviceId, { value, since }]) => ({ deviceId, value, since }));
    const all = Object.values(memory.wrong).map(({ value }) => value);
    return {
      memory,
      verdict: {
        fires: held.length > 0,
        holds: all.length > 0,
        value: all.length > 0 ? worst(all) : sample.value,
        ...(held.length > 0 ? { since: Math.min(...devices.map(({ since }) => since)) } : {}),
        used: Math.max(1, held.length),
        finding: () => finding(devices),
      },
    };
  };
  /** Undefined: nothing was wrong and nothing is, so that there is nothing to remember. */
  const after = (before: DevicesMemory | undefined, { source, value, at }: Sample): DevicesMemory | undefined => {
    const { wrong, quiet } = before ?? { wrong: {}, quiet: [] };
    const known = wrong[source];
    if (known ? !isWell(value) : isWrong(value))
      return { wrong: { ...wrong, [source]: { value, since: known?.since ?? at, times: (known?.times ?? 0) + 1 } }, quiet };
    if (!known) return undefined;
    const { [source]: _, ...rest } = wrong;
    return { wrong: rest, quiet: quiet.filter((id) => id !== source) };
  };
  return {
    judge,
    dueAt: (memory: DevicesMemory, at: number): number | undefined => {
      const ends = calling(memory).flatMap(([, { since }]) => (since + holdMs > at ? [since + holdMs] : []));
      return ends.length > 0 ? Math.min(...ends) : undefined;
    },
    afterReset: (memory: DevicesMemory): DevicesMemory => ({ ...memory, quiet: Object.keys(memory.wrong) }),
  } satisfies Pick<Judgement<DevicesMemory>, "judge"> & Record<string, unknown>;
}
