import { parseArgs } from "node:util";
import { benches } from "./benches.ts";
import { runBench } from "./harness.ts";
import { formatReport } from "./print.ts";

/** Attempts of `booking --soak` unless said. */
const soakAttempts = 10_000_000;

/** `bun bench/src/main.ts [NAME] [--json] [--rounds N]`, or `booking --soak [--attempts N]`: one bench, all, or the soak. Exit status 1 only when a run broke, 2 for a wrong call. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      rounds: { type: "string", default: "5" },
      soak: { type: "boolean", default: false },
      attempts: { type: "string", default: String(soakAttempts) },
    },
  });
  const known = Object.keys(benches);
  const unknown = positionals.find((name) => !known.includes(name));
  const rounds = Number(values.rounds);
  if (unknown !== undefined || !Number.isInteger(rounds) || rounds < 5 || rounds > 50) {
    process.stderr.write(
      unknown === undefined ? "--rounds: a whole number from 5 to 50\n" : `no bench "${unknown}". Benches: ${known.join(", ")}\n`,
    );
    return 2;
  }
  if (values.soak) return soak(positionals, Number(values.attempts));
  let broken = 0;
  for (const name of positionals.length > 0 ? positionals : known) {
    const bench = await benches[name]?.();
    if (!bench) continue;
    process.stderr.write(`${bench.name}: ${bench.describe}\n`);
    try {
      const report = await runBench(bench, { rounds, say: (text) => process.stderr.write(`  ${text}\n`) });
      process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : `${formatReport(report)}\n`);
    } catch (error) {
      process.stderr.write(`${name}: the run broke: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      broken++;
    }
  }
  return broken > 0 ? 1 : 0;
}

/** Only bookings have a soak. Its report is one JSON object. */
async function soak(names: readonly string[], attempts: number): Promise<number> {
  if (names.join() !== "booking" || !Number.isInteger(attempts) || attempts < 1) {
    process.stderr.write("--soak is for the bench booking; --attempts: a whole number from 1\n");
    return 2;
  }
  const { isSound, soakBookings } = await import("./booking-soak.ts");
  const report = await soakBookings(attempts, (text) => process.stderr.write(`  ${text}\n`));
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return isSound(report) ? 0 : 1;
}

// Sockets and timers of a broken run must not keep the process.
process.exit(await main());
