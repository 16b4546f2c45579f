import { resolve } from "node:path";
import { Failure, messageOf, UsageFault } from "@episante/setup/failure";
import { helpOf, type ParsedArguments, parseArguments } from "./args.ts";
import { type CommandName, commands, overview } from "./commands.ts";
import { type DataFolder, dataFolder, repoRoot } from "./paths.ts";
import { complain, say } from "./terminal.ts";

/** The data folder of a command: `--data`, meant from where it was typed, or `.data` of the repository. */
function folderOf(given: ParsedArguments): DataFolder {
  const dir = given.value("data");
  return dataFolder(dir === undefined ? resolve(repoRoot, ".data") : dir);
}

async function up(given: ParsedArguments, words: readonly string[], simulate: boolean): Promise<void> {
  const { runDetached, runUp } = await import("./up.ts");
  const folder = folderOf(given);
  const port = given.integer("port", { min: 1, max: 65_535, otherwise: 8080 });
  const kind = given.flag("no-demo-data") ? "production" : "demo";
  const testClock = given.flag("test-clock");
  if (testClock && kind === "production") throw new UsageFault("--test-clock is for demo installations: leave --no-demo-data out");
  if (given.flag("detach")) {
    await runDetached(
      folder,
      words.filter((word) => word !== "--detach"),
    );
    return;
  }
  const adminEmail = given.value("admin") ?? "admin@clinic.local";
  await runUp({
    folder,
    port,
    kind,
    testClock,
    simulate,
    adminEmail,
    monitoring: given.flag("monitoring"),
    verbose: given.flag("verbose"),
  });
}

const run: Record<CommandName, (given: ParsedArguments, words: readonly string[]) => Promise<void>> = {
  demo: (given, words) => up(given, words, true),
  up: (given, words) => up(given, words, false),
  down: async (given) => {
    const { runDown } = await import("./down.ts");
    await runDown(folderOf(given));
  },
  status: async (given) => {
    const { formatStatus, statusOf } = await import("./status.ts");
    const status = await statusOf(folderOf(given));
    say(given.flag("json") ? JSON.stringify(status) : formatStatus(status));
    process.exitCode = status.ready ? 0 : 1;
  },
  test: async (given) => {
    const { runTests } = await import("./test-run.ts");
    process.exitCode = await runTests(given.positional);
  },
  bench: async (given) => {
    const { runBenches } = await import("./bench-run.ts");
    const rounds = given.integer("rounds", { min: 5, max: 50, otherwise: 5 });
    const attempts = given.flag("soak") ? given.integer("attempts", { min: 1, max: 1_000_000_000, otherwise: 10_000_000 }) : undefined;
    process.exitCode = await runBenches(given.positional[0], { rounds, json: given.flag("json"), ...(attempts ? { attempts } : {}) });
  },
  replay: async (given) => {
    const { replayFile } = await import("./devices.ts");
    await replayFile(given, folderOf(given));
  },
  simulate: async (given) => {
    const { simulateDevices } = await import("./devices.ts");
    await simulateDevices(given, folderOf(given));
  },
  etl: async (given) => {
    const { runEtl } = await import("./etl.ts");
    const day = given.value("day");
    if (day !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new UsageFault("--day must look like 2026-01-31");
    await runEtl(folderOf(given), day);
  },
  "user add": async (given) => {
    const { addUser } = await import("./user.ts");
    await addUser(given, folderOf(given));
  },
};

function commandOf(words: readonly string[]): { name: CommandName; rest: readonly string[] } {
  const [first = "", second = ""] = words;
  if (first === "user" && (second === "add" || second === "--help" || second === "")) {
    if (second === "add") return { name: "user add", rest: words.slice(2) };
    return { name: "user add", rest: ["--help"] };
  }
  if (first in commands) return { name: first as CommandName, rest: words.slice(1) };
  throw new UsageFault(`unknown command "${first}". Commands: ${Object.keys(commands).join(", ")}`);
}

async function main(words: readonly string[]): Promise<void> {
  const [first] = words;
  if (first === undefined || first === "--help" || first === "-h" || first === "help") {
    say(overview());
    process.exitCode = first === undefined ? 2 : 0;
    return;
  }
  const { name, rest } = commandOf(words);
  const given = parseArguments(commands[name], rest);
  if (given.help) say(helpOf(commands[name]));
  else await run[name](given, rest);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof Failure) complain(`episante: ${error.message}`);
  else complain(`episante: ${error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}`);
  process.exitCode = error instanceof UsageFault ? 2 : 1;
}
// Servers, sockets and timers of a failed start must not keep the process.
process.exit();
