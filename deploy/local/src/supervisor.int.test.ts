import { afterEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { getPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { plainEnvironment } from "./config.ts";
import { isAlive, type ProcessRef, refTo, waitForEnd } from "./pids.ts";
import { makeSupervisor, type ProcessSpec, restartDelayMs, type Supervisor, type SupervisorEvent } from "./supervisor.ts";

const open: { supervisor: Supervisor; dir: string }[] = [];
afterEach(async () => {
  for (const { supervisor, dir } of open.splice(0)) {
    await supervisor.stop([]);
    rmSync(dir, { recursive: true, force: true });
  }
});

function setUp() {
  const dir = mkdtempSync(join(tmpdir(), "epi-supervisor-"));
  const events: SupervisorEvent[] = [];
  const supervisor = makeSupervisor({ logsDir: dir, onEvent: (event) => events.push(event), onChange: () => {} });
  open.push({ supervisor, dir });
  return { dir, events, supervisor };
}

function shell(name: string, script: string, more: Partial<ProcessSpec> = {}): ProcessSpec {
  return {
    name,
    command: ["sh", "-c", script],
    env: plainEnvironment(),
    cwd: "/",
    stopSignal: "SIGTERM",
    isReady: () => Promise.resolve(true),
    ...more,
  };
}

function running(supervisor: Supervisor, name: string): ProcessRef | null {
  const found = supervisor.processes().find(({ spec }) => spec.name === name);
  return found?.ref && isAlive(found.ref) ? found.ref : null;
}

async function eventually<T>(find: () => T | null | undefined | false, timeoutMs = 10_000): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = find();
    if (found) return found;
    if (performance.now() > deadline) throw new Error("it did not happen");
    await Bun.sleep(20);
  }
}

test("a process killed with -9 is running again, at once", async () => {
  const { supervisor, events } = setUp();
  supervisor.start(shell("worker", "exec sleep 60"));
  await supervisor.ready(["worker"], 5_000);
  const first = await eventually(() => running(supervisor, "worker"));
  process.kill(first.pid, "SIGKILL");
  const second = await eventually(() => {
    const ref = running(supervisor, "worker");
    return ref && ref.pid !== first.pid ? ref : null;
  });
  expect(second.pid).not.toBe(first.pid);
  expect(events.find((event) => event.kind === "ended")).toMatchObject({ name: "worker", reason: "killed by SIGKILL", restartInMs: 0 });
});

test("a process that never starts is given up with its last words", async () => {
  const { supervisor } = setUp();
  supervisor.start(shell("broken", "echo the disk is full; exit 3", { isReady: () => Promise.resolve(false) }));
  await expect(supervisor.ready(["broken"], 10_000)).rejects.toThrow(
    /broken does not start \(ended with status 3\)[\s\S]*the disk is full/,
  );
});

