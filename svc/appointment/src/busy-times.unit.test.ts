import { describe, expect, test } from "bun:test";
import { busyTimes } from "./busy-times.ts";

const period = { startMs: Date.parse("2026-03-01T00:00:00Z"), endMs: Date.parse("2026-05-01T00:00:00Z") };
const calendar = (...events: string[]) => ["BEGIN:VCALENDAR", "VERSION:2.0", ...events, "END:VCALENDAR"].join("\r\n");
const event = (...lines: string[]) => ["BEGIN:VEVENT", "UID:1", ...lines, "END:VEVENT"].join("\r\n");
const read = (...events: string[]) => {
  const found = busyTimes(calendar(...events), "Europe/Paris", period);
  return typeof found === "string" ? found : found.map(({ startMs, endMs }) => `${iso(startMs)}–${iso(endMs)}`);
};
const iso = (ms: number) => new Date(ms).toISOString().slice(0, 16);

describe("one event", () => {
  const paris = "2026-03-10T08:00–2026-03-10T09:30";
  test.each([
    ["in UTC", ["DTSTART:20260310T080000Z", "DTEND:20260310T093000Z"]],
    ["in a named zone", ["DTSTART;TZID=Europe/Paris:20260310T090000", "DTEND;TZID=Europe/Paris:20260310T103000"]],
    ["floating: in the doctor's zone", ["DTSTART:20260310T090000", "DTEND:20260310T103000"]],
    ["in a zone nobody knows: in the doctor's", ["DTSTART;TZID=Nowhere:20260310T090000", "DTEND;TZID=Nowhere:20260310T103000"]],
    ["with a duration", ["DTSTART:20260310T080000Z", "DURATION:PT1H30M"]],
    ["begun in one zone and ended in another", ["DTSTART;TZID=Europe/London:20260310T080000", "DTEND;TZID=Europe/Paris:20260310T103000"]],
  ])("%s", (_, lines) => {
    expect(read(event(...lines))).toEqual([paris]);
  });

  test("of whole days lasts from midnight to midnight, also when the clock changes", () => {
    expect(read(event("DTSTART;VALUE=DATE:20260329", "DTEND;VALUE=DATE:20260330"))).toEqual(["2026-03-28T23:00–2026-03-29T22:00"]);
    expect(read(event("DTSTART;VALUE=DATE:20260401"))).toEqual(["2026-03-31T22:00–2026-04-01T22:00"]);
    expect(read(event("DTSTART;VALUE=DATE:20260401", "DURATION:P2D"))).toEqual(["2026-03-31T22:00–2026-04-02T22:00"]);
  });

  test("that takes no time of anybody is not busy", () => {
    const time = ["DTSTART:20260310T080000Z", "DTEND:20260310T093000Z"];
    for (const line of ["TRANSP:TRANSPARENT", "STATUS:CANCELLED", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"])
      expect(read(event(...time, line))).toEqual([]);
    expect(read(event("DTSTART:20260310T080000Z"))).toEqual([]);
    expect(read(event("DTSTART:20260310T080000Z", "DTEND:20260310T070000Z"))).toEqual([]);
    expect(read(event("SUMMARY:no start"))).toEqual([]);
    expect(read(event(...time, "STATUS:TENTATIVE"))).toHaveLength(1);
  });

  test("in a zone that the calendar defines, as Outlook's do", () => {
    const zone = [
      "BEGIN:VTIMEZONE",
      "TZID:Romance Standard Time",
      "BEGIN:STANDARD",
      "DTSTART:16010101T030000",
      "TZOFFSETFROM:+0200",
      "TZOFFSETTO:+0100",
      "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
      "END:STANDARD",
      "BEGIN:DAYLIGHT",
      "DTSTART:16010101T020000",
      "TZOFFSETFROM:+0100",
      "TZOFFSETTO:+0200",
      "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
      "END:DAYLIGHT",
      "END:VTIMEZONE",
    ].join("\r\n");
    const at = (day: string) => event(`DTSTART;TZID=Romance Standard Time:${day}T090000`, `DTEND;TZID=Romance Standard Time:${day}T100000`);
    expect(read(zone, at("20260310"), at("20260410"))).toEqual(["2026-03-10T08:00–2026-03-10T09:00", "2026-04-10T07:00–2026-04-10T08:00"]);
  });
});

describe("what repeats", () => {
  const weekly = ["DTSTART;TZID=Europe/Paris:20260317T090000", "DTEND;TZID=Europe/Paris:20260317T100000"];
  const third = ["2026-03-17T08:00–2026-03-17T09:00", "2026-03-24T08:00–2026-03-24T09:00", "2026-03-31T07:00–2026-03-31T08:00"];

  test("keeps its wall-clock time over a clock change", () => {
    expect(read(event(...weekly, "RRULE:FREQ=WEEKLY;COUNT=3"))).toEqual(third);
  });

  test("ends with its last day, whose time is told in UTC", () => {
    expect(read(event(...weekly, "RRULE:FREQ=WEEKLY;UNTIL=20260331T070000Z"))).toEqual(third);
    expect(read(event(...weekly, "RRULE:FREQ=WEEKLY;UNTIL=20260331T065959Z"))).toEqual(third.slice(0, 2));
  });

  test("leaves out and adds single dates", () => {
    const rule = "RRULE:FREQ=WEEKLY;COUNT=3";
    expect(read(event(...weekly, rule, "EXDATE;TZID=Europe/Paris:20260324T090000"))).toEqual([third[0], third[2]] as string[]);
    expect(read(event(...weekly, rule, "EXDATE:20260324T080000Z"))).toEqual([third[0], third[2]] as string[]);
    expect(read(event(...weekly, "RDATE;TZID=Europe/Paris:20260324T090000,20260331T090000"))).toEqual(third);
    expect(read(event(...weekly, "RDATE;VALUE=PERIOD:20260324T080000Z/PT1H,20260331T070000Z/20260331T080000Z"))).toEqual(third);
  });

  test("lets one occurrence be moved or cancelled by an event of its own", () => {
    const master = event(...weekly, "RRULE:FREQ=WEEKLY;COUNT=3");
    const away = event("RECURRENCE-ID;TZID=Europe/Paris:20260324T090000", "DTSTART:20260325T120000Z", "DTEND:20260325T130000Z");
    expect(read(master, away)).toEqual([third[0], "2026-03-25T12:00–2026-03-25T13:00", third[2]] as string[]);
    const gone = event("RECURRENCE-ID:20260324T080000Z", "DTSTART:20260324T080000Z", "DTEND:20260324T090000Z", "STATUS:CANCELLED");
    expect(read(master, gone)).toEqual([third[0], third[2]] as string[]);
  });

  test("without an end, begun years ago, gives the period's times only", () => {
    const daily = event("DTSTART;TZID=Europe/Paris:20200101T120000", "DURATION:PT30M", "RRULE:FREQ=DAILY");
    expect(read(daily)).toHaveLength(61);
    const days = event("DTSTART;VALUE=DATE:20260302", "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=2");
    expect(read(days)).toEqual(["2026-03-01T23:00–2026-03-02T23:00", "2026-03-08T23:00–2026-03-09T23:00"]);
  });
});

test("times that touch or overlap are one; those outside the period are left out or cut", () => {
  const at = (from: string, to: string) => event(`DTSTART:${from}`, `DTEND:${to}`);
  expect(
    read(
      at("20260310T090000Z", "20260310T100000Z"),
      at("20260310T080000Z", "20260310T090000Z"),
      at("20260310T093000Z", "20260310T094500Z"),
      at("20260101T000000Z", "20260102T000000Z"),
      at("20260430T120000Z", "20260601T000000Z"),
    ),
  ).toEqual(["2026-03-10T08:00–2026-03-10T10:00", "2026-04-30T12:00–2026-05-01T00:00"]);
});

test("a list of free and busy times is read as one", () => {
  const list = (line: string) => ["BEGIN:VFREEBUSY", "UID:2", line, "END:VFREEBUSY"].join("\r\n");
  expect(read(list("FREEBUSY;FBTYPE=BUSY:20260310T080000Z/PT1H"))).toEqual(["2026-03-10T08:00–2026-03-10T09:00"]);
  expect(read(list("FREEBUSY;FBTYPE=FREE:20260310T080000Z/PT1H"))).toEqual([]);
});

test("what is no calendar is said to be none, and too much too much", () => {
  for (const text of ["", "<html>Sign in</html>", "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:x\r\nEND:VCARD", "BEGIN:VCALENDAR", "\u0000"])
    expect(busyTimes(text, "Europe/Paris", period)).toBe("not-a-calendar");
  expect(read(event("DTSTART:20260310T080000Z", "DURATION:PT1S", "RRULE:FREQ=SECONDLY;INTERVAL=2"))).toBe("too-much");
  expect(read()).toEqual([]);
});
