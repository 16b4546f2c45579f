import { afterAll, beforeAll, expect, test } from "bun:test";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fetchCalendar, readBusyTimes } from "./read-calendar.ts";

let server: Server;
let base: string;
const asked: { url: string | undefined; headers: Record<string, unknown> }[] = [];
const answers: Record<string, RequestListener> = {
  "/good": (_, answer) =>
    answer.setHeader("etag", '"1"').setHeader("last-modified", "Mon, 23 Nov 2026 07:00:00 GMT").end("BEGIN:VCALENDAR"),
  "/same": (_, answer) => answer.writeHead(304).end(),
  "/hop3": (_, answer) => answer.writeHead(302, { location: "/hop2" }).end(),
  "/hop2": (_, answer) => answer.writeHead(301, { location: "/hop1" }).end(),
  "/hop1": (_, answer) => answer.writeHead(307, { location: `${base}/good` }).end(),
  "/hop4": (_, answer) => answer.writeHead(302, { location: "/hop3" }).end(),
  "/inside": (_, answer) => answer.writeHead(302, { location: "https://169.254.169.254/latest/meta-data" }).end(),
  "/file": (_, answer) => answer.writeHead(302, { location: "file:///etc/passwd" }).end(),
  "/refused": (_, answer) => answer.writeHead(403).end("no"),
  "/large": (_, answer) => {
    answer.on("error", () => {});
    for (let part = 0; part < 40; part++) answer.write("x".repeat(64 * 1024));
    answer.end();
  },
};
beforeAll(async () => {
  server = createServer((request, answer) => {
    asked.push({ url: request.url, headers: request.headers });
    const known = answers[request.url ?? ""];
    if (known) known(request, answer);
    else answer.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

test("a calendar is read with what recognises it, and asked for with it again", async () => {
  const known = { etag: '"1"', lastModified: "Mon, 23 Nov 2026 07:00:00 GMT" };
  expect(await fetchCalendar(`${base}/good`, {}, true)).toEqual({ text: "BEGIN:VCALENDAR", ...known });
  expect(await fetchCalendar(`${base}/same`, known, true)).toBe("unchanged");
  expect(asked.at(-1)?.headers).toMatchObject({ "if-none-match": '"1"', "if-modified-since": known.lastModified, host: base.slice(7) });
  expect(asked.at(-2)?.headers["if-none-match"]).toBeUndefined();
  for (const header of ["cookie", "authorization", "referer"]) expect(asked.at(-1)?.headers[header]).toBeUndefined();
});

test("three redirects are followed, four are not, and none leads inside", async () => {
  expect(await fetchCalendar(`${base}/hop3`, {}, true)).toMatchObject({ text: "BEGIN:VCALENDAR" });
  expect(await fetchCalendar(`${base}/hop4`, {}, true)).toBe("too-many-redirects");
  for (const path of ["/inside", "/file"]) expect(await fetchCalendar(`${base}${path}`, {}, true)).toBe("not-allowed");
});

test("what cannot be read is said: refused, too large, nobody there, no such host", async () => {
  expect(await fetchCalendar(`${base}/refused`, {}, true)).toBe("refused");
  expect(await fetchCalendar(`${base}/nothing`, {}, true)).toBe("refused");
  expect(await fetchCalendar(`${base}/large`, {}, true)).toBe("too-large");
  expect(await fetchCalendar("http://127.0.0.1:1/x", {}, true)).toBe("not-reachable");
  expect(await fetchCalendar("https://no-such-host.invalid/x", {}, true)).toBe("no-such-host");
});

test("without the setting for tests nothing on this machine or in its network is asked, however it is written", async () => {
  const before = asked.length;
  const port = base.split(":").at(-1);
  const wrong = [`${base}/good`, `https://127.0.0.1:${port}/good`, `https://localhost:${port}/good`, `https://[::1]:${port}/good`];
  for (const url of [
    ...wrong,
    `https://2130706433:${port}/good`,
    `https://0x7f.1:${port}/good`,
    "https://10.0.0.1/x",
    "https://[::ffff:7f00:1]/x",
  ])
    expect([url, await fetchCalendar(url, {})]).toEqual([url, "not-allowed"]);
  expect(asked).toHaveLength(before);
});

test("times are worked out beside the service; a rule that never ends is given up", async () => {
  const period = { startMs: Date.parse("2026-11-01T00:00:00Z"), endMs: Date.parse("2026-12-01T00:00:00Z") };
  const calendar = (rule: string) =>
    `BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20261124T080000Z\r\nDURATION:PT1H\r\n${rule}\r\nEND:VEVENT\r\nEND:VCALENDAR`;
  expect(await readBusyTimes(calendar("SUMMARY:secret"), "Europe/Paris", period)).toEqual([
    { startMs: Date.parse("2026-11-24T08:00:00Z"), endMs: Date.parse("2026-11-24T09:00:00Z") },
  ]);
  expect(await readBusyTimes("nonsense", "Europe/Paris", period)).toBe("not-a-calendar");
  expect(await readBusyTimes(calendar("RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31"), "Europe/Paris", period)).toBe("too-much");
}, 20_000);
