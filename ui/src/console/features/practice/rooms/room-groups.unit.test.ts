import { expect, test } from "bun:test";
import type { Resource } from "@episante/contracts/resource";
import { groupRooms, roomFaults, takenBy } from "./room-groups.ts";

const room = (digit: string, type: string, more: Partial<Resource> = {}): Resource => ({
  id: `res_${digit.repeat(32)}`,
  clinicId: `cli_${"1".repeat(32)}`,
  name: `${type} ${digit}`,
  type,
  isActive: true,
  ...more,
});
const need = (type: string) => ({ type, reason: "Échographie", doctor: "Dr Morel" });

test("a kind that is needed and has nothing in service is missing: never listed, or all retired", () => {
  const groups = groupRooms([room("1", "echo", { isActive: false }), room("2", "ecg")], [need("echo"), need("laser")]);
  expect(groups.map(({ type, isMissing, rooms, needs }) => [type, isMissing, rooms.length, needs.length])).toEqual([
    ["ecg", false, 1, 0],
    ["echo", true, 1, 1],
    ["laser", true, 0, 1],
  ]);
});

test("a room needs a name of its own within its kind, and a kind", () => {
  const known = [room("1", "echo", { name: "Salle 1" })];
  expect(roomFaults({ name: " ", type: "–" }, known)).toEqual({ name: "name", type: "type" });
  expect(roomFaults({ name: "salle 1 ", type: "Écho" }, known)).toEqual({ name: "twice" });
  expect(roomFaults({ name: "Salle 1", type: "ecg" }, known)).toEqual({});
  expect(roomFaults({ name: "Salle 2", type: "x".repeat(41) }, known)).toEqual({ type: "type" });
});

test("a room is taken by the visits that have it and stand, earliest first", () => {
  const id = room("1", "echo").id;
  const visit = (start: string, status: "booked" | "cancelled" | "fulfilled", resourceIds?: Resource["id"][]) => ({
    start,
    end: `${start}+`,
    status,
    resourceIds,
  });
  expect(
    takenBy(id, [
      visit("2026-11-24T10:00:00Z", "booked", [id]),
      visit("2026-11-24T08:00:00Z", "fulfilled", [id]),
      visit("2026-11-24T09:00:00Z", "cancelled", [id]),
      visit("2026-11-24T11:00:00Z", "booked"),
    ]).map(({ start }) => start),
  ).toEqual(["2026-11-24T08:00:00Z", "2026-11-24T10:00:00Z"]);
});
