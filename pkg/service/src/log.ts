import pino from "pino";

/** The only fields a log line may carry. Health data, names and bodies have no way in. */
const allowed = [
  "service",
  "route",
  "status",
  "ms",
  "code",
  "traceId",
  "requestId",
  "job",
  "reader",
  "consumer",
  "partition",
  "count",
  "stage",
  "reason",
  "port",
  "upstream",
  "err",
] as const;
export type LogFields = Partial<Record<(typeof allowed)[number], unknown>>;

export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

/** JSON lines on standard output with allow-listed fields only. */
export function makeLog(service: string, level = "info", destination?: pino.DestinationStream): Log {
  const options = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const logger = destination ? pino(options, destination) : pino(options);
  const at = (method: "debug" | "info" | "warn" | "error") => (fields: LogFields, message: string) => logger[method](pick(fields), message);
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** A log that keeps nothing, for tests. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

function pick(fields: LogFields): LogFields {
  const kept: LogFields = {};
  for (const name of allowed) {
    const value = fields[name];
    if (value !== undefined) kept[name] = name === "err" ? describeError(value) : value;
  }
  return kept;
}

/**
 * An error without what it may quote: class, machine code, constraint and stack frames. Messages stay out, because
 * database drivers put the rejected values and whole queries in them.
 */
export function describeError(error: unknown): Record<string, unknown> {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return { name: typeof cause };
  const more = cause as Error & { code?: unknown; constraint_name?: unknown; routine?: unknown };
  const frames = (cause.stack ?? "")
    .split("\n")
    .filter((line) => line.trimStart().startsWith("at "))
    .slice(0, 6)
    .map((line) => line.trim());
  const isOurs = cause.constructor === Error || cause.name.endsWith("Error") === false || safeErrors.has(cause.name);
  return {
    name: cause.name,
    ...(isOurs && more.code === undefined ? { message: cause.message.slice(0, 200) } : {}),
    ...(more.code !== undefined ? { code: more.code } : {}),
    ...(more.constraint_name !== undefined ? { constraint: more.constraint_name } : {}),
    ...(more.routine !== undefined ? { routine: more.routine } : {}),
    frames,
  };
}

/** Errors whose messages are written by us or by the runtime and never quote input. */
const safeErrors = new Set(["Error", "TypeError", "RangeError", "ConfigError", "TimeoutError", "LeaseLostError"]);
