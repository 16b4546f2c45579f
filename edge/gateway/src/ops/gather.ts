import { readFile, statfs } from "node:fs/promises";
import { join } from "node:path";
import { type Ops, opsSchema, type ServiceStatus, serviceStatusSchema } from "@episante/contracts/ops";
import { toInstant } from "@episante/contracts/time";
import { version } from "@episante/service/metrics";
import { z } from "zod";
import type { GatewayConfig } from "../config.ts";
import { askBroker, type BrokerFacts } from "./broker.ts";
import { type FoundCertificate, lookAtCertificate } from "./certificate.ts";
import { attentionOf, backupState, certificateState, consumerState, diskState, type OpsFacts, readerState, reasonOf } from "./judge.ts";

/** What the gateway knows of itself, without asking anybody. */
export interface OwnFacts {
  readonly reasons: readonly string[];
  readonly mirrors: readonly { owner: string; fresh: boolean }[];
}
export type GatherSettings = Pick<
  GatewayConfig,
  | "upstreams"
  | "NATS_MONITOR_URL"
  | "MODE"
  | "TEST_CLOCK"
  | "DATA_DIR"
  | "DISKS"
  | "BACKUP_FILE"
  | "TLS_PROBE"
  | "TLS_PROBE_NAME"
  | "GRAFANA_URL"
>;

/** Shorter than the page's pause between two questions, longer than a service needs to learn that its database is away. */
const answerMs = 1_500;
/** Several administrators watching cost no more than one. */
const keptMs = 1_500;
const certificateKeptMs = 60_000;
const backupSchema = z.object({ at: z.iso.datetime({ offset: true }), bytes: z.number().int().min(0).optional(), ok: z.boolean() });

/** Tells the state of the installation; never rejects, whatever is down. */
export type Gather = () => Promise<Ops>;

/**
 * Asks every part at once, each with a short time limit, and judges what came back.
 * The answer passes through its schema: no address, no path and no setting leaves.
 */
export function makeGather(settings: GatherSettings, own: () => OwnFacts): Gather {
  const startedAt = toInstant(Date.now() - process.uptime() * 1000);
  const certificate = kept(certificateKeptMs, async () => findCertificate(settings));
  return kept(keptMs, async () => {
    const services = Object.keys(settings.upstreams).sort();
    const [answers, broker, disks, backup, found] = await Promise.all([
      Promise.all(services.map(async (name) => ({ name, status: await askStatus(settings.upstreams[name] ?? "") }))),
      askBroker(settings.NATS_MONITOR_URL, services, answerMs).catch(() => null),
      measureDisks(settings),
      readBackup(settings),
      certificate(),
    ]);
    const nowMs = Date.now();
    const { reasons, mirrors } = own();
    const facts: OpsFacts = {
      installation: {
        version,
        mode: settings.MODE,
        testClock: settings.TEST_CLOCK === "on",
        ...(settings.GRAFANA_URL ? { grafanaUrl: settings.GRAFANA_URL } : {}),
      },
      processes: [
        {
          name: "gateway",
          state: reasons.length === 0 ? "ready" : "not-ready",
          reasons: reasons.map(reasonOf),
          version,
          startedAt,
          memoryBytes: process.memoryUsage.rss(),
        },
        ...answers.map(({ name, status }) => processOf(name, status)),
      ],
      // A process that is down cannot tell of its database: that is one fault, not two.
      databases: answers.map(({ name, status }) => ({
        service: name,
        state: status ? (status.database ? "up" : "down") : "unknown",
        ...status?.database,
      })),
      ...brokerOf(broker, nowMs),
      readers: answers.flatMap(
        ({ name, status }) => status?.readers.map((reader) => ({ service: name, ...reader, state: readerState(reader) })) ?? [],
      ),
      mirrors: [
        ...mirrors.map((mirror) => ({ service: "gateway", ...mirror })),
        ...answers.flatMap(({ name, status }) => status?.mirrors.map((mirror) => ({ service: name, ...mirror })) ?? []),
      ],
      disks,
      backup: { state: backupState(backup, nowMs), ...(backup ? { at: toInstant(Date.parse(backup.at)), bytes: backup.bytes } : {}) },
      certificate: certificateOf(found, settings, nowMs),
    };
    const outboxAge = new Map(answers.map(({ name, status }) => [name, status?.outbox.oldestSeconds ?? 0]));
    return opsSchema.parse({ at: toInstant(nowMs), attention: attentionOf(facts, outboxAge), ...facts });
  });
}

