import { type Bench, measure } from "./harness.ts";
import { prepareInstallation, pssBytes } from "./installation.ts";

const settleMs = 30_000;
const mebibyte = 1024 * 1024;
/** Limits of the product: seconds to a second start, memory of everything when idle. */
const secondStartSeconds = 15;
const idleMebibytes = 700;

/** Start of the whole product and its memory when nobody uses it. */
export const start: Bench = {
  name: "start",
  describe: "an empty installation: first start on an empty folder, second start, memory of all processes when idle",
  maxSeconds: 600,
  async run(context) {
    const installation = await prepareInstallation(context, "empty");
    context.say("first start");
    const cold = await installation.up();
    const processes = installation.pids().length;
    const rounds = await context.interleave({
      bare: () => startBare(processes),
      second: async () => {
        await installation.down();
        return installation.up();
      },
    });
    context.say("idle for half a minute");
    await Bun.sleep(settleMs);
    const idle = installation.pids().reduce((sum, pid) => sum + pssBytes(pid), 0) / mebibyte;
    const bareIdle = (await bareMebibytes()) * processes;
    const limit = { id: "L18", unit: `s for ${processes} times \`bun -e 0\`, all at once`, values: rounds.bare };
    return [
      measure({ id: "S1", what: "second start until the command says ready", unit: "s", values: rounds.second, limit, floor: null }),
      measure({
        id: "S1p",
        what: "the same against the product's promise",
        unit: "s",
        values: rounds.second,
        limit: { id: "promise", unit: "s", values: rounds.second.map(() => secondStartSeconds) },
        floor: { op: "<=", value: 1 },
      }),
      measure({
        id: "S2",
        what: "first start: cluster, secrets, migrations, streams (once, not repeated)",
        unit: "s",
        values: [cold],
        limit: { ...limit, values: rounds.bare.slice(0, 1) },
        floor: null,
      }),
      measure({
        id: "S3",
        what: `proportional memory of all ${processes} processes, 30 s after the start`,
        unit: "MiB",
        values: [idle],
        limit: { id: "promise", unit: "MiB", values: [idleMebibytes] },
        floor: { op: "<=", value: 1 },
      }),
      measure({
        id: "S3b",
        what: "the same against as many bare Bun processes that only wait",
        unit: "MiB",
        values: [idle],
        limit: { id: "L19", unit: `MiB for ${processes} idle Bun processes`, values: [bareIdle] },
        floor: null,
      }),
    ];
  },
};

/** Seconds to start and end so many empty Bun processes at once: what the runtime alone costs. */
async function startBare(count: number): Promise<number> {
  const startedAt = performance.now();
  const all = Array.from({ length: count }, () => Bun.spawn([process.execPath, "-e", "0"], { stdout: "ignore", stderr: "ignore" }).exited);
  await Promise.all(all);
  return (performance.now() - startedAt) / 1000;
}

/** Proportional memory of one Bun process that waits, beside three others. */
async function bareMebibytes(): Promise<number> {
  const idle = Array.from({ length: 4 }, () => Bun.spawn([process.execPath, "-e", "setInterval(() => {}, 1e6)"], { stdout: "ignore" }));
  await Bun.sleep(2_000);
  const sizes = idle.map(({ pid }) => pssBytes(pid) / mebibyte);
  for (const one of idle) one.kill();
  await Promise.all(idle.map(({ exited }) => exited));
  return sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
}
