import { fileURLToPath } from "node:url";
import { endsWithThisProcess } from "@episante/testkit/janitor";
import { quantile } from "./stats.ts";

/** What an open-loop run gave, ms. */
export interface OpenLoopResult {
  readonly perSecond: number;
  /** From the intended time of a frame to its acknowledgement. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  /** How late the load itself was (p99): from the intended time of a frame to when its process came to it. Contained in the others. */
  readonly lateP99: number;
}

/** An open-loop run. */
export interface OpenLoop {
  readonly framesPerSecond: number;
  readonly forMs: number;
  /** Looks at the time every tenth of a millisecond or so: for a load with a core of its own, where a timer would make it late by a millisecond. */
  readonly awake: boolean;
}

/** What the devices' process is asked. */
export type DevicesCommand =
  | { readonly do: "open"; readonly url: string; readonly tokens: readonly string[]; readonly readings: number }
  | { readonly do: "saturate"; readonly group: number; readonly forMs: number }
  | ({ readonly do: "openLoop"; readonly group: number } & OpenLoop);
export type DevicesReply = { readonly result: number | OpenLoopResult } | { readonly fault: string };

/** Device sockets of the bench, in a process of their own: the bench's other work cannot delay them. */
export interface DeviceLoad {
  /** Every device keeps its whole credit in flight for a while. @returns acknowledged frames per second */
  saturate(forMs: number): Promise<number>;
  /**
   * Frames leave at their intended time whatever the answers do; those due within one millisecond leave together, one write per device. A device
   * whose credit is used up holds them back as any device must, and the time they wait counts.
   */
  openLoop(run: OpenLoop): Promise<OpenLoopResult>;
}

export interface DevicesProcess {
  readonly pid: number;
  /** Opens one socket per token. @param readings how many each frame carries @throws Error when a device is refused */
  open(url: string, tokens: readonly string[], readings: number): Promise<DeviceLoad>;
  close(): Promise<void>;
}

/** Starts the devices' process. One command at a time. */
export function startDevices(): DevicesProcess {
  let settle: ((reply: DevicesReply) => void) | undefined;
  const child = Bun.spawn([process.execPath, fileURLToPath(new URL("devices-main.ts", import.meta.url))], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "inherit",
    ipc: (reply: DevicesReply) => settle?.(reply),
    onExit: () => settle?.({ fault: "the devices' process ended" }),
  });
  endsWithThisProcess(child);
  const ask = async (command: DevicesCommand) => {
    const { promise, resolve } = Promise.withResolvers<DevicesReply>();
    settle = resolve;
    child.send(command);
    const reply = await promise;
    if ("fault" in reply) throw new Error(reply.fault);
    return reply.result;
  };
  return {
    pid: child.pid,
    async open(url, tokens, readings) {
      const group = (await ask({ do: "open", url, tokens, readings })) as number;
      return {
        saturate: async (forMs) => (await ask({ do: "saturate", group, forMs })) as number,
        openLoop: async (run) => (await ask({ do: "openLoop", group, ...run })) as OpenLoopResult,
      };
    },
    async close() {
      child.kill();
      await child.exited;
    },
  };
}

/** p50 and p99 of some latencies. */
export function summary(latencies: readonly number[]): { p50: number; p99: number } {
  return { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) };
}
