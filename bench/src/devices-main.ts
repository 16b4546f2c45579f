import type { Socket } from "bun";
import type { DevicesCommand, DevicesReply, OpenLoop, OpenLoopResult } from "./devices.ts";
import { quantile } from "./stats.ts";

/**
 * The devices' process: raw WebSocket frames from a prepared buffer, acknowledgements read as bytes, times in fixed arrays. Nothing is allocated
 * per frame, so that its own pauses are not counted as the system's. It ends with its parent.
 */

interface Device {
  readonly socket: Socket<SocketState>;
  /** `together` copies of one frame as it goes out; number and time are written over in place. */
  readonly out: Buffer;
  readonly frameLength: number;
  /** Where the last digit of the number is in a frame. */
  readonly seqAt: number;
  readonly timesAt: readonly number[];
  credit: number;
  inFlight: number;
  /** Frames sent so far, of all runs. */
  sent: number;
  /** How many frames may have been sent by now, of all runs. */
  due: number;
  /** Frames sent before this run. */
  sentBefore: number;
  /** Bytes of `out` that the socket has not taken yet lie between these; nothing is put there meanwhile. */
  outFrom: number;
  outTo: number;
  /** What came in and is not a whole frame yet. */
  rest: Buffer;
}

/** What a socket brings its bytes to. */
interface SocketState {
  hear(chunk: Buffer): void;
  drain(): void;
  fail(error: Error): void;
}

/** Ten digits from the first frame to the last. */
const firstSeq = 1_000_000_000;
/** Most frames of one device that leave in one write. */
const together = 64;
const boot = `b${process.pid}`;
const ackHead = Buffer.from(`{"boot":"${boot}","ack":`);
const timeLength = "2026-01-01T00:00:00.000Z".length;

const groups: Device[][] = [];
let failure: Error | null = null;
/** @param number of the frame, counted from the device's first */
let onAck: (device: Device, number: number, at: number) => void = () => {};

function makeFrame(readings: number): Pick<Device, "out" | "frameLength" | "seqAt" | "timesAt"> {
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
  const out = Buffer.alloc(together * frame.length, frame);
  return { out, frameLength: frame.length, seqAt: frame.indexOf(String(firstSeq)) + 9, timesAt };
}

function setTime(devices: readonly Device[]): void {
  const time = new Date().toISOString();
  for (const { out, frameLength, timesAt } of devices) {
    for (const at of timesAt) out.write(time, at, timeLength, "latin1");
    for (let copy = 1; copy < together; copy++) out.copy(out, copy * frameLength, 0, frameLength);
  }
}

/** Sends what is due and the credit allows, in one write. */
function pump(device: Device): void {
  if (device.outFrom < device.outTo) return;
  const count = Math.min(device.due - device.sent, device.credit - device.inFlight, together);
  if (count <= 0) return;
  for (let copy = 0; copy < count; copy++) {
    let left = firstSeq + device.sent++;
    const last = copy * device.frameLength + device.seqAt;
    for (let at = last; at > last - 10; at--, left = Math.floor(left / 10)) device.out[at] = 0x30 + (left % 10);
  }
  device.inFlight += count;
  device.outFrom = 0;
  device.outTo = count * device.frameLength;
  write(device);
}

function write(device: Device): void {
  device.outFrom += Math.max(0, device.socket.write(device.out, device.outFrom, device.outTo - device.outFrom));
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
  pump(device);
}
const empty = Buffer.alloc(0);
const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

function hearFrame(device: Device, opcode: number, data: Buffer, start: number, end: number, at: number): void {
  if (opcode === 9) {
    // Not into the middle of a frame; what is on its way shows as well that the device lives.
    if (device.outFrom === device.outTo) device.socket.write(pong);
  } else if (opcode === 8) failure ??= new Error("the gateway closed a device socket");
  else if (data.compare(ackHead, 0, ackHead.length, start, Math.min(end, start + ackHead.length)) === 0) {
    let seq = 0;
    for (let index = start + ackHead.length; index < end - 1; index++) seq = seq * 10 + (data[index] ?? 0) - 0x30;
    device.inFlight -= 1;
    onAck(device, seq - firstSeq, at);
  } else {
    const frame = JSON.parse(data.toString("utf8", start, end)) as { credit?: number; problem?: { code: string } };
    if (frame.credit === undefined) failure ??= new Error(`a frame was not taken: ${frame.problem?.code}`);
    else device.credit = frame.credit;
  }
}

