import { connect, type Socket } from "node:net";
import type { DevicesCommand, DevicesReply, OpenLoop, OpenLoopResult } from "./devices.ts";
import { quantile } from "./stats.ts";

/**
 * The devices' process: raw WebSocket frames from a prepared buffer, acknowledgements read as bytes, times in fixed arrays. Next to nothing is
 * allocated per frame, so that its own pauses are not counted as the system's. It ends with its parent.
 */

interface Device {
  readonly socket: Socket;
  /** One frame as it goes out; number and time are written over in place. */
  readonly frame: Buffer;
  readonly seqAt: number;
  readonly timesAt: readonly number[];
  credit: number;
  inFlight: number;
  next: number;
  /** What came in and is not a whole frame yet. */
  rest: Buffer;
  /** Intended times of unanswered frames, by number modulo the ring. */
  readonly dueAt: Float64Array;
  /** Intended times of frames that wait for credit. */
  readonly waiting: number[];
}

/** Ten digits from the first frame to the last. */
const firstSeq = 1_000_000_000;
const ring = 1024;
const boot = `b${process.pid}`;
const ackHead = Buffer.from(`{"boot":"${boot}","ack":`);
const timeLength = "2026-01-01T00:00:00.000Z".length;

const groups: Device[][] = [];
let failure: Error | null = null;
let onAck: (device: Device, seq: number, at: number) => void = () => {};

function makeFrame(readings: number): Pick<Device, "frame" | "seqAt" | "timesAt"> {
  const time = new Date().toISOString();
  const bodies = Array.from(
    { length: readings },
    (_, index) => `{"code":"8867-4","value":${60 + (index % 40)},"unit":"/min","at":"${time}"}`,
  );
  const text = `{"boot":"${boot}","seq":${firstSeq},"readings":[${bodies.join(",")}]}`;
  // RFC 6455 §5.2: final text frame, masked; a mask of zeros leaves the text as it is.
  const head = text.length < 126 ? [0x81, 0x80 | text.length] : [0x81, 0x80 | 126, text.length >> 8, text.length & 255];
  const frame = Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), Buffer.from(text)]);
  const timesAt: number[] = [];
  for (let at = frame.indexOf(time); at >= 0; at = frame.indexOf(time, at + 1)) timesAt.push(at);
  return { frame, seqAt: frame.indexOf(String(firstSeq)), timesAt };
}

function setTime(devices: readonly Device[]): void {
  const time = new Date().toISOString();
  for (const { frame, timesAt } of devices) for (const at of timesAt) frame.write(time, at, timeLength, "latin1");
}

function send(device: Device): number {
  const seq = device.next++;
  for (let at = device.seqAt + 9, left = seq; at >= device.seqAt; at--, left = Math.floor(left / 10)) device.frame[at] = 0x30 + (left % 10);
  // The socket may keep what it cannot write at once.
  device.socket.write(Buffer.from(device.frame));
  device.inFlight += 1;
  return seq;
}

function hear(device: Device, chunk: Buffer): void {
  const at = performance.now();
  const data = device.rest.length > 0 ? Buffer.concat([device.rest, chunk]) : chunk;
  let from = 0;
  while (data.length - from >= 2) {
    const short = (data[from + 1] ?? 0) & 127;
    const start = from + (short === 126 ? 4 : 2);
    const end = start + (short === 126 ? data.readUInt16BE(from + 2) : short);
    if (start > data.length || end > data.length) break;
    hearFrame(device, (data[from] ?? 0) & 15, data, start, end, at);
    from = end;
  }
  device.rest = from < data.length ? data.subarray(from) : empty;
}
const empty = Buffer.alloc(0);

function hearFrame(device: Device, opcode: number, data: Buffer, start: number, end: number, at: number): void {
  if (opcode === 9) device.socket.write(Buffer.from([0x8a, 0x80, 0, 0, 0, 0]));
  else if (opcode === 8) failure ??= new Error("the gateway closed a device socket");
  else if (data.compare(ackHead, 0, ackHead.length, start, Math.min(end, start + ackHead.length)) === 0) {
    let seq = 0;
    for (let index = start + ackHead.length; index < end - 1; index++) seq = seq * 10 + (data[index] ?? 0) - 0x30;
    device.inFlight -= 1;
    onAck(device, seq, at);
  } else {
    const frame = JSON.parse(data.toString("utf8", start, end)) as { credit?: number; problem?: { code: string } };
    if (frame.credit === undefined) failure ??= new Error(`a frame was not taken: ${frame.problem?.code}`);
    else device.credit = frame.credit;
  }
}

