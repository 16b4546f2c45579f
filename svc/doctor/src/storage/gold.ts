import type { Database } from "@episante/service/db";
import { type SQL, sql } from "drizzle-orm";

/** The warehouse's views, read with a login that can do nothing else. Absent on installations without a pipeline. */
export type Gold = Pick<Database, "drizzle"> | undefined;

/** A period of whole days (both included) for the patients or doctors it may cover. */
export interface Scope {
  readonly from: string;
  readonly to: string;
  readonly patientIds: readonly string[];
  readonly doctorIds: readonly string[];
}

type Row = Record<string, unknown>;

/** Rows of a view; none while the warehouse was not built yet (SQLSTATE 3F000 no schema, 42P01 no view). */
async function rowsOf(gold: Gold, query: SQL): Promise<Row[]> {
  if (!gold) return [];
  try {
    return [...(await gold.drizzle.execute(query))];
  } catch (error) {
    const code = (error as { cause?: { code?: string } }).cause?.code;
    if (code === "3F000" || code === "42P01") return [];
    throw error;
  }
}

const ofPatients = (scope: Scope) =>
  sql`day between ${scope.from}::date and ${scope.to}::date and ${JSON.stringify(scope.patientIds)}::jsonb ? patient_id`;
// A week counts when it touches the period.
const ofDoctors = (scope: Scope) =>
  sql`week_start between ${scope.from}::date - 6 and ${scope.to}::date and ${JSON.stringify(scope.doctorIds)}::jsonb ? doctor_id`;
const medianAck = sql`percentile_cont(0.5) within group (order by ack)`;
const day = (column: SQL) => sql`to_char(${column}, 'YYYY-MM-DD')`;

/** When the warehouse was last built, RFC 3339; null before the first time. */
export async function findBuiltAt(gold: Gold): Promise<string | null> {
  const [row] = await rowsOf(gold, sql`select (extract(epoch from max(at)) * 1000)::float8 as at_ms from mart.built`);
  return typeof row?.at_ms === "number" ? new Date(row.at_ms).toISOString() : null;
}

/** Vitals per day and signal over all patients in scope; the mean is weighted by the number of readings. */
export async function listVitals(gold: Gold, scope: Scope) {
  const rows = await rowsOf(
    gold,
    sql`select ${day(sql`day`)} as day, signal, unit, sum(n)::float8 as n, min(min)::float8 as min, (sum(mean * n) / nullif(sum(n), 0))::float8 as mean, max(max)::float8 as max
        from mart.vitals_daily where ${ofPatients(scope)} group by 1, 2, 3 having sum(n) > 0 order by 1, 2, 3`,
  );
  return rows.map((row) => ({
    day: String(row.day),
    signal: String(row.signal),
    unit: String(row.unit),
    n: Number(row.n),
    min: Number(row.min),
    mean: Number(row.mean),
    max: Number(row.max),
  }));
}

/** Alerts per day and severity, with the median time to acknowledge in seconds. */
export async function listAlerts(gold: Gold, scope: Scope) {
  const rows = await rowsOf(
    gold,
    sql`select ${day(sql`a.day`)} as day, a.severity, sum(a.n)::float8 as n, sum(a.acked)::float8 as acked,
          (select ${medianAck} from mart.alerts_daily s cross join unnest(s.ack_seconds) as ack
           where s.day = a.day and s.severity = a.severity and ${JSON.stringify(scope.patientIds)}::jsonb ? s.patient_id)::float8 as median
        from mart.alerts_daily a where ${ofPatients(scope)} group by a.day, a.severity order by a.day, a.severity`,
  );
  return rows.map((row) => ({
    day: String(row.day),
    severity: String(row.severity),
    n: Number(row.n),
    acked: Number(row.acked),
    ...(typeof row.median === "number" ? { medianAckSeconds: row.median } : {}),
  }));
}

/** Visits per week of the doctors in scope. */
export async function listWeeks(gold: Gold, scope: Scope) {
  const rows = await rowsOf(
    gold,
    sql`select ${day(sql`week_start`)} as week, sum(booked)::float8 as booked, sum(cancelled)::float8 as cancelled
        from mart.appointments_weekly where ${ofDoctors(scope)} group by 1 order by 1`,
  );
  return rows.map((row) => ({ weekStart: String(row.week), booked: Number(row.booked), cancelled: Number(row.cancelled) }));
}

/** Totals of the period: readings and alerts of the patients in scope, the median time to acknowledge, visits of the doctors. */
export async function sumUp(gold: Gold, scope: Scope) {
  const [vitals] = await rowsOf(gold, sql`select coalesce(sum(n), 0)::float8 as n from mart.vitals_daily where ${ofPatients(scope)}`);
  const [alerts] = await rowsOf(gold, sql`select coalesce(sum(n), 0)::float8 as n from mart.alerts_daily where ${ofPatients(scope)}`);
  const [acks] = await rowsOf(
    gold,
    sql`select ${medianAck}::float8 as median from mart.alerts_daily cross join unnest(ack_seconds) as ack where ${ofPatients(scope)}`,
  );
  const weeks = await listWeeks(gold, scope);
  return {
    readings: Number(vitals?.n ?? 0),
    alerts: Number(alerts?.n ?? 0),
    ...(typeof acks?.median === "number" ? { medianAckSeconds: acks.median } : {}),
    appointments: weeks.reduce((sum, week) => sum + week.booked, 0),
  };
}
