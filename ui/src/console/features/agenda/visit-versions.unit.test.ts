import { expect, test } from "bun:test";
import type { Appointment } from "@episante/contracts/appointment";
import { newerOf } from "./visit-versions.ts";

const visit = (version: number) => ({ id: "apt_1", version }) as unknown as Appointment;

test("the higher version wins, in whatever order lists and feed answer; the same one changes nothing", () => {
  const [older, newer, again] = [visit(1), visit(2), visit(2)];
  expect(newerOf(undefined, older)).toBe(older);
  expect(newerOf(older, newer)).toBe(newer);
  expect(newerOf(newer, older)).toBe(newer);
  expect(newerOf(newer, again)).toBe(newer);
});

test("of the same version, the answer that names the visit's rooms is the fuller one, once", () => {
  const booked = visit(1);
  const told = { ...booked, resourceIds: [`res_${"1".repeat(32)}` as const] };
  expect(newerOf(booked, told)).toBe(told);
  expect(newerOf(told, { ...told })).toBe(told);
  expect(newerOf(told, booked)).toBe(told);
});
