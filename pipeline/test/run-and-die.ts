// Runs the whole pipeline once in a process of its own and kills it (SIGKILL) around the n-th write to the lake.
import { openDatabase } from "@episante/service/db";
import { connectNats, jetStreamOf } from "@episante/service/nats";
import { folderStore, type ObjectStore } from "@episante/service/objects";
import { testClock } from "@episante/testkit/clock";
import { testDeps } from "@episante/testkit/service";
import { runStages } from "../src/actions/run-stages.ts";
import { startRun } from "../src/actions/start-run.ts";
import type { PipelineDeps } from "../src/deps.ts";
import { makeLander } from "../src/stages/land.ts";

const plan = JSON.parse(process.argv[2] ?? "{}") as {
  databaseUrl: string;
  nats: { url: string; user: string; password: string };
  folder: string;
  nowMs: number;
  dieAt: number;
  moment: "before" | "during" | "after";
};

function deadly(store: ObjectStore): ObjectStore {
  let writes = 0;
  const die = () => process.kill(process.pid, "SIGKILL");
  const deadlyWrite = async <T>(write: () => Promise<T>): Promise<T> => {
    const isLast = ++writes === plan.dieAt;
    if (isLast && plan.moment === "before") die();
    const writing = write();
    if (isLast && plan.moment === "during") {
      await Promise.race([writing, new Promise((resolve) => setImmediate(resolve))]);
      die();
    }
    const written = await writing;
    if (isLast) die();
    return written;
  };
  return {
    ...store,
    put: (key, source) => deadlyWrite(() => store.put(key, source)),
    create: (key, bytes) => deadlyWrite(() => store.create(key, bytes)),
  };
}

const db = openDatabase(plan.databaseUrl);
const nats = await connectNats({ ...plan.nats, name: "dying" });
const base = { ...testDeps("pipeline", db, testClock(plan.nowMs)), nats, js: jetStreamOf(nats) };
const stage = { ...base, lake: deadly(folderStore(plan.folder)), duck: { memoryMb: 256, threads: 2 } };
const deps = { ...stage, lander: makeLander(stage, 4) } as unknown as PipelineDeps;
const operator = { kind: "service", service: "operator" } as const;
const started = await startRun(deps, operator, { stage: "all" }, { traceId: "t", headers: new Headers() });
if (!("refused" in started)) await runStages(deps, operator, started);
process.exit(0);
