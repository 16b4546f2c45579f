import { type Attention, type NotReadyReason, notReadyReasons, type Ops } from "@episante/contracts/ops";

/** What is judged: the answer without its verdict. */
export type OpsFacts = Omit<Ops, "attention" | "at">;
type State<Part extends keyof OpsFacts> = OpsFacts[Part] extends readonly { state: infer S }[]
  ? S
  : OpsFacts[Part] extends { state: infer S }
    ? S
    : never;

/** Share of a volume that must stay free: below the first it is low, below the second next to full. */
const lowShare = 0.15;
const fullShare = 0.05;
/** A night's backup that was missed shows the next morning. */
const backupOldMs = 36 * 3_600_000;
/** An authority renews with a third of the life left (own one: 12 h, public one: 90 days); with a fifth left, renewing has failed. */
const expiringShare = 0.2;
const expiringMaxMs = 21 * 86_400_000;
/** An idle reader turns each second, and a batch takes at most some seconds. */
const readerStillSeconds = 15;
/** Messages behind at which a moving reader is worth a word. */
const behindMessages = 1_000;
const consumerStillMs = 30_000;
const outboxOldSeconds = 15;

/** Words of the object store's faults, which name its address or folder, and what is told instead. */
const storeFaults: readonly (readonly [words: RegExp, reason: NotReadyReason])[] = [
  [/no room|disk full/i, "store-full"],
  [/no bucket|refuses the key|cannot be written/i, "store-refused"],
  [/object store/i, "store-unreachable"],
];
/** The reason a service gives for not being ready, as one of the closed list. */
export function reasonOf(said: string): NotReadyReason {
  const known = notReadyReasons.find((reason) => reason === said);
  return known ?? storeFaults.find(([words]) => words.test(said))?.[1] ?? "other";
}

/** How much room a volume has. @param freeBytes what a process without special rights may still write */
export function diskState(freeBytes: number, totalBytes: number): State<"disks"> {
  if (totalBytes <= 0) return "unknown";
  if (freeBytes < totalBytes * fullShare) return "full";
  return freeBytes < totalBytes * lowShare ? "low" : "enough";
}

/** What the last backup is worth. `undefined`: there is none; `null`: its record cannot be read. */
export function backupState(last: { at: string; ok: boolean } | null | undefined, nowMs: number): State<"backup"> {
  if (last === undefined) return "never";
  if (last === null) return "unreadable";
  if (!last.ok) return "failed";
  return nowMs - Date.parse(last.at) > backupOldMs ? "old" : "done";
}

/** State of the certificate found at the door, `undefined` when none is looked for and `null` when nothing answered. */
export function certificateState(
  found: { validFromMs: number; validToMs: number; coversName: boolean } | null | undefined,
  nowMs: number,
): State<"certificate"> {
  if (found === undefined) return "none";
  if (found === null) return "unreachable";
  const { validFromMs, validToMs, coversName } = found;
  if (nowMs >= validToMs || nowMs < validFromMs) return "expired";
  if (!coversName) return "wrong-name";
  return validToMs - nowMs < Math.min((validToMs - validFromMs) * expiringShare, expiringMaxMs) ? "expiring" : "valid";
}

/** Whether a partition's reader moves. */
export function readerState(partition: { lag: number; quietSeconds: number }): State<"readers"> {
  if (partition.quietSeconds >= readerStillSeconds) return "still";
  return partition.lag > 0 ? "catching-up" : "current";
}

/** Whether an event consumer moves. @param quietMs since an event was last given to it; `undefined`: never */
export function consumerState(lag: number, quietMs: number | undefined): State<"readers"> {
  if (lag <= 0) return "current";
  return quietMs === undefined || quietMs >= consumerStillMs ? "still" : "catching-up";
}

const order = { critical: 0, warning: 1, notice: 2 } as const;

/** What needs somebody, worst first. @param outboxAge seconds that the oldest unpublished event of each service has waited */
export function attentionOf(facts: OpsFacts, outboxAge: ReadonlyMap<string, number> = new Map()): Attention[] {
  const found: Attention[] = [
    ...processes(facts, outboxAge),
    ...broker(facts),
    ...readers(facts),
    ...storage(facts),
    ...certificate(facts),
    ...(facts.installation.testClock ? [{ code: "test-clock", level: "warning" } as const] : []),
    ...(facts.installation.mode === "demo" ? [{ code: "demo", level: "notice" } as const] : []),
  ];
  return found.sort((a, b) => order[a.level] - order[b.level]);
}

function processes({ processes, databases }: OpsFacts, outboxAge: ReadonlyMap<string, number>): Attention[] {
  return [
    ...processes.flatMap(({ name, state, reasons }): Attention[] => {
      if (state === "down") return [{ code: "process-down", level: "critical", name }];
      if (state === "not-ready")
        return [{ code: "process-not-ready", level: reasons.every((reason) => reason === "stopping") ? "warning" : "critical", name }];
      return [];
    }),
    ...databases.flatMap(({ service, state }): Attention[] =>
      state === "down" ? [{ code: "database-down", level: "critical", name: service }] : [],
    ),
    ...processes.flatMap(({ name, outboxPending }): Attention[] =>
      outboxPending && (outboxAge.get(name) ?? 0) >= outboxOldSeconds
        ? [{ code: "outbox-waiting", level: "warning", name, value: outboxPending }]
        : [],
    ),
  ];
}

function broker({ broker }: OpsFacts): Attention[] {
  if (!broker.up) return [{ code: "broker-down", level: "critical" }];
  return broker.isDurable === true ? [] : [{ code: "broker-not-durable", level: "critical" }];
}

/** One line for each reader, however many of its partitions are concerned. */
function readers({ readers, consumers, mirrors }: OpsFacts): Attention[] {
  const names = [...new Set(readers.map(({ service, reader }) => `${service} · ${reader}`))];
  return [
    ...names.flatMap((name): Attention[] => {
      const own = readers.filter(({ service, reader }) => `${service} · ${reader}` === name);
      const value = own.reduce((sum, { lag }) => sum + lag, 0);
      if (own.some(({ state }) => state === "still")) return [{ code: "reader-still", level: "critical", name, value }];
      return value >= behindMessages ? [{ code: "reader-behind", level: "warning", name, value }] : [];
    }),
    ...consumers.behind.flatMap(({ name, state, lag }): Attention[] =>
      state === "still" ? [{ code: "consumer-still", level: "warning", name, value: lag }] : [],
    ),
    ...mirrors.flatMap(({ service, owner, fresh }): Attention[] =>
      fresh ? [] : [{ code: "mirror-stale", level: "warning", name: `${service} ← ${owner}` }],
    ),
  ];
}

function storage({ disks, backup }: OpsFacts): Attention[] {
  return [
    ...disks.flatMap(({ name, state, freeBytes, totalBytes }): Attention[] => {
      if (state === "enough") return [];
      if (state === "unknown") return [{ code: "disk-unknown", level: "warning", name }];
      const value = Math.floor((freeBytes / totalBytes) * 100);
      return [
        state === "full" ? { code: "disk-full", level: "critical", name, value } : { code: "disk-low", level: "warning", name, value },
      ];
    }),
    ...(backup.state === "done"
      ? []
      : [{ code: `backup-${backup.state}`, level: backup.state === "failed" ? "critical" : "warning" } satisfies Attention]),
  ];
}

function certificate({ certificate: { state } }: OpsFacts): Attention[] {
  if (state === "none" || state === "valid") return [];
  return [{ code: `certificate-${state}`, level: state === "expired" || state === "wrong-name" ? "critical" : "warning" }];
}
