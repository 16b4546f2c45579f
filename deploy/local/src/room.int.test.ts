import { expect, test } from "bun:test";
import { isAlive, refTo } from "./pids.ts";
import { watchRoom } from "./room.ts";

test("the broker is stopped for a restart when there is room again, and not before", async () => {
  const child = Bun.spawn(["sleep", "60"]);
  const broker = refTo(child.pid);
  const said: string[] = [];
  let free = 1e9;
  const stop = await watchRoom({
    folder: "/data",
    broker: () => broker,
    say: (text) => said.push(text),
    measure: async () => free,
    everyMs: 5,
  });
  free = 0;
  while (said.length === 0) await Bun.sleep(5);
  expect(said[0]).toContain("Disk full");
  await Bun.sleep(30);
  expect(broker && isAlive(broker)).toBe(true);
  free = 1e9;
  await child.exited;
  expect(child.signalCode).toBe("SIGINT");
  expect(said).toHaveLength(2);
  stop();
});
