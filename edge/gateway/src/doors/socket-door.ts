import type { DeviceEntry } from "@episante/contracts/device";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import { maxBatchBytes, type ServerFrame } from "@episante/contracts/reading";
import { newTraceId } from "@episante/service/ids";
import { problemResponse } from "@episante/service/problem";
import type { Server, ServerWebSocket, WebSocketHandler } from "bun";
import type { DoorMeter } from "../metrics.ts";
import type { Devices } from "../mirrors/devices.ts";
import type { Committer } from "../readings/committer.ts";
import { framesOf, nameOf, parseBatch, type Receipt, type Receive } from "../readings/receive.ts";

/** What the server remembers of an open device socket. */
export interface DeviceSocket {
  readonly door: "socket";
  readonly deviceId: string;
  readonly tokenHash: string;
  unacknowledged: number;
}

type Socket = ServerWebSocket<DeviceSocket>;

/** Batches a device may have unacknowledged. */
const credit = 64;
/** Frames beyond the credit that are answered with a refusal before the socket is closed as broken. */
const tolerance = 4 * credit;
/** The device's right has ended: it must not come back with this token. */
export const closeRevoked = 4401;
const closeGoingAway = 1001;
const closePolicy = 1008;
const origin = { door: "socket" } as const;
const protocolName = "episante.readings.v1";

export interface SocketDoor {
  /** Answers the upgrade request; undefined when the socket was opened. */
  open(request: Request, server: Pick<Server<DeviceSocket>, "upgrade">): Promise<Response | undefined>;
  readonly handler: WebSocketHandler<DeviceSocket>;
  count(): number;
  /** Asks devices to stop sending. */
  pause(): void;
  closeAll(): void;
}

/** `WS /api/devices/stream`. */
export function makeSocketDoor(deps: { devices: Devices; receive: Receive; committer: Committer; meter: DoorMeter }): SocketDoor {
  const { devices, receive, committer, meter } = deps;
  const sockets = new Map<string, Set<Socket>>();
  let paused = false;
  const send = (socket: Socket, frame: ServerFrame) => void socket.send(JSON.stringify(frame));
  const all = () => [...sockets.values()].flatMap((set) => [...set]);
  const answer = makeAnswers(send);

  devices.onRevoked((deviceId, currentHash) => {
    for (const socket of sockets.get(deviceId) ?? []) if (socket.data.tokenHash !== currentHash) socket.close(closeRevoked, "revoked");
  });
  committer.onPressure((isUnderPressure) => {
    for (const socket of all()) send(socket, { credit: isUnderPressure || paused ? 0 : credit });
  });

  function handle(socket: Socket, message: string | Buffer): void {
    const { data } = socket;
    const startedAt = performance.now();
    const { batch, refusal } = parseBatch(message);
    const { device, refusal: unfit } = admit(devices, data);
    const stop = refusal ?? unfit ?? (data.unacknowledged >= credit ? refuse("back-pressure") : null);
    if (!device || stop) {
      const why = stop ?? refuse("invalid-token");
      meter.told("socket", why, startedAt);
      for (const frame of framesOf({ ...nameOf(batch), result: why }, newTraceId)) send(socket, frame);
      if (why.refused === "invalid-token") socket.close(closeRevoked, "revoked");
      else if (data.unacknowledged >= tolerance) socket.close(closePolicy, "credit ignored");
      return;
    }
    data.unacknowledged += 1;
    receive(batch, device, origin, (receipt) => {
      data.unacknowledged -= 1;
      meter.told("socket", receipt.result, startedAt);
      answer(socket, receipt);
    });
  }

  return {
    async open(request, server) {
      const { token, protocol } = credentials(request);
      const checked = token ? await devices.byToken(token) : refuse("invalid-token");
      if (isRefusal(checked)) return problemResponse(checked, newTraceId());
      const { deviceId, tokenHash } = checked.device;
      const data: DeviceSocket = { door: "socket", deviceId, tokenHash, unacknowledged: 0 };
      const headers = protocol ? { "sec-websocket-protocol": protocol } : {};
      if (server.upgrade(request, { data, headers })) return undefined;
      return problemResponse(refuse("invalid-input", { detail: "a WebSocket upgrade is expected" }), newTraceId());
    },
    handler: {
      // Larger frames end the socket; up to here an oversize batch is refused by name.
      maxPayloadLength: 4 * maxBatchBytes,
      idleTimeout: 30,
      sendPings: true,
      perMessageDeflate: false,
      open(socket) {
        const set = sockets.get(socket.data.deviceId) ?? new Set();
        sockets.set(socket.data.deviceId, set.add(socket));
        send(socket, { credit: committer.isUnderPressure() || paused ? 0 : credit });
      },
      message: handle,
      close(socket) {
        const set = sockets.get(socket.data.deviceId);
        set?.delete(socket);
        if (set?.size === 0) sockets.delete(socket.data.deviceId);
      },
    },
    count: () => all().length,
    pause() {
      paused = true;
      for (const socket of all()) send(socket, { credit: 0 });
    },
    closeAll() {
      for (const socket of all()) socket.close(closeGoingAway, "restarting");
    },
  };
}

/**
 * Answers of batches that one commit decided leave together, one write per socket: the commit tells all of them before any
 * microtask runs, so the task queued with the first answer finds the others already here.
 */
function makeAnswers(send: (socket: Socket, frame: ServerFrame) => void): (socket: Socket, receipt: Receipt) => void {
  let decided = new Map<Socket, Receipt[]>();
  const flush = () => {
    const all = decided;
    decided = new Map();
    for (const [socket, receipts] of all)
      socket.cork(() => {
        for (const receipt of receipts) for (const frame of framesOf(receipt, newTraceId)) send(socket, frame);
      });
  };
  return (socket, receipt) => {
    if (decided.size === 0) queueMicrotask(flush);
    const receipts = decided.get(socket);
    if (receipts) receipts.push(receipt);
    else decided.set(socket, [receipt]);
  };
}

function admit(devices: Devices, data: DeviceSocket): { device: DeviceEntry | null; refusal: Refusal | null } {
  const checked = devices.still(data.deviceId, data.tokenHash);
  return isRefusal(checked) ? { device: null, refusal: checked } : { device: checked.device, refusal: null };
}

/** The token from `Authorization: Bearer` or, where a client cannot set headers, from subprotocol `bearer.TOKEN`; and the protocol to answer with. */
function credentials(request: Request): { token: string | null; protocol: string | null } {
  const offered = (request.headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
  const carrier = offered.find((name) => name.startsWith("bearer."));
  const protocol = offered.includes(protocolName) ? protocolName : (carrier ?? null);
  return { token: bearerOf(request.headers) ?? carrier?.slice("bearer.".length) ?? null, protocol };
}

/** The token of `Authorization: Bearer TOKEN`. */
export function bearerOf(headers: Headers): string | null {
  return /^Bearer ([^\s]{1,200})$/i.exec(headers.get("authorization") ?? "")?.[1] ?? null;
}
