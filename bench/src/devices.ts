import { quantile } from "./stats.ts";

/** Device sockets of the bench: as few instructions per frame as possible, so that the system is measured and not its load. */
export interface DeviceLoad {
  /** Every device keeps its whole credit in flight for a while. @returns acknowledged frames per second */
  saturate(forMs: number): Promise<number>;
  /**
   * Frames leave at their intended time whatever the answers do; those due within one millisecond leave together. A device whose
   * credit is used up holds them back as any device must, and the time they wait counts.
   * @returns ms from the intended time to the acknowledgement, of every frame
   */
  openLoop(framesPerSecond: number, forMs: number): Promise<{ latencies: number[]; perSecond: number }>;
  close(): void;
}

interface Device {
  readonly socket: WebSocket;
  credit: number;
  inFlight: number;
  next: number;
  /** Intended times of frames that wait for credit. */
  readonly waiting: number[];
  /** Intended time of each unanswered frame by its number. */
  readonly dueAt: Map<number, number>;
}

/** Opens one socket per token. @param readings how many each frame carries @throws Error when a device is refused */
export async function openDevices(url: string, tokens: readonly string[], readings: number): Promise<DeviceLoad> {
  let onAck: (device: Device, seq: number) => void = () => {};
  let failure: Error | null = null;
  const boot = `b${Math.floor(performance.now())}`;
  const devices = await Promise.all(tokens.map((token) => openDevice(token)));

  function openDevice(token: string): Promise<Device> {
    const address = url.replace(/^http/, "ws");
    const socket = new WebSocket(`${address}/api/devices/stream`, {
      headers: { authorization: `Bearer ${token}` },
    } as unknown as string[]);
    const device: Device = { socket, credit: 0, inFlight: 0, next: 0, waiting: [], dueAt: new Map() };
    return new Promise((resolve, reject) => {
      socket.onerror = () => reject(new Error("a device socket failed"));
      socket.onmessage = ({ data }) => {
        const frame = JSON.parse(String(data)) as { ack?: number; credit?: number; problem?: { code: string } };
        if (frame.ack !== undefined) {
          device.inFlight -= 1;
          onAck(device, frame.ack);
        } else if (frame.credit !== undefined) {
          device.credit = frame.credit;
          resolve(device);
        } else failure = new Error(`a frame was not taken: ${frame.problem?.code}`);
      };
    });
  }

  function send(device: Device, at: string): number {
    const seq = device.next++;
    const body = Array.from(
      { length: readings },
      (_, index) => `{"code":"8867-4","value":${60 + ((seq + index) % 40)},"unit":"/min","at":"${at}"}`,
    );
    device.socket.send(`{"boot":"${boot}","seq":${seq},"readings":[${body.join(",")}]}`);
    device.inFlight += 1;
    return seq;
  }

  async function settled(): Promise<void> {
    const deadline = performance.now() + 10_000;
    while (devices.some(({ inFlight, waiting }) => inFlight + waiting.length > 0)) {
      if (failure) throw failure;
      if (performance.now() > deadline) throw new Error("frames were not acknowledged within 10 s");
      await Bun.sleep(1);
    }
    if (failure) throw failure;
  }

  return {
    async saturate(forMs) {
      let acked = 0;
      let going = true;
      const at = new Date().toISOString();
      const beganAt = performance.now();
      onAck = (device) => {
        acked += 1;
        if (going) send(device, at);
      };
      for (const device of devices) while (device.inFlight < device.credit) send(device, at);
      await Bun.sleep(forMs);
      going = false;
      const perSecond = (acked / (performance.now() - beganAt)) * 1000;
      await settled();
      return perSecond;
    },
    async openLoop(framesPerSecond, forMs) {
      const latencies: number[] = [];
      let at = "";
      const pump = (device: Device) => {
        while (device.inFlight < device.credit) {
          const dueAt = device.waiting.shift();
          if (dueAt === undefined) return;
          device.dueAt.set(send(device, at), dueAt);
        }
      };
      onAck = (device, seq) => {
        latencies.push(performance.now() - (device.dueAt.get(seq) ?? Number.NaN));
        device.dueAt.delete(seq);
        pump(device);
      };
      const beganAt = performance.now();
      const total = Math.floor((framesPerSecond * forMs) / 1000);
      for (let sent = 0; sent < total; ) {
        const elapsed = performance.now() - beganAt;
        const due = Math.min(total, Math.floor((elapsed * framesPerSecond) / 1000));
        if (sent < due) at = new Date().toISOString();
        for (; sent < due; sent++) {
          const device = devices[sent % devices.length];
          // Intended times are whole milliseconds after the start: what falls into one leaves together.
          device?.waiting.push(beganAt + Math.ceil((sent * 1000) / framesPerSecond));
          if (device) pump(device);
        }
        if (failure) throw failure;
        await Bun.sleep(1);
      }
      await settled();
      return { latencies, perSecond: (latencies.length / (performance.now() - beganAt)) * 1000 };
    },
    close() {
      for (const { socket } of devices) socket.close();
    },
  };
}

/** p50 and p99 of some latencies. */
export function summary(latencies: readonly number[]): { p50: number; p99: number } {
  return { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) };
}
