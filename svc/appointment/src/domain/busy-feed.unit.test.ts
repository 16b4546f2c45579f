import { expect, test } from "bun:test";
import { calendarUrl, isPublicAddress, mayBeUnchanged, merged, nextReading } from "./busy-feed.ts";

test("only addresses of the public internet are asked", () => {
  const open = [
    "8.8.8.8",
    "1.1.1.1",
    "172.15.0.1",
    "172.32.0.1",
    "192.167.1.1",
    "100.63.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "2a00:1450:4007::1",
  ];
  const shut = [
    "0.0.0.0",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "203.0.113.7",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "4000::1",
    "",
    "localhost",
  ];
  for (const address of open) expect([address, isPublicAddress(address)]).toEqual([address, true]);
  for (const address of shut) expect([address, isPublicAddress(address)]).toEqual([address, false]);
});

test("an address is https without a name and password; webcal means the same", () => {
  expect(calendarUrl("webcal://calendar.example/a.ics#x", false)?.href).toBe("https://calendar.example/a.ics");
  expect(calendarUrl("https://calendar.example/a.ics?key=1", false)?.href).toBe("https://calendar.example/a.ics?key=1");
  for (const text of ["http://calendar.example/a", "ftp://x/a", "file:///etc/passwd", "https://me:secret@x/a", "https://me@x/a", "x", ""])
    expect(calendarUrl(text, false)).toBeNull();
  expect(calendarUrl("http://127.0.0.1:1/a", true)?.port).toBe("1");
  // Other ways to write an address are seen as what they are.
  expect(calendarUrl("https://2130706433/", false)?.hostname).toBe("127.0.0.1");
});

test("times are in order, merged and within the period", () => {
  const period = { startMs: 10, endMs: 100 };
  const at = (startMs: number, endMs: number) => ({ startMs, endMs });
  expect(merged([at(50, 60), at(0, 20), at(60, 70), at(55, 57), at(100, 120), at(90, 120), at(0, 10)], period)).toEqual([
    at(10, 20),
    at(50, 70),
    at(90, 100),
  ]);
});

test("readings come every quarter of an hour, not all at one moment, and in full at least once a week", () => {
  const minuteMs = 60_000;
  expect([0, 0.5, 1].map((luck) => nextReading(0, luck) / minuteMs)).toEqual([13.5, 15, 16.5]);
  expect(mayBeUnchanged(null, 0)).toBe(false);
  expect(mayBeUnchanged(0, 6 * 24 * 60 * minuteMs)).toBe(true);
  expect(mayBeUnchanged(0, 7 * 24 * 60 * minuteMs)).toBe(false);
});
