import { parentPort } from "node:worker_threads";
import { busyTimes } from "./busy-times.ts";
import type { Interval } from "./domain/calendar.ts";

parentPort?.on("message", ({ text, zone, period }: { text: string; zone: string; period: Interval }) => {
  parentPort?.postMessage(busyTimes(text, zone, period));
});
