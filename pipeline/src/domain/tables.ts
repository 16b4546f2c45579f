/** DuckDB column types of a bronze table. */
export type Columns = Readonly<Record<string, string>>;

/** Bronze readings; times are instants, made from milliseconds when landed. */
export const readingColumns: Columns = {
  seq: "BIGINT",
  ord: "INTEGER",
  patient_id: "VARCHAR",
  clinic_id: "VARCHAR",
  device_id: "VARCHAR",
  kind: "VARCHAR",
  boot: "VARCHAR",
  frame_seq: "BIGINT",
  received_at: "TIMESTAMPTZ",
  code: "VARCHAR",
  signal: "VARCHAR",
  value: "DOUBLE",
  at: "TIMESTAMPTZ",
  flag: "VARCHAR",
};

/** Bronze events and alert events. */
export const eventColumns: Columns = {
  seq: "BIGINT",
  ord: "INTEGER",
  id: "VARCHAR",
  type: "VARCHAR",
  version: "INTEGER",
  at: "TIMESTAMPTZ",
  actor_kind: "VARCHAR",
  data: "VARCHAR",
};

/** Bronze table of each stream: name in SQL and columns. */
export const bronzeTables = {
  READINGS: { name: "bronze_readings", columns: readingColumns },
  EVENTS: { name: "bronze_events", columns: eventColumns },
  ALERTS: { name: "bronze_alerts", columns: eventColumns },
} as const;

/** Gold table → the silver table it reads and the length of one part. */
export const goldTables = {
  vitals_daily: { from: "readings", part: "day" },
  alerts_daily: { from: "alerts", part: "day" },
  appointments_weekly: { from: "appointments", part: "week" },
} as const;
export type GoldTable = keyof typeof goldTables;
export const goldTableNames = Object.keys(goldTables) as GoldTable[];
