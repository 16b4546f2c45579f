import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { plainEnvironment } from "./config.ts";
import { clearLeftovers } from "./leftovers.ts";
import { readLine } from "./logs.ts";
import { createFolders, dataFolder } from "./paths.ts";
import { instanceVariable, isAlive, markedProcesses, refTo } from "./pids.ts";
import { isPortFree, reservePorts } from "./ports.ts";
import { lockHolder, takeLock, writeRunState } from "./state.ts";

const folder = dataFolder(mkdtempSync(join(tmpdir(), "epi-state-")));
createFolders(folder);
afterAll(() => rmSync(folder.dir, { recursive: true, force: true }));

test("a data folder has one supervisor; a lock of a dead one, or a broken one, is taken over", () => {
  const unlock = takeLock(folder);
  expect(lockHolder(folder)?.pid).toBe(process.pid);
  expect(() => takeLock(folder)).toThrow(/already runs/);
  unlock();
  expect(existsSync(folder.lockFile)).toBe(false);
  for (const stale of ['{"pid":1,"started":"x"}', "{", ""]) {
    writeFileSync(folder.lockFile, stale);
    takeLock(folder)();
  }
});

test("ports are kept from start to start while free, and another is taken when not", async () => {
  const first = await reservePorts(["a", "b"], folder.portsFile);
  expect(await isPortFree(first.ports.a ?? 0)).toBe(false);
  await Promise.all([first.release("a"), first.release("b")]);
  const second = await reservePorts(["a", "b"], folder.portsFile);
  expect(second.ports).toEqual(first.ports);
  await Promise.all([second.release("a"), second.release("b")]);
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(first.ports.a, "127.0.0.1", () => resolve()));
  const third = await reservePorts(["a", "b"], folder.portsFile);
  expect(third.ports.a).not.toBe(first.ports.a);
  expect(third.ports.b).toBe(first.ports.b ?? 0);
  await Promise.all([third.release("a"), third.release("b")]);
  squatter.close();
});

test.skipIf(process.platform !== "linux")("leftovers are found by their mark and by run.json, and nothing else is touched", async () => {
  const start = (env: Record<string, string>) => {
    const child = Bun.spawn(["sleep", "60"], { env: { ...plainEnvironment(), ...env } });
    return refTo(child.pid) ?? { pid: 0, started: "" };
  };
  const marked = start({ [instanceVariable]: folder.dir });
  const recorded = start({});
  const stranger = start({});
  const neighbour = start({ [instanceVariable]: `${folder.dir}-2` });
  await Bun.sleep(100);
  expect(markedProcesses(folder.dir)).toEqual([marked]);
  writeRunState(folder, {
    url: "http://localhost:1",
    phase: "ready",
    supervisor: { pid: 1, started: "x" },
    processes: [
      { name: "auth", ...recorded },
      { name: "patient", pid: stranger.pid, started: "another start" },
    ],
  });
  expect(await clearLeftovers(folder)).toBe(2);
  expect([marked, recorded, stranger, neighbour].map(isAlive)).toEqual([false, false, true, true]);
  for (const { pid } of [stranger, neighbour]) process.kill(pid, "SIGKILL");
});

test("log lines of services, Postgres and nats-server are told apart by how much they matter", () => {
  expect(readLine('{"level":"warn","time":"x","service":"auth","status":503,"msg":"not ready"}')).toEqual({
    level: "warn",
    text: "not ready  status=503",
  });
  expect(readLine("2026-01-01 00:00:00.000 UTC [1] authdb FATAL:  terminating connection").level).toBe("error");
  expect(readLine("[7] 2026/01/01 00:00:00.000000 [ERR] JetStream failed").level).toBe("error");
  expect(readLine("[7] 2026/01/01 00:00:00.000000 [INF] Server is ready").level).toBe("info");
  expect(readLine("{not json")).toEqual({ level: "info", text: "{not json" });
});
