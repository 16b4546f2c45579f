import { type DeviceClient, openDevice } from "./client.ts";
import { type DoorName, type LinkTarget, targetOf } from "./links/link.ts";
import { makePerson, type Profile } from "./vitals.ts";

export interface SimulationOptions extends Omit<LinkTarget, "token"> {
  /** Default `ws`. */
  readonly door?: DoorName;
  readonly devices: readonly { readonly token: string; readonly profile: Profile; readonly seed: number }[];
  /** Samples a second of each device; four readings a sample. */
  readonly rateHz: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: SimulationProgress) => void;
}

/** Readings sent, on disk at the server, refused, and dropped because too much waited; devices connected. */
export interface SimulationProgress {
  readonly sent: number;
  readonly acked: number;
  readonly refused: number;
  readonly dropped: number;
  readonly online: number;
}

/** Above this rate samples are gathered into batches of a quarter second. */
const batchEveryMs = 250;

/** Lets simulated devices stream until the signal aborts; their batches wait in memory while the server is away. */
export async function runSimulation(options: SimulationOptions): Promise<SimulationProgress> {
  const totals = { sent: 0, acked: 0, refused: 0, dropped: 0 };
  const beganAtMs = Date.now();
  const running = await Promise.all(
    options.devices.map(async ({ token, profile, seed }) => {
      const device = await openDevice({
        ...targetOf({ ...options, token }),
        onSettled(batch, settlement) {
          const left = settlement.kind === "acked" ? settlement.refusedItems.length : batch.readings.length;
          totals.refused += left;
          totals.acked += batch.readings.length - left;
        },
      });
      return { device, person: makePerson(profile, seed), nextAtMs: beganAtMs };
    }),
  );
  const progress = (): SimulationProgress => ({ ...totals, online: running.filter(({ device }) => device.state() === "online").length });
  const stepMs = 1000 / options.rateHz;
  const tick = (unit: (typeof running)[number]) => {
    const nowMs = Date.now();
    const readings: ReturnType<typeof unit.person.sample> = [];
    // After a pause of this process the missed samples are not made up.
    if (nowMs - unit.nextAtMs > 10_000) unit.nextAtMs = nowMs;
    for (; unit.nextAtMs <= nowMs && readings.length < 900; unit.nextAtMs += stepMs) {
      readings.push(...unit.person.sample((unit.nextAtMs - beganAtMs) / 1000, unit.nextAtMs));
    }
    if (readings.length > 0) void send(unit.device, readings);
  };
  const send = async (device: DeviceClient, readings: ReturnType<(typeof running)[number]["person"]["sample"]>) => {
    totals.sent += readings.length;
    if (!(await device.send(readings).catch(() => false))) totals.dropped += readings.length;
  };
  const timers = running.map((unit) => setInterval(() => tick(unit), Math.max(stepMs, batchEveryMs)));
  const reporter = setInterval(() => options.onProgress?.(progress()), 1_000);
  await new Promise<void>((resolve) => {
    if (options.signal.aborted) resolve();
    options.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  for (const timer of [...timers, reporter]) clearInterval(timer);
  await Promise.all(running.map(({ device }) => device.drained(2_000)));
  const last = progress();
  await Promise.all(running.map(({ device }) => device.close()));
  return last;
}
