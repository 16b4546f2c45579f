import type { Floor, Measure, Report } from "./harness.ts";

/** A report as text: the ratio first, absolute figures beside it, never alone. */
export function formatReport(report: Report): string {
  const { machine, limits, versions } = report;
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${report.bench} · ${report.at} · ${report.rounds} rounds`,
    `${machine.cores} × ${machine.cpu}, ${machine.memoryGiB} GiB · ${machine.kernel} · load ${machine.load1} before the run`,
    `disk ${machine.disk}`,
    named.join(" · "),
    `L1 ${short(limits.fsyncPerSecond.median)} fsync/s of 8 KiB (p50 ${short(limits.fsyncP50Ms.median)} ms) · L2 loopback TCP p50 ${short(limits.tcpP50Ms.median)} ms`,
    "",
    ...table(report.measures),
    ...report.measures.flatMap(({ id, note }) => (note ? [`${id}: ${note}`] : [])),
    ...report.voidBecause.map((reason) => `VOID: ${reason}. Run again on a quieter machine.`),
    "",
  ].join("\n");
}

function table(measures: readonly Measure[]): string[] {
  const head = ["", "ratio", "95 %", "floor", "", "measured", "limit", "what"];
  const rows = measures.map((entry) => [
    entry.id,
    `${short(entry.ratio)}×`,
    `${short(entry.interval[0])}–${short(entry.interval[1])}`,
    formatFloor(entry.floor),
    verdict(entry),
    `${short(entry.value)} ${entry.unit}`,
    `${entry.limit.id} ${short(entry.limit.value)} ${entry.limit.unit}`,
    entry.what,
  ]);
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function verdict({ floor, ok }: Measure): string {
  if (!floor) return "told";
  return ok ? "ok" : "BELOW FLOOR";
}

function formatFloor(floor: Floor | null): string {
  if (!floor) return "";
  return `${floor.op === ">=" ? "≥" : "≤"} ${floor.value}×`;
}

/** Three significant digits, thousands apart. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return Number(value.toPrecision(3)).toLocaleString("en-US", { maximumSignificantDigits: 3 });
}
