import { expect, test } from "bun:test";
import type { Appointment } from "@episante/contracts/appointment";
import { icsOf } from "./appointment-ics.ts";

const visit = {
  id: `apt_${"0".repeat(32)}`,
  status: "booked",
  start: "2026-07-01T07:00:00.000Z",
  end: "2026-07-01T07:20:00.000Z",
  zone: "Europe/Paris",
} as Appointment;

test("times are written in UTC, with one UID and the sequence of the visit", () => {
  const booked = icsOf(visit, { name: "Clinique", address: "1 rue A, Lyon" }, 0);
  expect(booked).toContain("DTSTART:20260701T070000Z");
  expect(booked).toContain("DTEND:20260701T072000Z");
  expect(booked).toContain("SEQUENCE:0");
  expect(booked).toContain("METHOD:PUBLISH");
  expect(booked).not.toContain("TZID");
  const cancelled = icsOf({ ...visit, status: "cancelled", sequence: 2 }, null, 0);
  expect(cancelled).toContain("SEQUENCE:2");
  expect(cancelled).toContain("STATUS:CANCELLED");
  const uid = /UID:.+/.exec(booked)?.[0];
  expect(uid).toContain(visit.id);
  expect(cancelled).toContain(uid ?? "-");
});