/** Answers the last result while it is young enough; who asks while one is on its way gets that one. */
function kept<T>(ms: number, make: () => Promise<T>): () => Promise<T> {
  let last: { value: Promise<T>; untilMs: number } | undefined;
  return () => {
    if (last && performance.now() < last.untilMs) return last.value;
    const value = make();
    const entry = { value, untilMs: Number.POSITIVE_INFINITY };
    last = entry;
    void value.then(
      () => {
        entry.untilMs = performance.now() + ms;
      },
      () => {
        entry.untilMs = 0;
      },
    );
    return value;
  };
}

/** Null: no answer, or one that is not understood. */
async function askStatus(base: string): Promise<ServiceStatus | null> {
  try {
    const answer = await fetch(new URL("/statusz", base), { signal: AbortSignal.timeout(answerMs) });
    return serviceStatusSchema.parse(await answer.json());
  } catch {
    return null;
  }
}

function processOf(name: string, status: ServiceStatus | null): OpsFacts["processes"][number] {
  if (!status) return { name, state: "down", reasons: [] };
  const { reasons, version, startedAt, memoryBytes, outbox } = status;
  return {
    name,
    state: reasons.length === 0 ? "ready" : "not-ready",
    reasons: reasons.map(reasonOf),
    version,
    startedAt,
    memoryBytes,
    outboxPending: outbox.pending,
  };
}

function brokerOf(facts: BrokerFacts | null, nowMs: number): Pick<OpsFacts, "broker" | "consumers"> {
  if (!facts) return { broker: { up: false, streams: [] }, consumers: { total: 0, behind: [] } };
  const { version, startedAtMs, memoryBytes, isDurable, streams, consumers } = facts;
  return {
    broker: { up: true, version, startedAt: toInstant(startedAtMs), memoryBytes, isDurable, streams: [...streams] },
    consumers: {
      total: consumers.length,
      behind: consumers
        .filter(({ lag }) => lag > 0)
        .map(({ name, stream, lag, lastActiveMs }) => ({
          name,
          stream,
          lag,
          state: consumerState(lag, lastActiveMs === undefined ? undefined : nowMs - lastActiveMs),
        })),
    },
  };
}

async function measureDisks({ DISKS, DATA_DIR }: GatherSettings): Promise<OpsFacts["disks"]> {
  const named = DISKS.length > 0 ? DISKS : [{ name: "data", path: DATA_DIR ?? "/" }];
  const found = await Promise.all(
    named.map(async ({ name, path }) => {
      const room = await statfs(path).catch(() => null);
      if (!room) return { name, freeBytes: 0, totalBytes: 0 };
      return { name, freeBytes: room.bavail * room.bsize, totalBytes: room.blocks * room.bsize };
    }),
  );
  return found.map((disk) => ({ ...disk, state: diskState(disk.freeBytes, disk.totalBytes) }));
}

/** `undefined`: no backup was ever recorded; `null`: the record cannot be read. */
async function readBackup({ BACKUP_FILE, DATA_DIR }: GatherSettings): Promise<z.output<typeof backupSchema> | null | undefined> {
  const path = BACKUP_FILE ?? (DATA_DIR ? join(DATA_DIR, "backup.json") : undefined);
  if (!path) return undefined;
  try {
    return backupSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    return (error as { code?: unknown }).code === "ENOENT" ? undefined : null;
  }
}

async function findCertificate({ TLS_PROBE, TLS_PROBE_NAME }: GatherSettings): Promise<FoundCertificate | null | undefined> {
  if (!TLS_PROBE) return undefined;
  return lookAtCertificate(TLS_PROBE, TLS_PROBE_NAME ?? TLS_PROBE.slice(0, TLS_PROBE.lastIndexOf(":")));
}

function certificateOf(
  found: FoundCertificate | null | undefined,
  { TLS_PROBE_NAME }: GatherSettings,
  nowMs: number,
): OpsFacts["certificate"] {
  return {
    state: certificateState(found, nowMs),
    ...(TLS_PROBE_NAME ? { name: TLS_PROBE_NAME } : {}),
    ...(found ? { issuer: found.issuer, expiresAt: toInstant(found.validToMs), isPublic: found.isTrusted } : {}),
  };
}
