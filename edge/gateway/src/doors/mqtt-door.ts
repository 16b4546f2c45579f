import { createServer } from "node:net";
import type { DeviceEntry } from "@episante/contracts/device";
import { isRefusal, type ProblemCode, problems, type Refusal, refuse } from "@episante/contracts/problem";
import { maxBatchBytes } from "@episante/contracts/reading";
import { newTraceId } from "@episante/service/ids";
import { problemResponse } from "@episante/service/problem";
import { Aedes, type AuthenticateError, type Client, type ConnectPacket, type PublishPacket } from "aedes";
import type { Server, ServerWebSocket } from "bun";
import { deviceOfTopic } from "../domain/mqtt-packets.ts";
import type { DoorMeter } from "../metrics.ts";
import type { Devices } from "../mirrors/devices.ts";
import { parseBatch, type Receipt, type Receive, received } from "../readings/receive.ts";
import { type Carrier, MqttWire } from "./mqtt-wire.ts";
import { closeRevoked } from "./socket-door.ts";

/** What the server remembers of an open WebSocket that speaks MQTT. */
export interface MqttSocket {
  readonly door: "mqtt";
  wire: MqttWire | null;
}

export interface MqttDoor {
  /** Answers the upgrade request of `/mqtt`; undefined when the socket was opened. */
  open(request: Request, server: Pick<Server<MqttSocket>, "upgrade">): Response | undefined;
  readonly handler: {
    open(socket: ServerWebSocket<MqttSocket>): void;
    message(socket: ServerWebSocket<MqttSocket>, message: string | Buffer): void;
    close(socket: ServerWebSocket<MqttSocket>): void;
  };
  /** Devices connected. */
  count(): number;
  /** Takes nothing more; resolves when what was taken is answered. */
  drain(): Promise<void>;
  closeAll(): Promise<void>;
}

export interface MqttDoorOptions {
  readonly devices: Devices;
  readonly receive: Receive;
  readonly meter: DoorMeter;
  /** Address for MQTT over plain TCP; null: over WebSocket only. */
  readonly tcp: { readonly port: number; readonly hostname: string } | null;
  /** How long a batch that storage cannot take is held before the device is sent away with it, ms. */
  readonly holdMs?: number;
}

/** A connected device. */
interface Session {
  readonly device: Pick<DeviceEntry, "deviceId" | "tokenHash">;
  readonly wire: MqttWire;
  /** Settled when everything that came before is answered. */
  answered: Promise<unknown>;
}

const connectTimeoutMs = 10_000;
const defaultHoldMs = 20_000;
const holdStepMs = 500;
const closeGoingAway = 1001;
const closePolicy = 1008;
const origin = { door: "mqtt" } as const;
/** As the device socket: up to `packetBytes` an oversize batch is refused as such, a longer packet ends the connection. */
const limits = { strangerBytes: 64 * 1024, packetBytes: 4 * maxBatchBytes, waitingBytes: 16 * maxBatchBytes };
/** Return codes of CONNACK (MQTT 3.1.1, table 3.1). */
const connack = { unavailable: 3, badLogin: 4 } as const;

/**
 * MQTT 3.1.1, publish only: QoS 1 to `dev/<deviceId>/readings`, user = device id, password = token. PUBACK says that the batch is on disk, or that
 * it is refused for good, which the protocol cannot tell apart; what may be taken later gets none. Sessions, wills and retained messages are not kept.
 */
