import { expect, test } from "bun:test";
import type { Appointment } from "@episante/contracts/appointment";
import { visitStream } from "./stream-visits.ts";
import type { Screen } from "./visit-feed.ts";

const visit = (id: string) => ({ id }) as unknown as Appointment;

test("a screen that comes back is told what it missed before anything newer, and no heartbeat runs ahead of it", async () => {
  const missed = Promise.withResolvers<{ visits: Appointment[]; cursor: number }>();
  let screen: Screen | undefined;
  const feed = {
    open: (opened: Screen) => {
      screen = opened;
      return () => {};
    },
    missedBy: () => missed.promise,
  };
  const abort = new AbortController();
  const who = { caller: {} as Screen["caller"] };
  const reader = visitStream({ feed, clock: { now: () => 0 } }, who, 5, abort.signal).getReader();
  screen?.beat(9);
  screen?.tell([visit("live")], 9);
  missed.resolve({ visits: [visit("missed")], cursor: 8 });
  await missed.promise;
  await new Promise((resolve) => setTimeout(resolve, 0));
  screen?.beat(9);
  let text = "";
  while (!text.includes("heartbeat")) text += new TextDecoder().decode((await reader.read()).value);
  abort.abort();
  const ids = [...text.matchAll(/^event: (\w+)\nid: (\d+)/gm)].map(([, event, id]) => [event, Number(id)]);
  expect(ids).toEqual([
    ["visit", 8],
    ["visit", 9],
    ["heartbeat", 9],
  ]);
});
