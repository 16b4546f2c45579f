import { expect, test } from "bun:test";
import { type KnownVersion, restoreVersion } from "./versions.ts";

const version = (number: number, value: number, receivedAt: number, isSuperseded: boolean): KnownVersion => ({
  version: number,
  value,
  receivedAt,
  isSuperseded,
});

test("a lost reading comes back where it belongs: what corrected it stays the current value", () => {
  const first = { value: 95, receivedAt: 1 };
  const second = { value: 90, receivedAt: 2 };
  expect(restoreVersion([], first)).toEqual({ kind: "insert", version: 1, isSuperseded: false });
  // The original is lost, its correction is not; and the other way round.
  expect(restoreVersion([version(2, 90, 2, false)], first)).toEqual({ kind: "insert", version: 1, isSuperseded: true });
  expect(restoreVersion([version(1, 95, 1, true)], second)).toEqual({ kind: "insert", version: 2, isSuperseded: false });
  // Nothing is lost.
  expect(restoreVersion([version(1, 95, 1, true), version(2, 90, 2, false)], first)).toBeNull();
  expect(restoreVersion([version(1, 95, 1, false)], first)).toBeNull();
});

test("when every version left is superseded, the last of them counts again until a later one is back", () => {
  const left = [version(1, 95, 1, true), version(2, 90, 2, true)];
  expect(restoreVersion(left, { value: 95, receivedAt: 1 })).toBeNull();
  expect(restoreVersion(left, { value: 90, receivedAt: 2 })).toEqual({ kind: "promote", version: 2 });
  expect(restoreVersion(left, { value: 80, receivedAt: 3 })).toEqual({ kind: "insert", version: 3, isSuperseded: false });
  // A value that came back: 95, 90, 95.
  expect(restoreVersion(left, { value: 95, receivedAt: 3 })).toBeNull();
});
