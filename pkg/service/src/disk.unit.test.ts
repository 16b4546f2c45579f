import { afterAll, expect, test } from "bun:test";
import { waitFor } from "@episante/testkit/wait-for";
import { type DiskWatch, freeBytes, watchDisk } from "./disk.ts";
import { silentLog } from "./log.ts";

const watches: DiskWatch[] = [];
afterAll(() => {
  for (const watch of watches) watch.stop();
});

/** A watch over paths whose room the test sets. */
async function watchOver(room: Record<string, number>) {
  const measure = async (path: string) => room[path] ?? Promise.reject(new Error("no such path"));
  const watch = await watchDisk({ paths: ["/data", "/volume"], reserveBytes: 1_000, log: silentLog, everyMs: 5, measure });
  watches.push(watch);
  const told: boolean[] = [];
  watch.onChange((isFull) => told.push(isFull));
  return { watch, told };
}

test("room below the reserve on any of the paths is known from the first moment", async () => {
  expect((await watchOver({ "/data": 5_000, "/volume": 999 })).watch.isFull()).toBe(true);
  expect((await watchOver({ "/data": 5_000, "/volume": 1_000 })).watch.isFull()).toBe(false);
});

test("it ends and comes back by itself, told once each, without flapping at the edge", async () => {
  const room: Record<string, number> = { "/data": 5_000, "/volume": 5_000 };
  const { watch, told } = await watchOver(room);
  room["/data"] = 900;
  await waitFor(() => watch.isFull(), { what: "full" });
  room["/data"] = 1_100;
  await Bun.sleep(30);
  expect(watch.isFull()).toBe(true);
  room["/data"] = 1_250;
  await waitFor(() => !watch.isFull(), { what: "room" });
  expect(told).toEqual([true, false]);
});

test("a path that cannot be measured stops nobody", async () => {
  expect((await watchOver({ "/data": 5_000 })).watch.isFull()).toBe(false);
});

test("room is measured where a path lies", async () => {
  expect(await freeBytes("/")).toBeGreaterThan(0);
  await expect(freeBytes("/no/such/path")).rejects.toThrow();
});
