import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync, renameSync, statSync, truncateSync, watch } from "node:fs";
import { join } from "node:path";

const rotateBytes = 20 * 1024 * 1024;

/** Log file of a process. */
export function logPath(logsDir: string, name: string): string {
  return join(logsDir, `${name}.log`);
}

/** Opens a process's log for appending; a large one is set aside first (one older file is kept). */
export function openLog(logsDir: string, name: string): number {
  const path = logPath(logsDir, name);
  if (existsSync(path) && statSync(path).size > rotateBytes) renameSync(path, `${path}.1`);
  return openSync(path, "a", 0o600);
}

/** Last lines of a process's log. */
export function lastLines(logsDir: string, name: string, count: number): string[] {
  const path = logPath(logsDir, name);
  return existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n").slice(-count) : [];
}

/**
 * Follows the logs of a folder from their present end. Processes write to the files themselves, so their output outlives the
 * supervisor; files beyond five times the rotation size are emptied.
 * @returns stops following
 */
export function followLogs(logsDir: string, names: readonly string[], onLine: (name: string, line: string) => void): () => void {
  const positions = new Map(names.map((name) => [name, sizeOf(logPath(logsDir, name))]));
  const rests = new Map<string, string>();
  const read = (name: string) => {
    const path = logPath(logsDir, name);
    const text = (rests.get(name) ?? "") + readFrom(path, positions, name);
    const lines = text.split("\n");
    rests.set(name, lines.pop() ?? "");
    for (const line of lines) onLine(name, line);
    if ((positions.get(name) ?? 0) > 5 * rotateBytes) {
      truncateSync(path, 0);
      positions.set(name, 0);
    }
  };
  const known = new Set(names);
  const watcher = watch(logsDir, (_event, file) => {
    const name = file?.replace(/\.log$/, "") ?? "";
    if (known.has(name)) read(name);
  });
  return () => {
    watcher.close();
    for (const name of names) read(name);
  };
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}

function readFrom(path: string, positions: Map<string, number>, name: string): string {
  if (!existsSync(path)) return "";
  const file = openSync(path, "r");
  try {
    const size = fstatSync(file).size;
    const from = Math.min(positions.get(name) ?? 0, size);
    const start = size < (positions.get(name) ?? 0) ? 0 : from;
    const buffer = Buffer.alloc(Math.min(size - start, 4 * 1024 * 1024));
    const length = readSync(file, buffer, 0, buffer.length, start);
    positions.set(name, start + length);
    return buffer.toString("utf8", 0, length);
  } finally {
    closeSync(file);
  }
}

/** A line as people read it, and how much it matters. */
export interface ReadableLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly text: string;
}

const pinoLevels: Record<number, ReadableLine["level"]> = { 10: "debug", 20: "debug", 30: "info", 40: "warn", 50: "error", 60: "error" };
const shown = new Set(["level", "time", "msg", "service", "traceId", "requestId", "pid", "hostname"]);

/** Reads a log line of a service (JSON), of Postgres or of nats-server. */
export function readLine(line: string): ReadableLine {
  if (line.startsWith("{")) {
    try {
      const record = JSON.parse(line) as Record<string, unknown>;
      const level = typeof record.level === "number" ? (pinoLevels[record.level] ?? "info") : levelNamed(String(record.level));
      const rest = Object.entries(record).filter(([name]) => !shown.has(name));
      const details = rest.map(([name, value]) => `${name}=${typeof value === "object" ? describe(value) : String(value)}`).join(" ");
      return { level, text: [String(record.msg ?? ""), details].filter(Boolean).join("  ") };
    } catch {
      return { level: "info", text: line };
    }
  }
  if (/\[(ERR|FTL)\]|\b(ERROR|FATAL|PANIC):|^\s*error:|^\w*Error\b/.test(line)) return { level: "error", text: line };
  if (/\[WRN\]|\bWARNING:/.test(line)) return { level: "warn", text: line };
  return { level: "info", text: line };
}

/** An error in a few words; its frames stay in the file. */
function describe(value: unknown): string {
  const { frames: _, ...rest } = (value ?? {}) as Record<string, unknown>;
  return Object.values(rest).join(" ");
}

function levelNamed(name: string): ReadableLine["level"] {
  return name === "warn" || name === "error" || name === "debug" ? name : "info";
}

/**
 * Lets a line through once; repeats within ten seconds are counted and told when it is let through again.
 * @param nowMs present time, milliseconds
 */
export function quietRepeats(): (key: string, nowMs: number) => { show: boolean; repeated: number } {
  const seen = new Map<string, { shownMs: number; hidden: number }>();
  return (key, nowMs) => {
    const known = seen.get(key);
    if (known && nowMs - known.shownMs < 10_000) {
      known.hidden++;
      return { show: false, repeated: 0 };
    }
    if (seen.size > 500) seen.clear();
    seen.set(key, { shownMs: nowMs, hidden: 0 });
    return { show: true, repeated: known?.hidden ?? 0 };
  };
}
