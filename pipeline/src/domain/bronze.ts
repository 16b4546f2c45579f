import type { Envelope } from "@episante/contracts/envelope";
import { type EventType, eventSchema, events } from "@episante/contracts/events";

/** Streams the lake takes, with the partitions each is read in. */
export const landedStreams = ["EVENTS", "ALERTS", "READINGS"] as const;
export type LandedStream = (typeof landedStreams)[number];

/** One reading as it arrived. Times in ms. `seq` and `ord` (place within the message) order arrivals. */
export interface ReadingRow {
  seq: number;
  ord: number;
  patient_id: string;
  clinic_id: string;
  device_id: string;
  kind: string;
  boot: string;
  frame_seq: number;
  received_at: number;
  code: string;
  signal: string;
  value: number;
  at: number;
  flag: string | null;
}

/** One event as it arrived; `data` is JSON text with the registry's fields only. */
export interface EventRow {
  seq: number;
  ord: number;
  id: string;
  type: string;
  version: number;
  at: number;
  actor_kind: string;
  data: string;
}
export type BronzeRow = ReadingRow | EventRow;

/** A row with the business day it belongs to. */
export interface DatedRow {
  readonly day: string;
  readonly row: BronzeRow;
}

/** Cuts an instant (ms) into a day by the zone of a clinic; without a clinic by the installation's default. */
export type DayCut = (ms: number, clinicId: string | undefined) => string;

/** Readings of one message of READINGS. A reading belongs to the day it was measured. */
export function rowsOfEnvelope(seq: number, envelope: Envelope, dayOf: DayCut): DatedRow[] {
  const rows: DatedRow[] = [];
  let ord = 0;
  for (const frame of envelope.frames) {
    for (const reading of frame.readings) {
      const [code, signal, value, at] = reading;
      const row: ReadingRow = {
        seq,
        ord: ord++,
        patient_id: frame.patientId,
        clinic_id: frame.clinicId,
        device_id: frame.deviceId,
        kind: frame.kind,
        boot: frame.boot,
        frame_seq: frame.seq,
        received_at: Math.round(frame.receivedAtMs),
        code,
        signal,
        value,
        at: Math.round(at),
        flag: reading[4] ?? null,
      };
      rows.push({ day: dayOf(at, frame.clinicId), row });
    }
  }
  return rows;
}

/** Members of an event's data that name or reach somebody: they never enter the lake. */
const unwelcome = new Set(["name", "address", "phone", "email"]);

/**
 * The rows of one event; none for the pipeline's own events: they would make every run due for another.
 * A visit belongs to the day it takes place, an alert to the day it fired, anything else to the day it happened. A visit that moves to
 * another day is told to both: to the day it leaves as a second row (`ord` 1).
 * @throws when the message is not an event of the registry
 */
export function rowsOfEvent(seq: number, message: unknown, dayOf: DayCut): DatedRow[] {
  const event = eventSchema.parse(message);
  const definition = events[event.type as EventType];
  if (!definition) throw new SyntaxError("unknown event type");
  if (definition.owner === "pipeline") return [];
  const data = definition.data.parse(event.data) as Record<string, unknown>;
  const kept = Object.fromEntries(Object.entries(data).filter(([name]) => !unwelcome.has(name)));
  const atMs = Date.parse(event.at);
  const aboutMs = timeOf(data.start) ?? (definition.stream === "ALERTS" ? timeOf(data.firedAt) : undefined) ?? atMs;
  const clinicId = typeof data.clinicId === "string" ? data.clinicId : undefined;
  const row: EventRow = {
    seq,
    ord: 0,
    id: event.id,
    type: event.type,
    version: event.version,
    at: atMs,
    actor_kind: event.actor.kind,
    data: JSON.stringify(kept),
  };
  const day = dayOf(aboutMs, clinicId);
  const leftMs = event.type === "appointment.moved" ? timeOf((data.from as { start?: unknown }).start) : undefined;
  const left = leftMs === undefined ? day : dayOf(leftMs, clinicId);
  return left === day
    ? [{ day, row }]
    : [
        { day, row },
        { day: left, row: { ...row, ord: 1 } },
      ];
}

function timeOf(value: unknown): number | undefined {
  return typeof value === "string" ? Date.parse(value) : undefined;
}

/**
 * Name of a bronze object. The range of stream sequences it covers stands in the name, so writing it again replaces it.
 * Zero-padded: names sort as the sequences do.
 */
export function bronzeKey(place: { stream: LandedStream; partition: number; day: string; firstSeq: number; lastSeq: number }): string {
  const pad = (seq: number) => String(seq).padStart(12, "0");
  return `bronze/${place.stream.toLowerCase()}/day=${place.day}/p${String(place.partition).padStart(2, "0")}/${pad(place.firstSeq)}-${pad(place.lastSeq)}.parquet`;
}
