import { describe, expect, test } from "bun:test";
import type { OnCallSettings } from "@episante/contracts/on-call";
import { planOf } from "./call-plan.ts";
import { draftOf, faultsOf, minutesOf, moved, settingsOf } from "./on-call-form.ts";
import { holesOf, onCallAt } from "./rota.ts";

const zone = "Europe/Paris";
const [anna, bruno] = [`acc_${"a".repeat(32)}`, `acc_${"b".repeat(32)}`] as const;
const empty: OnCallSettings = { zone, chains: { critical: [], warning: [] }, rota: { weekly: [], exceptions: [] }, quiet: null };
const nights = [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, from: "20:00", to: "08:00", accountId: anna }));
const days = [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, from: "08:00", to: "20:00", accountId: bruno }));
const withRota = (rota: Partial<OnCallSettings["rota"]>): OnCallSettings => ({ ...empty, rota: { ...empty.rota, ...rota } });
const at = (instant: string) => Date.parse(instant);
/** A Monday, 10:00 in Paris. */
const monday = at("2026-11-23T09:00:00Z");

describe("who is on call", () => {
  const setting = withRota({ weekly: [...nights, ...days] });
  test("follows the wall clock, past midnight too, and a turn ends where the next begins", () => {
    const who = ["2026-11-23T18:59:59Z", "2026-11-23T19:00:00Z", "2026-11-24T02:00:00Z", "2026-11-24T06:59:59Z", "2026-11-24T07:00:00Z"];
    expect(who.map((instant) => onCallAt(setting, at(instant)))).toEqual([bruno, anna, anna, anna, bruno]);
    expect(onCallAt(setting, at("2027-07-05T17:59:59Z"))).toBe(bruno);
    expect(onCallAt(setting, at("2027-07-05T18:00:00Z"))).toBe(anna);
  });
  test("is the exception's person while it lasts, of several the last", () => {
    const [from, to] = ["2026-11-23T08:00:00Z", "2026-11-23T12:00:00Z"];
    const swapped = withRota({ weekly: days, exceptions: [{ from, to, accountId: anna }] });
    expect([onCallAt(swapped, monday), onCallAt(swapped, at(to))]).toEqual([anna, bruno]);
    const twice = withRota({ weekly: days, exceptions: [anna, bruno].map((accountId) => ({ from, to, accountId })) });
    expect(onCallAt(twice, monday)).toBe(bruno);
  });
});

describe("holes of the coming seven days", () => {
  test("are none in a full week, also where the clocks change", () => {
    expect(holesOf(withRota({ weekly: [...nights, ...days] }), monday)).toEqual([]);
    expect(holesOf(withRota({ weekly: [...nights, ...days] }), at("2026-10-22T10:00:00Z"))).toEqual([]);
    expect(holesOf(withRota({ weekly: [...nights, ...days] }), at("2027-03-26T10:00:00Z"))).toEqual([]);
  });
  test("join what lies between and begin now; one that outlasts the seven days has no end", () => {
    const holes = holesOf(withRota({ weekly: days.filter(({ day }) => day !== 3) }), monday);
    expect(holes.slice(0, 3)).toEqual([
      { startMs: at("2026-11-23T19:00:00Z"), endMs: at("2026-11-24T07:00:00Z") },
      { startMs: at("2026-11-24T19:00:00Z"), endMs: at("2026-11-26T07:00:00Z") },
      { startMs: at("2026-11-26T19:00:00Z"), endMs: at("2026-11-27T07:00:00Z") },
    ]);
    expect(holesOf(empty, monday)).toEqual([{ startMs: monday }]);
    const oneDay = withRota({ weekly: days.filter(({ day }) => day === 1) });
    expect(holesOf(oneDay, at("2026-11-23T06:00:00Z"))).toEqual([
      { startMs: at("2026-11-23T06:00:00Z"), endMs: at("2026-11-23T07:00:00Z") },
      { startMs: at("2026-11-23T19:00:00Z") },
    ]);
  });
  test("are filled by exceptions", () => {
    const exceptions = [{ from: "2026-11-23T00:00:00Z", to: "2026-12-03T00:00:00Z", accountId: bruno }];
    expect(holesOf(withRota({ exceptions }), monday)).toEqual([]);
  });
});

