import { closeSync, fsyncSync, openSync, unlinkSync, writeSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cannotPin, pinned } from "./pin.ts";
import { median } from "./stats.ts";

/** What the machine itself can do, measured in every round beside the system. */
export interface LimitSample {
  /** L1: appended writes of 8 KiB, each with its fsync, one after the other. */
  readonly fsyncPerSecond: number;
  /** L1: median of one such write with its fsync, ms. */
  readonly fsyncP50Ms: number;
  /** L2: median round trip of 64 bytes over loopback TCP to a Bun process on another core, ms. */
  readonly tcpP50Ms: number;
}

export interface RawLimits {
  sample(): Promise<LimitSample>;
  close(): Promise<void>;
}

const block = Buffer.alloc(8 * 1024, 1);
const fsyncForMs = 250;
const roundTrips = 1_000;
const warmUpTrips = 200;

/** Opens what the measurements need: a process that echoes. @param folder on the disk the system writes to */
export async function openLimits(folder: string): Promise<RawLimits> {
  const echo = Bun.spawn([process.execPath, fileURLToPath(new URL("echo-main.ts", import.meta.url))], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const reader = echo.stdout.getReader();
  const port = Number(new TextDecoder().decode((await reader.read()).value));
  reader.releaseLock();
  return {
    async sample() {
      const fsync = measureFsync(join(folder, "fsync"));
      // Left alone, the kernel puts the two on one core in some rounds and on two in others, a third of the time apart.
      const roundTrip = () => measureTcp(port);
      const tcpP50Ms = cannotPin() ? await roundTrip() : await pinned({ system: [echo.pid], load: [process.pid] }, roundTrip);
      return { ...fsync, tcpP50Ms };
    },
    async close() {
      echo.kill();
      await echo.exited;
    },
  };
}

function measureFsync(path: string): { fsyncPerSecond: number; fsyncP50Ms: number } {
  const file = openSync(path, "w");
  const took: number[] = [];
  try {
    const beganAt = performance.now();
    let at = beganAt;
    while (at - beganAt < fsyncForMs) {
      writeSync(file, block);
      fsyncSync(file);
      const now = performance.now();
      took.push(now - at);
      at = now;
    }
    return { fsyncPerSecond: (took.length / (at - beganAt)) * 1000, fsyncP50Ms: median(took) };
  } finally {
    closeSync(file);
    unlinkSync(path);
  }
}

function measureTcp(port: number): Promise<number> {
  const payload = Buffer.alloc(64, 1);
  const took: number[] = [];
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let sentAt = 0;
    let received = 0;
    const send = () => {
      received = 0;
      sentAt = performance.now();
      socket.write(payload);
    };
    socket.once("connect", send);
    socket.once("error", reject);
    socket.on("data", (chunk) => {
      received += chunk.length;
      if (received < payload.length) return;
      took.push(performance.now() - sentAt);
      if (took.length < warmUpTrips + roundTrips) return send();
      socket.destroy();
      resolve(median(took.slice(warmUpTrips)));
    });
  });
}