export async function openMqttDoor({ devices, receive, meter, tcp, holdMs = defaultHoldMs }: MqttDoorOptions): Promise<MqttDoor> {
  const sessions = new Map<Client, Session>();
  let isStopping = false;

  const broker = await Aedes.createBroker({
    connectTimeout: connectTimeoutMs,
    // Batches that may come before the CONNACK has left.
    queueLimit: 64,
    preConnect: (_client, packet, decide) => {
      keepNothing(packet);
      decide(null, true);
    },
    authenticate: (client, username, password, decide) => {
      logIn(client, username, password?.toString()).then(
        (refusal) => (refusal ? decide(loginError(refusal), null) : decide(null, true)),
        () => decide(loginError(refuse("internal-error")), null),
      );
    },
    authorizePublish: (client, packet, decide) => {
      const session = client && sessions.get(client);
      if (!session) return decide(new Error("not logged in"));
      // Acknowledgements leave in the order of the batches (MQTT-4.6.0-2).
      const verdict = take(session, packet);
      session.answered = Promise.all([verdict, session.answered]).then(
        ([isAnswered]) => {
          // What follows in the library serves subscribers; there are none.
          packet.retain = false;
          packet.payload = Buffer.alloc(0);
          decide(isAnswered ? null : new Error("not taken"));
        },
        (error) => decide(error),
      );
    },
    authorizeSubscribe: (_client, _subscription, decide) => decide(null, null),
    authorizeForward: () => null,
  });

  /** Null when the device may speak here. */
  async function logIn(client: Client, username: string | undefined, token: string | undefined): Promise<Refusal | null> {
    const checked = isStopping ? refuse("not-ready") : token ? await devices.byToken(token) : refuse("invalid-token");
    if (isRefusal(checked)) return checked;
    const { device } = checked;
    const { conn } = client;
    if (username !== device.deviceId || !(conn instanceof MqttWire)) return refuse("invalid-token");
    conn.know();
    conn.once("close", () => sessions.delete(client));
    sessions.set(client, { device, wire: conn, answered: Promise.resolve() });
    return null;
  }

  devices.onRevoked((deviceId, currentHash) => {
    for (const { device, wire } of sessions.values())
      if (device.deviceId === deviceId && device.tokenHash !== currentHash) wire.leave(closeRevoked, "revoked");
  });

  /** True when the batch may be acknowledged. Else the connection has ended, or ends now. */
  async function take(session: Session, packet: PublishPacket): Promise<boolean> {
    const startedAt = performance.now();
    const unfit = unfitness(session, packet);
    const { batch, refusal } = unfit ? { batch: null, refusal: unfit } : parseBatch(packet.payload);
    for (;;) {
      const result = refusal ?? (await judge(session, batch));
      const mayPass = isRefusal(result) && isPassing(result);
      if (mayPass && !isStopping && !session.wire.destroyed && performance.now() - startedAt < holdMs) {
        await Bun.sleep(holdStepMs);
        continue;
      }
      meter.told("mqtt", result, startedAt);
      if (!isRefusal(result)) return true;
      if (unfit) session.wire.leave(closePolicy, "only QoS 1 to the own topic");
      else if (result.refused === "invalid-token") session.wire.leave(closeRevoked, "revoked");
      else if (mayPass) session.wire.leave(closeGoingAway, "later");
      return !session.wire.destroyed;
    }
  }

  async function judge({ device }: Session, batch: unknown): Promise<Receipt["result"]> {
    const still = isStopping ? refuse("not-ready") : devices.still(device.deviceId, device.tokenHash);
    return isRefusal(still) ? still : (await received(receive, batch, still.device, origin)).result;
  }

  function enter(carrier: Carrier): MqttWire {
    const wire = new MqttWire(carrier, limits);
    wire.on("error", () => {});
    broker.handle(wire);
    return wire;
  }

  const listener = tcp ? await listen(tcp, enter) : null;
  return {
    open(request, server) {
      const offered = (request.headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
      const data: MqttSocket = { door: "mqtt", wire: null };
      const headers = { "sec-websocket-protocol": "mqtt" };
      if (!isStopping && offered.includes("mqtt") && server.upgrade(request, { data, headers })) return undefined;
      return problemResponse(refuse("invalid-input", { detail: "a WebSocket upgrade with subprotocol mqtt is expected" }), newTraceId());
    },
    handler: {
      open(socket) {
        socket.data.wire = enter(overWebSocket(socket));
      },
      message(socket, message) {
        // A text message is no MQTT (MQTT-6.0.0-1).
        if (typeof message === "string") socket.data.wire?.leave(closePolicy, "binary messages are expected");
        else socket.data.wire?.feed(message);
      },
      close(socket) {
        socket.data.wire?.destroy();
      },
    },
    count: () => sessions.size,
    async drain() {
      isStopping = true;
      listener?.close();
      await Promise.all([...sessions.values()].map(({ answered }) => answered));
    },
    async closeAll() {
      for (const { wire } of sessions.values()) wire.leave(closeGoingAway, "restarting");
      await new Promise<void>((resolve) => broker.close(resolve));
    },
  };

  /** Why this packet can be no batch of the device, whatever it holds. */
  function unfitness({ device }: Session, { topic, qos }: PublishPacket): Refusal | null {
    if (qos !== 1) return refuse("invalid-input", { detail: "QoS 1 is expected" });
    return deviceOfTopic(topic) === device.deviceId ? null : refuse("forbidden");
  }
}

/** Whether the same batch may be taken later. */
function isPassing({ refused }: { refused: ProblemCode }): boolean {
  const status = problems[refused][0];
  return status >= 500 || status === 429;
}

/** Of what MQTT would have a server keep, nothing is. A device has one connection here: a second one ends the first. */
function keepNothing(packet: ConnectPacket): void {
  packet.clean = true;
  packet.clientId = packet.username || "nobody";
  delete packet.will;
}

function loginError({ refused }: Refusal): AuthenticateError {
  const returnCode = refused === "invalid-token" ? connack.badLogin : connack.unavailable;
  return Object.assign(new Error(refused), { returnCode });
}

function overWebSocket(socket: ServerWebSocket<MqttSocket>): Carrier {
  return {
    send: (bytes) => void socket.sendBinary(bytes),
    close: (code, reason) => socket.close(code, reason),
  };
}

/** MQTT over plain TCP, for a trusted network or behind something that ends TLS. */
async function listen(address: { port: number; hostname: string }, enter: (carrier: Carrier) => MqttWire) {
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    const wire = enter({
      send: (bytes) => void socket.write(bytes),
      close: () => void socket.end(),
      pause: () => void socket.pause(),
      resume: () => void socket.resume(),
    });
    socket.on("data", (chunk: Buffer) => wire.feed(chunk));
    socket.on("close", () => wire.destroy());
    socket.on("error", () => wire.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(address.port, address.hostname, resolve);
  });
  return server;
}