test("a command that cannot be run is reported, not thrown", async () => {
  const { supervisor } = setUp();
  supervisor.start(shell("absent", "", { command: ["/no/such/program"] }));
  await expect(supervisor.ready(["absent"], 10_000)).rejects.toThrow(/absent does not start \(cannot be started/);
});

test("restarts in a row wait longer and longer", () => {
  const waits = Array.from({ length: 9 }, (_, index) => restartDelayMs(index));
  expect(waits[0]).toBe(0);
  for (let index = 1; index < waits.length; index++) expect(waits[index] ?? 0).toBeGreaterThanOrEqual(waits[index - 1] ?? 0);
  expect(waits.at(-1)).toBeLessThanOrEqual(10_000);
});

test("stopping stops group after group and kills what does not listen", async () => {
  const { supervisor, dir } = setUp();
  const said = join(dir, "said");
  writeFileSync(said, "");
  const farewell = (word: string) => `trap 'sleep 0.2; echo ${word} >> ${said}; exit 0' TERM; while :; do sleep 0.05; done`;
  supervisor.start(shell("last", farewell("last")));
  supervisor.start(shell("first", farewell("first")));
  await supervisor.ready(["last", "first"], 5_000);
  await Bun.sleep(200);
  const refs = ["last", "first"].map((name) => running(supervisor, name) as ProcessRef);
  await supervisor.stop([["first"], ["last"]]);
  expect(readFileSync(said, "utf8")).toBe("first\nlast\n");
  expect(refs.filter(isAlive)).toEqual([]);
});

test("children end when the supervisor is killed with -9, services before servers", async () => {
  const dir = mkdtempSync(join(tmpdir(), "epi-guardian-"));
  const said = join(dir, "said");
  const child = (word: string, signal: string) =>
    `trap 'echo ${word} >> ${said}; exit 0' ${signal}; echo up >> ${dir}/${word}; while :; do sleep 0.05; done`;
  const program = join(dir, "supervisor.ts");
  writeFileSync(
    program,
    `import { makeSupervisor } from ${JSON.stringify(join(import.meta.dir, "supervisor.ts"))};
const supervisor = makeSupervisor({ logsDir: ${JSON.stringify(dir)}, onEvent() {}, onChange() {} });
const spec = (name, script, stopSignal) => ({ name, command: ["sh", "-c", script], env: { PATH: process.env.PATH }, cwd: "/", stopSignal, isReady: async () => true });
supervisor.start(spec("server", ${JSON.stringify(child("server", "INT"))}, "SIGINT"));
supervisor.start(spec("service", ${JSON.stringify(child("service", "TERM"))}, "SIGTERM"));
supervisor.start(spec("deaf", "trap '' TERM; while :; do sleep 0.05; done", "SIGTERM"));
await supervisor.ready(["server", "service", "deaf"], 5000);
await Bun.sleep(300);
console.log(JSON.stringify(supervisor.processes().map(({ ref }) => ref)));
`,
  );
  const supervisor = Bun.spawn([process.execPath, program], { stdout: "pipe" });
  const reader = supervisor.stdout.getReader();
  const { value } = await reader.read();
  const refs = JSON.parse(new TextDecoder().decode(value)) as ProcessRef[];
  expect(refs.filter(isAlive)).toHaveLength(3);
  supervisor.kill("SIGKILL");
  await supervisor.exited;
  expect(await waitForEnd(refs, 15_000)).toEqual([]);
  expect(readFileSync(said, "utf8")).toBe("service\nserver\n");
  rmSync(dir, { recursive: true, force: true });
}, 30_000);

test("a process number that was given to another process is not taken for the old one", () => {
  const self = refTo(process.pid) as ProcessRef;
  expect(isAlive(self)).toBe(true);
  expect(isAlive({ pid: self.pid, started: `${self.started}0` })).toBe(false);
});

test("what nobody waits for runs at a lower priority, also after a restart; the others at the launcher's own", async () => {
  const { supervisor } = setUp();
  supervisor.start(shell("worker", "exec sleep 60", { nice: 10 }));
  supervisor.start(shell("server", "exec sleep 60"));
  await supervisor.ready(["worker", "server"], 5_000);
  const lower = Math.min(19, getPriority() + 10);
  const first = await eventually(() => running(supervisor, "worker"));
  const server = await eventually(() => running(supervisor, "server"));
  expect([getPriority(first.pid), getPriority(server.pid)]).toEqual([lower, getPriority()]);
  process.kill(first.pid, "SIGKILL");
  const second = await eventually(() => {
    const ref = running(supervisor, "worker");
    return ref && ref.pid !== first.pid ? ref : null;
  });
  expect(getPriority(second.pid)).toBe(lower);
  // Where the kernel shares the cores among sessions first, a lower priority within one's own session says nothing.
  const sessionOf = (pid: number) => {
    const path = `/proc/${pid}/autogroup`;
    return existsSync(path) ? Number(/nice (-?\d+)/.exec(readFileSync(path, "utf8"))?.[1]) : null;
  };
  if (sessionOf(second.pid) === null) return;
  await eventually(() => sessionOf(second.pid) === lower);
  expect(sessionOf(server.pid)).toBe(0);
});