async function openDevice(url: URL, token: string, readings: number): Promise<Device> {
  const { promise, resolve, reject } = Promise.withResolvers<Device>();
  let greeting = "";
  const greet: SocketState = {
    hear(chunk) {
      greeting += chunk.toString("latin1");
      const end = greeting.indexOf("\r\n\r\n");
      if (end < 0) return;
      if (!greeting.startsWith("HTTP/1.1 101")) return reject(new Error("a device was refused"));
      const counts = { credit: 0, inFlight: 0, sent: 0, due: 0, sentBefore: 0, outFrom: 0, outTo: 0 };
      const device: Device = { socket, ...makeFrame(readings), ...counts, rest: empty };
      socket.data = stateOf(device);
      hear(device, Buffer.from(greeting.slice(end + 4), "latin1"));
      resolve(device);
    },
    drain() {},
    fail: reject,
  };
  const socket = await Bun.connect<SocketState>({
    hostname: url.hostname,
    port: Number(url.port),
    data: greet,
    socket: {
      data: ({ data }, chunk) => data.hear(chunk),
      drain: ({ data }) => data.drain(),
      error: ({ data }, error) => data.fail(error),
      close: ({ data }) => data.fail(new Error("the gateway closed a device socket")),
    },
  });
  socket.setNoDelay(true);
  const key = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64");
  const lines = ["GET /api/devices/stream HTTP/1.1", `Host: ${url.host}`, "Upgrade: websocket", "Connection: Upgrade"];
  socket.write([...lines, `Sec-WebSocket-Key: ${key}`, "Sec-WebSocket-Version: 13", `Authorization: Bearer ${token}`, "", ""].join("\r\n"));
  return promise;
}

function stateOf(device: Device): SocketState {
  return {
    hear: (chunk) => hear(device, chunk),
    drain() {
      if (device.outFrom < device.outTo) write(device);
      pump(device);
    },
    fail(error) {
      failure ??= error;
    },
  };
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
  until(() => devices.every(({ inFlight, sent, due }) => inFlight === 0 && sent === due), "frames were not acknowledged");

/** What the last run left is collected now and not during this one. */
function beginRun(devices: readonly Device[]): number {
  setTime(devices);
  for (const device of devices) device.sentBefore = device.sent;
  Bun.gc(true);
  return performance.now();
}

async function saturate(devices: readonly Device[], forMs: number): Promise<number> {
  let acked = 0;
  onAck = () => {
    acked += 1;
  };
  const beganAt = beginRun(devices);
  for (const device of devices) {
    device.due = Number.POSITIVE_INFINITY;
    pump(device);
  }
  await Bun.sleep(forMs);
  for (const device of devices) device.due = device.sent;
  const perSecond = (acked / (performance.now() - beganAt)) * 1000;
  await settled(devices);
  return perSecond;
}

async function openLoop(devices: readonly Device[], { framesPerSecond, forMs, awake }: OpenLoop): Promise<OpenLoopResult> {
  const total = Math.floor((framesPerSecond * forMs) / 1000);
  const latencies = new Float64Array(total);
  const lateness = new Float64Array(total);
  const places = new Map(devices.map((device, place) => [device, place]));
  let acked = 0;
  const beganAt = beginRun(devices);
  // Intended times are whole milliseconds after the start: what falls into one leaves together. Frame by frame the devices take turns.
  const dueAt = (frame: number) => beganAt + Math.ceil((frame * 1000) / framesPerSecond);
  onAck = (device, number, at) => {
    latencies[acked++] = at - dueAt((number - device.sentBefore) * devices.length + (places.get(device) ?? Number.NaN));
  };
  for (let due = 0; due < total; await (awake ? nextTurn() : Bun.sleep(1))) {
    if (failure) throw failure;
    const elapsedMs = Math.floor(performance.now() - beganAt);
    const before = due;
    due = Math.min(total, Math.floor((elapsedMs * framesPerSecond) / 1000) + 1);
    if (due === before) continue;
    for (let place = 0; place < devices.length; place++) {
      const device = devices[place];
      if (!device) continue;
      const now = performance.now();
      for (let frame = frameFrom(before, place, devices.length); frame < due; frame += devices.length) {
        lateness[frame] = now - dueAt(frame);
        device.due += 1;
      }
      pump(device);
    }
  }
  await settled(devices);
  const perSecond = (acked / (performance.now() - beganAt)) * 1000;
  const [all, late] = [[...latencies], [...lateness]];
  return { perSecond, p50: quantile(all, 0.5), p99: quantile(all, 0.99), p999: quantile(all, 0.999), lateP99: quantile(late, 0.99) };
}

/** The first frame from this one on that is the device's at this place. */
const frameFrom = (frame: number, place: number, devices: number) => frame + ((((place - frame) % devices) + devices) % devices);

/**
 * Looks to the sockets again after a rest too short to count. A load that never rests keeps its core from the kernel's own work that was woken
 * there, the end of an fsync among it, until the clock ticks: up to 4 ms that were not the system's.
 */
function nextTurn(): Promise<void> {
  Atomics.wait(never, 0, 0, 0.05);
  return new Promise((resolve) => setImmediate(resolve));
}

/** Nobody wakes who waits for this. */
const never = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

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
