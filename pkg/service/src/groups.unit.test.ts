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

  test("two groups are in flight only when both are large, and never two of one owner", async () => {
    const written: string[][] = [];
    const release: (() => void)[] = [];
    const { submit } = makeGroups<string, string>({
      ownerOf: (command) => command.slice(0, 1),
      write: async (commands) => {
        written.push([...commands]);
        await new Promise<void>((resolve) => release.push(resolve));
        return commands;
      },
    });
    const ownersOf = (group: readonly string[] | undefined) => [...new Set(group?.map((command) => command.slice(0, 1)))].sort().join("");
    const many = (owners: string, count: number) =>
      Array.from({ length: count }, (_, index) => submit(`${owners[index % owners.length]}${index}`));
    const all = [submit("a")];
    await turn();
    all.push(...many("abcdefgh", 200));
    await turn();
    expect(written).toHaveLength(1);
    release[0]?.();
    await turn();
    expect(written).toHaveLength(3);
    const [, one, other] = written;
    expect((one?.length ?? 0) + (other?.length ?? 0)).toBe(128);
    expect([...ownersOf(one), ...ownersOf(other)].sort().join("")).toBe("abcdefgh");
    for (let group = 1; group < 5; group++) {
      release[group]?.();
      await turn();
    }
    // Nothing is in flight any more, and few wait: they go together.
    expect(written.flat()).toHaveLength(201);
    all.push(...many("abcdefgh", 8));
    await turn();
    expect(ownersOf(written.at(-1))).toBe("abcdefgh");
    release.at(-1)?.();
    expect(await Promise.all(all)).toHaveLength(209);
  });

  test("callers who come back with their next command keep two groups in flight", async () => {
    let [inFlight, alone, beside] = [0, 0, 0];
    const { submit } = makeGroups<string, string>({
      ownerOf: (command) => command,
      write: async (commands) => {
        if (inFlight++ > 0) beside++;
        else alone++;
        await turn();
        inFlight--;
        return commands;
      },
    });
    let next = 0;
    // What lies between an answer and its caller's next command: a route, a client.
    const throughLayers = async (command: string, layers = 6): Promise<string> =>
      layers === 0 ? submit(command) : throughLayers(command, layers - 1);
    const caller = async () => {
      for (let count = 0; count < 20; count++) await throughLayers(`owner ${next++ % 64}`);
    };
    await Promise.all(Array.from({ length: 128 }, caller));
    // Of two that overlap, one began alone.
    expect(beside).toBeGreaterThan(0.8 * alone);
  });

  test("an owner with few commands is not left waiting behind one with many", async () => {
    const written: string[][] = [];
    const { submit } = makeGroups<string, string>({
      atMost: 10,
      ownerOf: (command) => command.slice(0, 1),
      write: async (commands) => {
        written.push([...commands]);
        return commands;
      },
    });
    const owners = "abcdefgh";
    const results = [...owners].flatMap((owner, index) =>
      Array.from({ length: index === 0 ? 60 : 1 }, (_, count) => submit(`${owner}${count}`)),
    );
    await Promise.all(results);
    // Half of the owners share their queue with the long one, the others go first.
    expect(written[0]?.filter((command) => !command.startsWith("a")).length).toBeGreaterThan(0);
    expect(written.flat()).toHaveLength(67);
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
