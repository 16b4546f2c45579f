import { expect, test } from "bun:test";
import { type LinkKey, readLink, writeLink } from "./visit-link.ts";

const nowMs = Date.parse("2026-11-23T07:00:00Z");
const link = { appointmentId: `apt_${"a1".repeat(16)}`, patientId: `pat_${"b2".repeat(16)}`, startMs: Date.parse("2026-11-24T08:00:00Z") };
/** Good enough for rules: 43 characters that depend on every character of the text. */
const keyOf = (secret: string): LinkKey => {
  const sign = (text: string) => {
    let sum = 7n;
    for (const character of `${secret}${text}`) sum = (sum * 131n + BigInt(character.charCodeAt(0))) % 2n ** 210n;
    return sum.toString(36).padStart(43, "0").slice(-43);
  };
  return { sign, verify: (text, signature) => sign(text) === signature };
};
const key = keyOf("ours");

test("a link says what it is bound to, and is the same every time", () => {
  const signed = writeLink(key, link);
  expect(readLink(key, signed, nowMs)).toEqual(link);
  expect(writeLink(key, { ...link })).toBe(signed);
  expect(encodeURIComponent(signed)).toBe(signed);
});

test("a link ends when the visit begins", () => {
  const signed = writeLink(key, link);
  expect(readLink(key, signed, link.startMs - 1)).not.toBeNull();
  expect(readLink(key, signed, link.startMs)).toBeNull();
});

test("no character of a link can be another one, and none be added or left out", () => {
  const signed = writeLink(key, link);
  for (let at = 0; at < signed.length; at++) {
    const other = signed[at] === "0" ? "1" : "0";
    expect(readLink(key, `${signed.slice(0, at)}${other}${signed.slice(at + 1)}`, nowMs)).toBeNull();
    expect(readLink(key, `${signed.slice(0, at)}${signed.slice(at + 1)}`, nowMs)).toBeNull();
  }
  for (const wrong of [
    `${signed}0`,
    ` ${signed}`,
    `${signed}.`,
    signed.toUpperCase(),
    "",
    ".",
    "1",
    "x".repeat(300),
    `${signed}.${signed}`,
  ])
    expect(readLink(key, wrong, nowMs)).toBeNull();
});

test("another installation's link is none here", () => {
  expect(readLink(keyOf("theirs"), writeLink(key, link), nowMs)).toBeNull();
});
