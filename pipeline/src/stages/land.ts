import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Envelope, envelopeSchema } from "@episante/contracts/envelope";
import type { EventData } from "@episante/contracts/events";
import { type ConsumeDeps, deadLetter } from "@episante/service/consume";
import type { Tx } from "@episante/service/db";
import { emitter } from "@episante/service/outbox";
import { inSpansOfFrames } from "@episante/service/reader";
import { isTracing } from "@episante/service/trace";
import { DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import { type BronzeRow, bronzeKey, type DatedRow, type DayCut, landedStreams, rowsOfEnvelope, rowsOfEvent } from "../domain/bronze.ts";
import { dayIn, defaultZone } from "../domain/days.ts";
import { bronzeTables, type Columns } from "../domain/tables.ts";
import { quoted, withDuck } from "../duck.ts";
import { putOnce } from "../lake.ts";
import { type BronzeObject, getLanding, intend, type Lane, listZones, recordLanded } from "../storage/landing.ts";
import type { StageDeps } from "./stage-deps.ts";

/** Rows and objects landed by one flush. */
export interface Landed {
  readonly messages: number;
  readonly rows: number;
  readonly objects: number;
}

/** Takes the streams into the lake. One flush at a time per process; several processes cannot double a row. */
export interface Lander {
  /** Lands everything the streams hold now. Durable when it returns. */
  flush(streams?: readonly Lane["stream"][]): Promise<Landed>;
}

type LandedCount = EventData<"pipeline.readings-landed">["counts"][number];
type LandDeps = ConsumeDeps & StageDeps;
const filters = { READINGS: (partition: number) => `readings.${partition}`, EVENTS: () => "events.>", ALERTS: () => "alerts.>" } as const;
const batchBytes = 16 * 1024 * 1024;
const batchMessages = 5_000;
const nothing: Landed = { messages: 0, rows: 0, objects: 0 };

/** @param partitions of stream READINGS, fixed at install */
export function makeLander(deps: LandDeps, partitions: number): Lander {
  const seenTo = new Map<string, number>();
  let last: Promise<unknown> = Promise.resolve();

  async function flushAll(streams: readonly Lane["stream"][]): Promise<Landed> {
    const manager = await deps.js.jetstreamManager(false);
    let total: Landed = { messages: 0, rows: 0, objects: 0 };
    // Events before readings: a clinic's zone, when new, is known before its readings are cut into days.
    for (const stream of landedStreams.filter((name) => streams.includes(name))) {
      const { state } = await manager.streams.info(stream);
      for (let partition = 0; partition < (stream === "READINGS" ? partitions : 1); partition++) {
        const lane: Lane = { stream, partition };
        const name = `${stream} ${partition}`;
        if ((seenTo.get(name) ?? -1) >= state.last_seq) continue;
        for (;;) {
          const landed = await landBatch(deps, lane);
          if (!landed) break;
          total = { messages: total.messages + landed.messages, rows: total.rows + landed.rows, objects: total.objects + landed.objects };
        }
        seenTo.set(name, state.last_seq);
      }
    }
    if (total.messages > 0) deps.log.info({ stage: "bronze", count: total.rows }, "landed");
    return total;
  }

  return {
    flush(streams = landedStreams) {
      const turn = last.catch(() => {}).then(() => flushAll(streams));
      last = turn;
      return turn;
    },
  };
}

/**
 * Lands the next range of a lane: fix its end, write its objects, then move the checkpoint. Killed in between, the next turn
 * reads the same range and writes the same objects again. Null when there is nothing to land.
 */
async function landBatch(deps: LandDeps, lane: Lane): Promise<Landed | null> {
  const { checkpoint, intended } = await getLanding(deps.db, lane);
  const messages = await readRange(deps, lane, checkpoint + 1, intended);
  const lastSeq = intended ?? messages.at(-1)?.seq;
  if (lastSeq === undefined) return null;
  if (!(await intend(deps.db, lane, checkpoint, lastSeq))) return nothing;
  const envelopes = isTracing() && lane.stream === "READINGS" ? messages.flatMap(envelopeOf) : [];
  return inSpansOfFrames("land readings", envelopes, () => landMessages(deps, lane, { checkpoint, lastSeq }, messages));
}

/** For its traces only: what cannot be parsed is dealt with where rows are made. */
function envelopeOf(message: JsMsg): { envelope: Envelope }[] {
  try {
    return [{ envelope: envelopeSchema.parse(message.json()) }];
  } catch {
    return [];
  }
}

async function landMessages(
  deps: LandDeps,
  lane: Lane,
  { checkpoint, lastSeq }: { checkpoint: number; lastSeq: number },
  messages: readonly JsMsg[],
): Promise<Landed> {
  const { byDay, zones } = await rowsByDay(deps, lane, messages);
  const objects = byDay.size > 0 ? await writeObjects(deps, lane, { firstSeq: checkpoint + 1, lastSeq }, byDay) : [];
  const now = deps.clock.now();
  const range = { checkpoint, lastSeq, arrivedOn: dayIn(defaultZone, now), landedAtMs: now };
  const tell = async (tx: Tx) => {
    if (lane.stream !== "READINGS") return;
    const emit = emitter(tx, { kind: "system", job: "land-readings" }, deps.clock);
    await emit("pipeline.readings-landed", { partition: lane.partition, firstSeq: checkpoint + 1, lastSeq, counts: countsOf(byDay) });
  };
  if (!(await recordLanded(deps.db, lane, range, objects, zones, tell))) return nothing;
  deps.outbox.wake();
  return { messages: messages.length, rows: objects.reduce((sum, object) => sum + object.rows, 0), objects: objects.length };
}

/** Readings of each device and boot. */
function countsOf(byDay: ReadonlyMap<string, readonly BronzeRow[]>): LandedCount[] {
  const counts = new Map<string, LandedCount>();
  for (const row of [...byDay.values()].flat()) {
    if (!("boot" in row)) continue;
    const key = `${row.device_id} ${row.boot}`;
    const { readings } = counts.get(key) ?? { readings: 0 };
    counts.set(key, { deviceId: row.device_id, boot: row.boot, readings: readings + 1 });
  }
  return [...counts.values()];
}

/** Messages of a lane from `firstSeq` on: up to `untilSeq`, or as many as make one batch. */
async function readRange(deps: LandDeps, lane: Lane, firstSeq: number, untilSeq: number | null): Promise<JsMsg[]> {
  const consumer = await deps.js.consumers.get(lane.stream, {
    filter_subjects: filters[lane.stream](lane.partition),
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: firstSeq,
    inactive_threshold: 30_000,
  });
  const taken: JsMsg[] = [];
  try {
    let pending = (await consumer.info()).num_pending;
    let bytes = 0;
    while (pending > 0 && (untilSeq !== null || (bytes < batchBytes && taken.length < batchMessages))) {
      const wanted = Math.min(pending, 64);
      const before = taken.length;
      for await (const message of await consumer.fetch({ max_messages: wanted, expires: 5_000 })) {
        pending = message.info.pending;
        if (untilSeq !== null && message.seq > untilSeq) return taken;
        taken.push(message);
        bytes += message.data.length;
      }
      if (untilSeq !== null && (taken.at(-1)?.seq ?? 0) >= untilSeq) return taken;
      if (taken.length === before) throw new Error("the stream did not deliver");
    }
    return taken;
  } finally {
    await consumer.delete().catch(() => false);
  }
}

/** Parses messages into rows by day. What cannot be parsed goes to the dead letters and is passed by. */
async function rowsByDay(deps: LandDeps, lane: Lane, messages: readonly JsMsg[]) {
  const known = await listZones(deps.db);
  const zones = new Map<string, { zone: string; seq: number }>();
  const dayOf: DayCut = (ms, clinicId) => dayIn((clinicId && (zones.get(clinicId)?.zone ?? known.get(clinicId))) || defaultZone, ms);
  const byDay = new Map<string, BronzeRow[]>();
  for (const message of messages) {
    try {
      const parsed: unknown = JSON.parse(message.string());
      if (lane.stream === "EVENTS") learnZone(message.seq, parsed, zones);
      for (const { day, row } of datedRows(lane, message.seq, parsed, dayOf)) {
        const rows = byDay.get(day);
        if (rows) rows.push(row);
        else byDay.set(day, [row]);
      }
    } catch (error) {
      deps.log.warn({ reader: "bronze", partition: lane.partition, err: error }, "message given up on");
      await deadLetter(deps, "bronze", message, error);
    }
  }
  return { byDay, zones };
}

function datedRows(lane: Lane, seq: number, parsed: unknown, dayOf: DayCut): DatedRow[] {
  if (lane.stream === "READINGS") return rowsOfEnvelope(seq, envelopeSchema.parse(parsed), dayOf);
  return rowsOfEvent(seq, parsed, dayOf);
}

function learnZone(seq: number, parsed: unknown, zones: Map<string, { zone: string; seq: number }>): void {
  const event = parsed as { type?: string; data?: { clinicId?: unknown; zone?: unknown } } | null;
  const { clinicId, zone } = event?.data ?? {};
  if (event?.type === "clinic.changed" && typeof clinicId === "string" && typeof zone === "string") {
    dayIn(zone, 0); // Throws for a zone this runtime does not know: the message is given up on before anything is cut by it.
    zones.set(clinicId, { zone, seq });
  }
}

/** One Parquet object per day, in order of arrival (one thread keeps it), so that the same range always gives the same bytes. */
async function writeObjects(
  deps: LandDeps,
  lane: Lane,
  range: { firstSeq: number; lastSeq: number },
  byDay: ReadonlyMap<string, readonly BronzeRow[]>,
): Promise<BronzeObject[]> {
  return withDuck({ ...deps.duck, threads: 1 }, async (duck) => {
    const { columns } = bronzeTables[lane.stream];
    const objects: BronzeObject[] = [];
    for (const [day, rows] of byDay) {
      const source = join(duck.folder, `${day}.ndjson`);
      const target = join(duck.folder, `${day}.parquet`);
      await writeFile(source, rows.map((row) => JSON.stringify(row)).join("\n"));
      await duck.run(
        `copy (select ${columnList(columns)} from read_json(${quoted(source)}, format = 'newline_delimited', columns = ${columnTypes(columns)}))
         to ${quoted(target)} (format parquet, compression zstd)`,
      );
      const key = bronzeKey({ ...lane, ...range, day });
      const sha256 = await putOnce(deps.lake, key, new Uint8Array(await readFile(target)));
      objects.push({ key, day, rows: rows.length, sha256 });
    }
    return objects;
  });
}

/** Instants travel as milliseconds and are stored as timestamps. */
function columnList(columns: Columns): string {
  return Object.entries(columns)
    .map(([name, type]) => (type === "TIMESTAMPTZ" ? `make_timestamptz("${name}" * 1000) as "${name}"` : `"${name}"`))
    .join(", ");
}

function columnTypes(columns: Columns): string {
  const types = Object.entries(columns).map(([name, type]) => `"${name}": '${type === "TIMESTAMPTZ" ? "BIGINT" : type}'`);
  return `{${types.join(", ")}}`;
}
