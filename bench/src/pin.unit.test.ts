import { expect, test } from "bun:test";
import { cannotPin, coresOf, pinned } from "./pin.ts";

test.skipIf(cannotPin() !== null)(
  "system and load are on a core of their own while a part runs, and on all cores again, also when it throws",
  async () => {
    const [system, load] = [Bun.spawn(["sleep", "60"]), Bun.spawn(["sleep", "60"])];
    try {
      const before = coresOf(system.pid);
      const pids = { system: [system.pid], load: [load.pid] };
      expect(await pinned(pids, async () => [coresOf(system.pid), coresOf(load.pid)])).toEqual(["0", "1"]);
      await expect(pinned(pids, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
      expect([coresOf(system.pid), coresOf(load.pid)]).toEqual([before, before]);
      await expect(pinned({ system: [2 ** 22 + 1], load: [] }, async () => {})).rejects.toThrow("cannot be pinned");
    } finally {
      for (const child of [system, load]) child.kill();
    }
  },
);
