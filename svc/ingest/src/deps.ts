import type { DeviceEntry } from "@episante/contracts/device";
import type { MirrorSpec } from "@episante/service/mirror";
import type { BaseDeps } from "@episante/service/run";
import type { Retention } from "./domain/retention.ts";
import type { ReadingMetrics } from "./metrics.ts";

/** The registry as the gateway mirrors it: KV bucket `devices`, key = device id. */
export interface DeviceBucket {
  put(entry: DeviceEntry): Promise<void>;
  remove(deviceId: string): Promise<void>;
  /** The stored text of an entry, and when it was written (real time, ms since the epoch). */
  find(deviceId: string): Promise<{ text: string; createdAtMs: number } | null>;
  list(): Promise<string[]>;
}

/** Ends NATS sessions opened with tokens that count no more. */
export interface DeviceSessions {
  /** Ends those of a device, now and once more a moment later; does not wait, and only logs a failure: the sweep comes again. */
  endOf(deviceId: string): void;
  /** Looks at all, or at one device's. Returns how many were ended. */
  sweep(deviceId?: string): Promise<number>;
}

/** Counts wrong pairing codes per caller. */
export interface WrongCodes {
  isOver(caller: string | undefined, nowMs: number): boolean;
  add(caller: string | undefined, nowMs: number): void;
}

/** What the verbs of svc/ingest need. */
export interface IngestDeps extends BaseDeps {
  readonly relationships: Pick<MirrorSpec, "fresh">;
  readonly bucket: DeviceBucket;
  readonly sessions: DeviceSessions;
  readonly wrongCodes: WrongCodes;
  /** Replay devices judge a recording as if live: not in production. */
  readonly allowsReplay: boolean;
  /** NATS servers for devices. */
  readonly deviceServers: readonly string[];
  readonly secrets: Secrets;
  /** Days each class of readings is kept. */
  readonly retention: Retention;
  readonly readingMetrics: ReadingMetrics;
}

/** Randomness and hashing of codes and tokens. */
export interface Secrets {
  newCode(): string;
  newToken(deviceId: string): string;
  /** SHA-256, hex. */
  hash(secret: string): string;
}
