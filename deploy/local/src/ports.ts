import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { readJson, writePrivate } from "@episante/setup/files";
import { z } from "zod";

const host = "127.0.0.1";

/** Ports an instance keeps for its processes, held open until the process that uses one is started. */
export interface Reservation {
  readonly ports: Readonly<Record<string, number>>;
  /** Gives the port up, so that its process can listen on it. */
  release(name: string): Promise<void>;
}

/**
 * Reserves a port per name: the one kept in the file when it is still free, else another. They lie below the range the kernel
 * takes for outgoing connections, so that nobody grabs one while its process restarts.
 */
export async function reservePorts(names: readonly string[], file: string): Promise<Reservation> {
  const kept = readJson(file, z.record(z.string(), z.number().int())) ?? {};
  const held = new Map<string, Server>();
  const ports: Record<string, number> = {};
  const taken = new Set(Object.values(kept));
  for (const name of names) {
    const server = (await listen(kept[name])) ?? (await listenAnywhere(taken));
    const port = portOf(server);
    taken.add(port);
    held.set(name, server);
    ports[name] = port;
  }
  writePrivate(file, `${JSON.stringify(ports, null, 2)}\n`);
  return {
    ports,
    release: async (name) => {
      const server = held.get(name);
      held.delete(name);
      if (server) await close(server);
    },
  };
}

/** True when nobody listens on the port of this machine's loopback. */
export async function isPortFree(port: number): Promise<boolean> {
  const server = await listen(port);
  if (!server) return false;
  await close(server);
  return true;
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = await listenAnywhere(new Set());
  const port = portOf(server);
  await close(server);
  return port;
}

function listen(port: number | undefined): Promise<Server | null> {
  if (port === undefined) return Promise.resolve(null);
  const { promise, resolve } = Promise.withResolvers<Server | null>();
  const server = createServer();
  server.once("error", () => resolve(null));
  server.listen({ port, host, exclusive: true }, () => resolve(server));
  return promise;
}

async function listenAnywhere(avoid: ReadonlySet<number>): Promise<Server> {
  const [low, high] = portRange();
  for (let attempt = 0; attempt < 500; attempt++) {
    const port = low + Math.floor(Math.random() * (high - low));
    const server = avoid.has(port) ? null : await listen(port);
    if (server) return server;
  }
  throw new Error(`no free port between ${low} and ${high}`);
}

function portRange(): [number, number] {
  try {
    const first = Number(readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").trim().split(/\s+/)[0]);
    if (first > 15_000) return [10_000, first];
  } catch {
    // Not Linux: 49152 and up are the ephemeral ports (RFC 6335 §6).
  }
  return [15_000, 32_000];
}

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("not listening on a port");
  return address.port;
}

function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  return promise;
}
