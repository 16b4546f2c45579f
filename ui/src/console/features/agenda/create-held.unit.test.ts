import { expect, test } from "bun:test";
import { serverNow } from "../../../shared/lib/server-clock.ts";
import { createHeld } from "./create-held.ts";

const doctorId = `doc_${"1".repeat(32)}` as const;
const day = "2026-11-24";
const held = (expiresInMs: number) => ({
  doctorId,
  start: `${day}T09:00:00Z`,
  end: `${day}T09:20:00Z`,
  expiresAt: new Date(serverNow() + expiresInMs).toISOString(),
});

test("a held time stands in its doctor's lane of that day until it runs out, also when the feed says nothing more", () => {
  const holds = createHeld();
  holds.take([held(60_000)]);
  const [taking] = holds.of(doctorId, day, "Europe/Paris");
  expect(taking).toMatchObject({ kind: "held", from: 600, to: 620 });
  expect(holds.endsAt(doctorId, taking?.key ?? "")).toBeGreaterThan(serverNow());
  expect(holds.of(doctorId, "2026-11-25", "Europe/Paris")).toEqual([]);
  expect(holds.of(`doc_${"2".repeat(32)}`, day, "Europe/Paris")).toEqual([]);
  holds.take([held(-1)]);
  expect([holds.of(doctorId, day, "Europe/Paris"), holds.endsAt(doctorId, taking?.key ?? "")]).toEqual([[], 0]);
});