function openDevice(url: URL, token: string, readings: number): Promise<Device> {
  const { promise, resolve, reject } = Promise.withResolvers<Device>();
  const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
  const parts = { credit: 0, inFlight: 0, next: firstSeq, rest: empty, dueAt: new Float64Array(ring), waiting: [] };
  const device: Device = { socket, ...makeFrame(readings), ...parts };
  let greeting = "";
  const greet = (chunk: Buffer) => {
    greeting += chunk.toString("latin1");
    const end = greeting.indexOf("\r\n\r\n");
    if (end < 0) return;
    if (!greeting.startsWith("HTTP/1.1 101")) return reject(new Error("a device was refused"));
    socket.off("data", greet);
    socket.on("data", (more: Buffer) => hear(device, more));
    hear(device, Buffer.from(greeting.slice(end + 4), "latin1"));
    resolve(device);
  };
  socket.on("data", greet);
  socket.once("error", (error) => reject(error));
  socket.once("connect", () => {
    const key = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64");
    const lines = ["GET /api/devices/stream HTTP/1.1", `Host: ${url.host}`, "Upgrade: websocket", "Connection: Upgrade"];
    socket.write(
      [...lines, `Sec-WebSocket-Key: ${key}`, "Sec-WebSocket-Version: 13", `Authorization: Bearer ${token}`, "", ""].join("\r\n"),
    );
  });
  return promise;
}

async function until(isDone: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!isDone()) {
    if (failure) throw failure;
    if (performance.now() > deadline) throw new Error(`${what} within 10 s`);
    await Bun.sleep(1);
  }
  if (failure) throw failure;
}

const settled = (devices: readonly Device[]) =>
  until(() => devices.every(({ inFlight, waiting }) => inFlight + waiting.length === 0), "frames were not acknowledged");

async function saturate(devices: readonly Device[], forMs: number): Promise<number> {
  let acked = 0;
  let going = true;
  setTime(devices);
  const beganAt = performance.now();
  onAck = (device) => {
    acked += 1;
    if (going) send(device);
  };
  for (const device of devices) while (device.inFlight < device.credit) send(device);
  await Bun.sleep(forMs);
  going = false;
  const perSecond = (acked / (performance.now() - beganAt)) * 1000;
  await settled(devices);
  return perSecond;
}

async function openLoop(devices: readonly Device[], { framesPerSecond, forMs, awake }: OpenLoop): Promise<OpenLoopResult> {
  const total = Math.floor((framesPerSecond * forMs) / 1000);
  const latencies = new Float64Array(total);
  const lateness = new Float64Array(total);
  let acked = 0;
  const pump = (device: Device) => {
    while (device.inFlight < device.credit) {
      const dueAt = device.waiting.shift();
      if (dueAt === undefined) return;
      device.dueAt[send(device) % ring] = dueAt;
    }
  };
  onAck = (device, seq, at) => {
    latencies[acked++] = at - (device.dueAt[seq % ring] ?? Number.NaN);
    if (device.waiting.length > 0) pump(device);
  };
  setTime(devices);
  const beganAt = performance.now();
  for (let sent = 0; sent < total; await (awake ? nextTurn() : Bun.sleep(1))) {
    if (failure) throw failure;
    const now = performance.now();
    const due = Math.min(total, Math.floor(((now - beganAt) * framesPerSecond) / 1000));
    for (; sent < due; sent++) {
      const device = devices[sent % devices.length];
      // Intended times are whole milliseconds after the start: what falls into one leaves together.
      const dueAt = beganAt + Math.ceil((sent * 1000) / framesPerSecond);
      lateness[sent] = Math.max(0, performance.now() - dueAt);
      device?.waiting.push(dueAt);
      if (device) pump(device);
    }
  }
  await settled(devices);
  const perSecond = (acked / (performance.now() - beganAt)) * 1000;
  const [all, late] = [[...latencies], [...lateness]];
  return { perSecond, p50: quantile(all, 0.5), p99: quantile(all, 0.99), p999: quantile(all, 0.999), lateP99: quantile(late, 0.99) };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

async function obey(command: DevicesCommand): Promise<number | OpenLoopResult> {
  if (command.do === "open") {
    const url = new URL(command.url);
    const devices = await Promise.all(command.tokens.map((token) => openDevice(url, token, command.readings)));
    await until(() => devices.every(({ credit }) => credit > 0), "no credit");
    return groups.push(devices) - 1;
  }
  const devices = groups[command.group] ?? [];
  return command.do === "saturate" ? saturate(devices, command.forMs) : openLoop(devices, command);
}

process.on("message", (command: DevicesCommand) => {
  const reply = (answer: DevicesReply) => process.send?.(answer);
  obey(command).then(
    (result) => reply({ result }),
    (error) => reply({ fault: error instanceof Error ? error.message : String(error) }),
  );
});
process.on("disconnect", () => process.exit());
