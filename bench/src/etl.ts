import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { formatId } from "@episante/contracts/ids";
import type postgres from "postgres";
import { type Bench, measure } from "./harness.ts";
import { prepareInstallation } from "./installation.ts";
import { median } from "./stats.ts";

const readings = 2_000_000;
const days = 2;
const partitions = 4;
const objectsPerLane = 10;
const patients = 20;
/** As the pipeline's own defaults, so that both sides have the same means. */
const duckSettings = { memory_limit: "512MB", threads: "2" };

/** B16: a run of the pipeline over two days of bronze that it has not built yet, down to gold in Postgres and the quality checks. */
export const etl: Bench = {
  name: "etl",
  describe: `bronze → silver → gold → quality checks on ${readings.toLocaleString("en-US")} readings, against one bare DuckDB pass NDJSON → Parquet`,
  maxSeconds: 600,
  async run(context) {
    const installation = await prepareInstallation(context, "empty");
    await installation.up();
    const owner = installation.owner("golddb", 1);
    const scratch = context.folder("duck");
    const duck = await (await DuckDBInstance.create(join(scratch, "bench.db"), duckSettings)).connect();
    context.version("DuckDB", String((await duck.runAndReadAll("select version()")).getRows()[0]?.[0]));
    context.say("writing bronze");
    await writeBronze(duck, owner, join(installation.data, "lake"), scratch);
    const operator = await installation.operator();
    const runUrl = `http://127.0.0.1:${installation.portOf("pipeline")}/internal/pipeline/runs`;

    const rounds = await context.interleave({
      bare: () => seconds(() => bare(duck, scratch, wide)),
      narrow: () => seconds(() => bare(duck, scratch, narrow)),
      pipeline: async () => {
        await forget(owner, installation.data);
        const took = await seconds(async () => {
          const headers = {
            authorization: `Bearer ${await operator.sign({ kind: "service", service: "operator" }, "pipeline")}`,
            "content-type": "application/json",
          };
          const answer = await fetch(runUrl, { method: "POST", headers, body: '{"stage":"all"}', signal: AbortSignal.timeout(200_000) });
          const body = await answer.text();
          if (!answer.ok || !body.includes('"status":"done"')) throw new Error(`the run failed: ${body}`);
        });
        await verify(owner);
        return took;
      },
    });
    const inMillions = (values: readonly number[]) => (readings / median(values) / 1e6).toFixed(2);
    const megabytes = (name: string) => Math.round(statSync(join(scratch, name)).size / 1e6);
    return [
      measure({
        id: "B16",
        what: "one run: due days → silver → gold → nine quality checks → gold in Postgres, committed",
        unit: "s",
        values: rounds.pipeline,
        limit: { id: "L17", unit: `s bare NDJSON (${megabytes(wide.file)} MB, all bronze columns) → Parquet`, values: rounds.bare },
        floor: { op: "<=", value: 4 },
        note: `${inMillions(rounds.pipeline)} M readings/s through all stages; ${inMillions(rounds.bare)} M/s in the bare pass`,
      }),
      measure({
        id: "B16n",
        what: "the same run against a pass over four columns only (patient, code, value, time)",
        unit: "s",
        values: rounds.pipeline,
        limit: { id: "L17n", unit: `s bare NDJSON (${megabytes(narrow.file)} MB) → Parquet`, values: rounds.narrow },
        floor: null,
      }),
    ];
  },
};

const wide = {
  file: "wide.ndjson",
  columns: {
    seq: "BIGINT",
    ord: "INTEGER",
    patient_id: "VARCHAR",
    clinic_id: "VARCHAR",
    device_id: "VARCHAR",
    kind: "VARCHAR",
    boot: "VARCHAR",
    frame_seq: "BIGINT",
    received_at: "BIGINT",
    code: "VARCHAR",
    signal: "VARCHAR",
    value: "DOUBLE",
    at: "BIGINT",
    flag: "VARCHAR",
  },
};
const narrow = { file: "narrow.ndjson", columns: { patient_id: "VARCHAR", code: "VARCHAR", value: "DOUBLE", at: "BIGINT" } };

/** What DuckDB can do by itself: parse the text and write Parquet with its defaults. */
async function bare(duck: DuckDBConnection, folder: string, { file, columns }: typeof wide | typeof narrow): Promise<void> {
  const types = Object.entries(columns).map(([name, type]) => `"${name}": '${type}'`);
  await duck.run(`copy (select * from read_json('${join(folder, file)}', format = 'newline_delimited', columns = {${types.join(", ")}}))
    to '${join(folder, "bare.parquet")}' (format parquet)`);
}

/**
 * Two days of twenty patients with three signals each, one reading every five seconds, in the lake's real layout: objects of
 * 25,000 readings per day and partition, in order of arrival; one reading in a hundred came twice. The same rows as NDJSON.
 */