describe("what an alert would set going now", () => {
  const chain = [
    { to: anna, afterSeconds: 0 },
    { to: "on-call" as const, afterSeconds: 300 },
  ];
  const person = (accountId: string) => ({ kind: "person" as const, accountId });
  test("follows the chain; who is on call is who will be when the step is due", () => {
    const setting = { ...withRota({ weekly: [...nights, ...days] }), chains: { critical: chain, warning: [] } };
    const justBefore = at("2026-11-23T18:56:00Z");
    expect(planOf(setting, "critical", justBefore)).toEqual({
      calls: [
        { afterSeconds: 0, who: person(anna) },
        { afterSeconds: 300, who: { kind: "on-call", accountId: anna } },
      ],
    });
    expect(planOf(setting, "critical", monday).calls[1]?.who).toEqual({ kind: "on-call", accountId: bruno });
  });
  test("is whoever is on call without steps, the treating doctors without a rota, nobody for a notice", () => {
    const setting = withRota({ weekly: days });
    expect(planOf(setting, "warning", monday).calls).toEqual([{ afterSeconds: 0, who: { kind: "on-call", accountId: bruno } }]);
    expect(planOf(empty, "critical", monday).calls).toEqual([{ afterSeconds: 0, who: { kind: "doctors" } }]);
    expect(planOf(setting, "notice", monday).calls).toEqual([]);
  });
  test("a step that is nobody hands over to the next at once, not at its own time", () => {
    const critical = [...chain, { to: bruno, afterSeconds: 900 }, { to: anna, afterSeconds: 1200 }];
    const { calls } = planOf({ ...withRota({ weekly: nights }), chains: { critical, warning: [] } }, "critical", monday);
    expect(calls.map(({ afterSeconds }) => afterSeconds)).toEqual([0, 300, 300, 1200]);
  });
  test("ends at the treating doctors where the last step is nobody", () => {
    const setting = { ...withRota({ weekly: nights }), chains: { critical: chain, warning: [] } };
    expect(planOf(setting, "critical", monday).calls.slice(1)).toEqual([
      { afterSeconds: 300, who: { kind: "on-call", accountId: undefined } },
      { afterSeconds: 300, who: { kind: "doctors" } },
    ]);
  });
  test("waits for the end of quiet hours, never when critical", () => {
    const quiet = { from: "22:00", to: "07:00", severities: ["warning" as const] };
    const setting = { ...withRota({ weekly: [...nights, ...days] }), quiet };
    const night = at("2026-11-24T00:00:00Z");
    expect(planOf(setting, "warning", night)).toEqual({
      waitsUntilMs: at("2026-11-24T06:00:00Z"),
      calls: [{ afterSeconds: 0, who: { kind: "on-call", accountId: anna } }],
    });
    expect(planOf(setting, "critical", night).waitsUntilMs).toBeUndefined();
    expect(planOf(setting, "warning", monday).waitsUntilMs).toBeUndefined();
  });
});

describe("a draft", () => {
  const setting: OnCallSettings = {
    zone,
    chains: {
      critical: [
        { to: anna, afterSeconds: 0 },
        { to: "on-call", afterSeconds: 90 },
        { to: bruno, afterSeconds: 300 },
      ],
      warning: [],
    },
    rota: { weekly: nights, exceptions: [{ from: "2026-12-24T17:00:00.000Z", to: "2026-12-26T07:00:00.000Z", accountId: bruno }] },
    quiet: { from: "22:00", to: "07:00", severities: ["warning"] },
  };
  test("of a setting is that setting again; exceptions that are over are left out", () => {
    expect(settingsOf(draftOf(setting, monday), zone)).toEqual(setting);
    expect(draftOf(setting, at("2027-01-01T00:00:00Z")).exceptions).toEqual([]);
    expect(draftOf(setting, monday).chains.critical.map(({ after, unit }) => `${after} ${unit}`)).toEqual(["0 s", "90 s", "5 min"]);
  });
  test("takes times as people type them, and midnight as either end of a day", () => {
    const draft = { ...draftOf(empty, monday), weekly: [{ day: 1, from: "8h", to: "24:00", accountId: anna }] };
    expect(faultsOf(draft, zone).size).toBe(0);
    expect(settingsOf(draft, zone).rota.weekly).toEqual([{ day: 1, from: "08:00", to: "00:00", accountId: anna }]);
  });
  test("says what is wrong, where the server would", () => {
    const draft = draftOf(setting, monday);
    draft.weekly[0] = { day: 1, from: "25", to: "8h", accountId: "" };
    draft.exceptions[0] = { fromDay: "2026-12-26", from: "8", toDay: "2026-12-25", to: "8", accountId: bruno };
    draft.exceptions[1] = { fromDay: "", from: "8", toDay: "2026-12-25", to: "", accountId: bruno };
    draft.chains.critical = [
      { to: anna, after: "5", unit: "min" },
      { to: "", after: "60", unit: "s" },
      { to: anna, after: "soon", unit: "s" },
      { to: anna, after: "1441", unit: "min" },
    ];
    draft.quiet = { isOn: true, from: "7", to: "07:00", warning: false, notice: false };
    expect(Object.fromEntries(faultsOf(draft, zone))).toEqual({
      "rota.weekly.0.from": "time",
      "rota.weekly.0.accountId": "person",
      "rota.exceptions.0.to": "order",
      "rota.exceptions.1.from": "day",
      "rota.exceptions.1.to": "time",
      "chains.critical.1.to": "person",
      "chains.critical.1.afterSeconds": "later",
      "chains.critical.2.afterSeconds": "number",
      "chains.critical.3.afterSeconds": "number",
      "quiet.to": "empty",
      "quiet.severities": "severity",
    });
  });
});

test("people of a chain change places with their neighbour, and stay at its ends", () => {
  expect(moved(["a", "b", "c"], 2, 1)).toEqual(["a", "c", "b"]);
  expect([moved(["a", "b"], 0, -1), moved(["a", "b"], 1, 2)]).toEqual([
    ["a", "b"],
    ["a", "b"],
  ]);
});

test("an acknowledgement counts from 5 minutes to a day", () => {
  expect(["5", " 1440 ", "4", "1441", "1.5", "", "soon"].map(minutesOf)).toEqual([
    5,
    1440,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
