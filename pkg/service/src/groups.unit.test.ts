import { describe, expect, test } from "bun:test";
import { makeGroups } from "./groups.ts";

const fault = (code: string) => Object.assign(new Error(code), { code });
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("groups", () => {
  test("what gathers while one group is being written forms the next, within the bound, in order", async () => {
    const written: number[][] = [];
    const release: (() => void)[] = [];
    const { submit } = makeGroups<number, number>({
      atMost: 3,
      write: async (commands) => {
        written.push([...commands]);
        await new Promise<void>((resolve) => release.push(resolve));
        return commands.map((command) => command * 10);
      },
    });
    const first = submit(1);
    await turn();
    const later = [2, 3, 4, 5].map(submit);
    await turn();
    expect(written).toEqual([[1]]);
    for (let group = 0; group < 3; group++) {
      release[group]?.();
      await turn();
    }
    expect(written).toEqual([[1], [2, 3, 4], [5]]);
    expect(await Promise.all([first, ...later])).toEqual([10, 20, 30, 40, 50]);
  });

  test("a command that the database refuses fails alone", async () => {
    const kept: string[] = [];
    const { submit } = makeGroups<string, string>({
      write: async (commands) => {
        if (commands.includes("poison")) throw fault("22007");
        kept.push(...commands);
        return commands;
      },
    });
    const results = await Promise.allSettled(["a", "poison", "b"].map(submit));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(kept).toEqual(["a", "b"]);
  });

  test("a group is written again after a deadlock and after a lost connection, and given up when the database stays away", async () => {
    let faults = [fault("40P01"), fault("CONNECTION_CLOSED")];
    let attempts = 0;
    const { submit } = makeGroups<string, string>({
      write: async (commands) => {
        attempts++;
        const next = faults.shift();
        if (next) throw next;
        return commands;
      },
    });
    expect(await Promise.all(["a", "b"].map(submit))).toEqual(["a", "b"]);
    expect(attempts).toBe(3);
    faults = Array.from({ length: 20 }, () => fault("ECONNREFUSED"));
    const results = await Promise.allSettled(["a", "b"].map(submit));
    expect(results.map((result) => (result.status === "rejected" ? result.reason.code : "written"))).toEqual([
      "ECONNREFUSED",
      "ECONNREFUSED",
    ]);
    faults = [];
    expect(await submit("c")).toBe("c");
  });

  test("a writer that forgets an outcome is a fault, not a wrong answer", async () => {
    const { submit } = makeGroups<string, string>({ write: async () => [] });
    await expect(submit("a")).rejects.toThrow("0 outcomes for 1 commands");
  });
});
