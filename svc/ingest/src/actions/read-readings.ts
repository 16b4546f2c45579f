import type { QueryOf, ResponseOf } from "@episante/contracts/endpoint";
import { type Refusal, refuse } from "@episante/contracts/problem";
import {
  earliestReadingMs,
  type latestReadings as latestEndpoint,
  type listReadings as listEndpoint,
  type readingRange,
} from "@episante/contracts/reading";
import { doctorIdsOf } from "@episante/contracts/session";
import { type Signal, signalNames, signalOf, signals, toldOf } from "@episante/contracts/signals";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { IngestDeps } from "../deps.ts";
import { countRange, listLatest, listRaw, listSamples, listVersions, type Range } from "../storage/readings.ts";
import { treatedPatients } from "../storage/relationships.ts";
import { listRollups } from "../storage/rollups.ts";
import { grantPatient } from "./grant-patient.ts";

const dayMs = 86_400_000;
/** Most rows of an answer: a day at 1 Hz, 62 days by the minute, ten years by the hour. */
const mostRows = 90_000;
/** Raw readings of a longer period are never asked for at once. */
const longestRawMs = 366 * dayMs;
const steps = { "1m": 60, "1h": 3600 } as const;
const mostRangeSamples = 700_000;
const instant = (ms: number) => new Date(ms).toISOString();

/** Readings of one signal of a patient (all its codes), in time order. */
export const listReadings = defineAction<IngestDeps, QueryOf<typeof listEndpoint>, ResponseOf<typeof listEndpoint>>({
  name: "ingest.list-readings",
  access: ({ input, ...context }) => grantPatient(context, input.patientId),
  run: async ({ input, tx }) => {
    const signal = signalOf(input.code);
    if (!signal) return refuse("unknown-code");
    const resolution = input.resolution ?? "raw";
    if (input.versions && resolution !== "raw")
      return refuse("invalid-input", { errors: [{ path: "versions", message: "only of raw readings" }] });
    const range = parseRange(signal, input, resolution === "raw" ? longestRawMs : Number.POSITIVE_INFINITY);
    if ("refused" in range) return range;
    const { unit } = signals[signal];
    if (resolution !== "raw") {
      const rollups = await listRollups(tx, input.patientId, range, steps[resolution], mostRows + 1);
      if (rollups.length > mostRows) return tooLong("more than 90,000 rows: choose a shorter period or ask for 1h");
      return { resolution, unit, items: rollups.map(({ at, ...rest }) => ({ at: instant(at), ...rest })) };
    }
    if (input.versions) {
      const rows = await listVersions(tx, input.patientId, range, mostRows + 1);
      if (rows.length > mostRows) return tooLong("more than 90,000 versions: choose a shorter period");
      const items = rows.map(({ at, value, receivedAt, ...rest }) => ({
        at: instant(at),
        value: toldOf(signal, value),
        ...rest,
        receivedAt: instant(receivedAt),
      }));
      return { resolution, unit, items };
    }
    const rows = await listRaw(tx, input.patientId, range, mostRows + 1);
    if (rows.length > mostRows) return tooLong("more than 90,000 readings: ask for 1m or 1h");
    return { resolution, unit, items: rows.map(({ at, value, ...rest }) => ({ at: instant(at), value: toldOf(signal, value), ...rest })) };
  },
});

/** The last reading of each signal. */
export const latestReadings = defineAction<IngestDeps, QueryOf<typeof latestEndpoint>, ResponseOf<typeof latestEndpoint>>({
  name: "ingest.latest-readings",
  access: ({ input, ...context }) => grantPatient(context, input.patientId),
  run: async ({ input, tx }) => {
    const rows = await listLatest(tx, input.patientId, signalNames);
    const items = rows.map(({ at, deviceId, ...rest }) => ({
      ...rest,
      value: toldOf(rest.signal, rest.value),
      at: instant(at),
      unit: signals[rest.signal].unit,
      deviceId: deviceId as `dev_${string}`,
    }));
    return { items };
  },
});

type RangeInput = Omit<QueryOf<typeof readingRange>, "patientIds"> & { readonly patientIds?: readonly string[] };

/** History of a signal for a backtest: only of patients the caller treats now, whatever was asked for. */
export const readRange = defineAction<IngestDeps, RangeInput, ResponseOf<typeof readingRange>>({
  name: "ingest.reading-range",
  access: async ({ actor, input, deps, tx, now }) => {
    if (!deps.relationships.fresh()) return refuse("mirror-stale");
    return grant.patients(await treatedPatients(tx, doctorIdsOf(actor), now, input.patientIds));
  },
  run: async ({ input, tx, grant: granted }) => {
    const signal = signalNames.find((name) => name === input.signal);
    if (!signal) return refuse("unknown-code");
    const range = parseRange(signal, input, longestRawMs);
    if ("refused" in range) return range;
    const patientIds = granted.kind === "patients" ? granted.ids : [];
    const count = await countRange(tx, patientIds, range, mostRangeSamples + 1);
    if (count > mostRangeSamples) return tooLong(`more than ${mostRangeSamples} readings: choose a shorter period or fewer patients`);
    const rows = await listSamples(tx, patientIds, range);
    return { items: rows.map(({ patientId, samples }) => ({ patientId: patientId as `pat_${string}`, samples })) };
  },
});

function parseRange(signal: Signal, { from, to }: { from: string; to: string }, mostMs: number): Range | Refusal {
  // No reading is older than the earliest accepted one; a step before year 1, where the first roll-up may begin, is no date to Postgres.
  const [fromMs, toMs] = [Math.max(Date.parse(from), earliestReadingMs), Math.max(Date.parse(to), earliestReadingMs)];
  if (Date.parse(to) <= Date.parse(from)) return refuse("invalid-input", { errors: [{ path: "to", message: "lies before from" }] });
  if (toMs - fromMs > mostMs) return tooLong(`longer than ${mostMs / dayMs} days`);
  return { signal, fromMs, toMs };
}

/** The reason is the detail as well: a service that asked on a caller's behalf passes only that on. */
function tooLong(message: string): Refusal {
  return refuse("invalid-input", { detail: message, errors: [{ path: "to", message }] });
}