async function writeBronze(duck: DuckDBConnection, owner: postgres.Sql, lake: string, folder: string): Promise<void> {
  const perDay = readings / days;
  const firstDay = new Date(Date.now() - 4 * 86_400_000).toISOString().slice(0, 10);
  const id = (prefix: "pat" | "cli" | "dev", number: number) => formatId(prefix, Date.parse(firstDay), new Uint8Array(10).fill(number));
  const list = (prefix: "pat" | "dev") => `[${Array.from({ length: patients }, (_, index) => `'${id(prefix, index)}'`).join(", ")}]`;
  await duck.run(`create table bronze as
    select (i // 100)::bigint as seq, (i % 100)::integer as ord,
      (${list("pat")})[k % ${patients} + 1] as patient_id, '${id("cli", 1)}' as clinic_id, (${list("dev")})[k % ${patients} + 1] as device_id,
      'simulated' as kind, 'b1' as boot, (k // ${patients * 3})::bigint as frame_seq, epoch_ms(ms + 400) as received_ms,
      ['8867-4', '59408-5', '9279-1'][k // ${patients} % 3 + 1] as code,
      ['heart-rate', 'spo2', 'respiratory-rate'][k // ${patients} % 3 + 1] as signal,
      ([70.0, 94.0, 16.0][k // ${patients} % 3 + 1] + (hash(k) % 60) / 10)::double as value, epoch_ms(ms) as at_ms, null::varchar as flag,
      d as day, (k % ${partitions})::integer as lane, (k // (${perDay} // ${objectsPerLane}))::integer as chunk
    from (
      select i, i // ${perDay} as d, i % ${perDay} - (i % 100 = 99)::integer as k,
        epoch_ms(timestamp '${firstDay} 00:00:00') + (i // ${perDay}) * 86400000 + k // ${patients * 3} * 5000 + k % ${patients} * 7 as ms
      from range(${readings}) as r(i))`);
  const columns = `seq, ord, patient_id, clinic_id, device_id, kind, boot, frame_seq, received_ms::timestamptz as received_at, code, signal,
    value, at_ms::timestamptz as "at", flag`;
  await duck.run("set TimeZone = 'UTC'");
  for (let day = 0; day < days; day++) {
    const name = new Date(Date.parse(firstDay) + day * 86_400_000).toISOString().slice(0, 10);
    for (let lane = 0; lane < partitions; lane++) {
      for (let chunk = 0; chunk < objectsPerLane; chunk++) {
        const which = `day = ${day} and lane = ${lane} and chunk = ${chunk}`;
        const [range] = (await duck.runAndReadAll(`select min(seq), max(seq), count(*) from bronze where ${which}`)).getRows();
        const [first, last, rows] = (range ?? []).map(Number);
        const pad = (seq: number | undefined) => String(seq).padStart(12, "0");
        const key = `bronze/readings/day=${name}/p${String(lane).padStart(2, "0")}/${pad(first)}-${pad(last)}.parquet`;
        const path = join(lake, key);
        mkdirSync(dirname(path), { recursive: true });
        await duck.run(
          `copy (select ${columns} from bronze where ${which} order by seq, ord) to '${path}' (format parquet, compression zstd)`,
        );
        await owner`
          insert into bronze_objects (key, stream, partition, day, arrived_on, first_seq, last_seq, rows, sha256, landed_at)
          values (${key}, 'READINGS', ${lane}, ${name}, ${name}, ${first ?? 0}, ${last ?? 0}, ${rows ?? 0}, ${sha256(path)}, now())`;
      }
    }
  }
  const times = `* exclude (received_ms, at_ms, day, lane, chunk), epoch_ms(received_ms) as received_at, epoch_ms(at_ms) as "at"`;
  await duck.run(`copy (select ${times} from bronze) to '${join(folder, wide.file)}' (format json)`);
  await duck.run(
    `copy (select patient_id, code, value, epoch_ms(at_ms) as "at" from bronze) to '${join(folder, narrow.file)}' (format json)`,
  );
  await duck.run("drop table bronze");
}

/** Takes silver and gold away again, so that the next run has everything to do. */
async function forget(owner: postgres.Sql, data: string): Promise<void> {
  for (const part of ["silver", "gold", "manifest"]) rmSync(join(data, "lake", part), { recursive: true, force: true });
  await owner`truncate built_days, gold_parts, vitals_daily, alerts_daily, appointments_weekly, quality`;
}

/** A run that is fast because it lost something is no run. */
async function verify(owner: postgres.Sql): Promise<void> {
  const [gold] = await owner`select sum(n)::int as n, count(*)::int as rows from vitals_daily`;
  const unique = readings - readings / 100;
  if (gold?.n !== unique || gold.rows !== days * patients * 3) throw new Error(`gold counts ${gold?.n} readings in ${gold?.rows} rows`);
  const [quality] = await owner`
    select count(*)::int as checks, sum(offending)::int as offending from quality where day in (select day from bronze_objects where stream = 'READINGS')`;
  if (quality?.checks !== 9 * days || quality.offending !== 0)
    throw new Error(`${quality?.checks} checks, ${quality?.offending} rows offend`);
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
}

function sha256(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
