import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { type Bench, holds, measure, runBench, voidReasons } from "./harness.ts";
import { formatReport } from "./print.ts";

const quiet = { say: () => {} };

describe("harness", () => {
  test("rounds alternate the parts, and the warm-up is not in what is collected", async () => {
    const order: string[] = [];
    let folder = "";
    const bench: Bench = {
      name: "sample",
      describe: "a sample",
      maxSeconds: 30,
      run: async (context) => {
        folder = context.folder("data");
        context.onEnd(() => order.push("end"));
        let n = 0;
        const got = await context.interleave({
          a: async () => {
            order.push("a");
            return n++;
          },
          b: async () => {
            order.push("b");
            return 2;
          },
        });
        expect(got.a).toEqual([1, 2, 3, 4, 5]);
        expect(got.limits).toHaveLength(5);
        const floor = { op: ">=", value: 1 } as const;
        return [measure({ id: "S1", what: "sample", unit: "x", values: got.a, limit: { id: "S", unit: "x", values: got.b }, floor })];
      },
    };
    const report = await runBench(bench, { rounds: 5, ...quiet });
    expect(order).toEqual([...Array.from({ length: 6 }, () => ["a", "b"]).flat(), "end"]);
    expect(report.measures[0]).toMatchObject({ ratio: 1.5, value: 3, ok: true });
    expect(report.limits.fsyncPerSecond.median).toBeGreaterThan(0);
    expect(existsSync(folder)).toBe(false);
    expect(formatReport(report)).toContain("1.5×");
  });

  test("a bench that takes too long is broken, and still taken down", async () => {
    let stopped = false;
    const run = runBench(
      {
        name: "slow",
        describe: "never ends",
        maxSeconds: 0.05,
        run: (context) => {
          context.onEnd(() => {
            stopped = true;
          });
          return new Promise(() => {});
        },
      },
      { rounds: 5, ...quiet },
    );
    await expect(run).rejects.toThrow("took more than");
    expect(stopped).toBe(true);
  });

  test("a bench that somebody ends is taken down before its process goes", async () => {
    let stopped = false;
    const listeners = process.listenerCount("SIGTERM");
    const run = runBench(
      {
        name: "ended",
        describe: "never ends by itself",
        maxSeconds: 30,
        run: (context) => {
          context.onEnd(() => {
            stopped = true;
          });
          process.kill(process.pid, "SIGTERM");
          return new Promise(() => {});
        },
      },
      { rounds: 5, ...quiet },
    );
    await expect(run).rejects.toThrow("interrupted");
    expect(stopped).toBe(true);
    expect(process.listenerCount("SIGTERM")).toBe(listeners);
  });

  test("a run is void when L1 or L2 strays more than 15 % from its median in any round", () => {
    const steady = [100, 101, 99, 110, 90].map((fsyncPerSecond) => ({ fsyncPerSecond, tcpP50Ms: 0.05 }));
    expect(voidReasons(steady)).toEqual([]);
    expect(voidReasons([...steady, { fsyncPerSecond: 84, tcpP50Ms: 0.05 }])).toEqual([expect.stringContaining("L1")]);
    expect(voidReasons([...steady, { fsyncPerSecond: 100, tcpP50Ms: 0.06 }])).toEqual([expect.stringContaining("L2")]);
  });

  test("the ratio is taken round by round, so that a slow round slows both sides", () => {
    const floor = { op: "<=", value: 2 } as const;
    const line = measure({ id: "M", what: "w", unit: "u", values: [2, 20, 4], limit: { id: "L", unit: "u", values: [1, 10, 2] }, floor });
    expect(line).toMatchObject({ ratio: 2, interval: [2, 2], ok: true });
  });

  test("a floor holds at its value; below it is said in words", () => {
    expect(holds(8, { op: ">=", value: 8 })).toBe(true);
    expect(holds(7.9, { op: ">=", value: 8 })).toBe(false);
    expect(holds(4.1, { op: "<=", value: 4 })).toBe(false);
    expect(holds(0, null)).toBe(true);
  });
});
