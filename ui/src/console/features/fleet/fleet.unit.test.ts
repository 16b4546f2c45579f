import { expect, test } from "bun:test";
import type { Device } from "@episante/contracts/device";
import { concernsOf, filterFleet, sortFleet } from "./fleet.ts";

const nowMs = Date.parse("2026-11-23T10:00:00Z");
const ago = (seconds: number) => new Date(nowMs - seconds * 1000).toISOString();
const device = (digit: string, more: Partial<Device> = {}): Device => ({
  id: `dev_${digit.repeat(32)}`,
  patientId: `pat_${digit.repeat(32)}`,
  kind: "wearable",
  model: `Ring ${digit}`,
  serial: `S${digit}`,
  pairedAt: ago(86_400),
  lastSeenAt: ago(2),
  ...more,
});
const idsOf = (items: readonly { device: Device }[]) => items.map(({ device: { id } }) => id[4]);

test("what is wrong with a device is named, the most urgent first; at each limit it changes", () => {
  expect(concernsOf(device("1", { battery: 21, worn: true, skewSeconds: -59, refusedReadings: 0 }), nowMs)).toEqual([]);
  expect(concernsOf(device("1", { battery: 20, worn: false, skewSeconds: -60, refusedReadings: 1, lastSeenAt: ago(301) }), nowMs)).toEqual([
    "silent",
    "clock",
    "battery",
    "unworn",
    "refused",
  ]);
  const { lastSeenAt: _, ...unheard } = device("1");
  expect(concernsOf({ ...unheard, pairedAt: ago(300) }, nowMs)).toEqual([]);
  expect(concernsOf({ ...unheard, pairedAt: ago(301) }, nowMs)).toEqual(["never"]);
  for (const one of [unheard, device("1", { lastSeenAt: ago(9_000) })]) expect(concernsOf({ ...one, kind: "replay" }, nowMs)).toEqual([]);
});

test("what needs attention comes first, the longest silence before others; healthy devices do not move when they are heard", () => {
  const healthy = [device("1", { pairedAt: ago(900) }), device("2", { pairedAt: ago(800) })];
  const troubled = [
    device("3", { battery: 3 }),
    device("4", { lastSeenAt: ago(400) }),
    device("5", { lastSeenAt: ago(4_000), battery: 3 }),
  ];
  expect(idsOf(sortFleet([...healthy, ...troubled], nowMs))).toEqual(["5", "4", "3", "2", "1"]);
  const heard = healthy.map((one, index) => ({ ...one, lastSeenAt: ago(index) }));
  expect(idsOf(sortFleet(heard, nowMs))).toEqual(["2", "1"]);
});

test("search takes model, serial number and name in any order, without accents; a filter takes one kind of trouble", () => {
  const items = sortFleet([device("1"), device("2", { worn: false })], nowMs);
  const nameOf = (id: string) => (id.includes("1") ? "LEFÈVRE Zoé" : "MARTIN Paul");
  expect(idsOf(filterFleet(items, "all", "zoe lefevre", nameOf))).toEqual(["1"]);
  expect(idsOf(filterFleet(items, "all", "ring 2 martin s2", nameOf))).toEqual(["2"]);
  expect(idsOf(filterFleet(items, "attention", "", nameOf))).toEqual(["2"]);
  expect(idsOf(filterFleet(items, "battery", "", nameOf))).toEqual([]);
  expect(filterFleet(items, "all", "nobody", nameOf)).toEqual([]);
});
