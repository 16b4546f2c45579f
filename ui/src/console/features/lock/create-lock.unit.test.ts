import { afterEach, beforeEach, expect, setSystemTime, test } from "bun:test";
import { createRoot } from "solid-js";
import { createLock, forgetLock, type Lock } from "./create-lock.ts";
import { lockAfterMs, readLock, writeLock } from "./lock-state.ts";

const start = Date.parse("2026-01-15T08:00:00Z");
const disposals: (() => void)[] = [];
let others = 0;
function open(accountId = "acc_1"): Lock {
  return createRoot((dispose) => {
    disposals.push(dispose);
    return createLock(accountId, () => {
      others += 1;
    });
  });
}
const close = () => {
  for (const dispose of disposals.splice(0)) dispose();
};
const touch = () => dispatchEvent(new Event("keydown"));
const later = (ms: number) => setSystemTime(new Date(Date.now() + ms));
beforeEach(() => {
  setSystemTime(new Date(start));
  forgetLock();
  others = 0;
});
afterEach(() => {
  close();
  forgetLock();
  setSystemTime();
});

test("locks past idle; a gesture that comes too late does not keep it open", () => {
  const lock = open();
  later(lockAfterMs - 1000);
  touch();
  expect(lock.locked()).toBe(false);
  later(lockAfterMs - 1000);
  touch();
  expect(lock.locked()).toBe(false);
  later(lockAfterMs);
  touch();
  expect(lock.locked()).toBe(true);
  touch();
  expect(lock.locked()).toBe(true);
});
test("a reload opens nothing, neither locked nor idle for too long; unlocking does", () => {
  open();
  later(lockAfterMs);
  close();
  const again = open();
  expect(again.locked()).toBe(true);
  close();
  const third = open();
  expect(third.locked()).toBe(true);
  third.unlock();
  expect(third.locked()).toBe(false);
  close();
  expect(open().locked()).toBe(false);
});
test("another tab locks and unlocks this one; emptied storage does not unlock; another account in another tab is told", () => {
  const lock = open();
  const tell = (newValue: string | null) => dispatchEvent(new StorageEvent("storage", { key: "episante-console-lock", newValue }));
  tell(writeLock({ accountId: "acc_1", locked: true, activeAt: start }));
  expect(lock.locked()).toBe(true);
  tell(null);
  expect(lock.locked()).toBe(true);
  tell(writeLock({ accountId: "acc_2", locked: false, activeAt: start }));
  expect([lock.locked(), others]).toEqual([true, 1]);
  tell(writeLock({ accountId: "acc_1", locked: false, activeAt: start }));
  expect(lock.locked()).toBe(false);
});
test("the lock of one account does not hold another that has signed in", () => {
  open();
  later(lockAfterMs);
  touch();
  close();
  expect(open("acc_2").locked()).toBe(false);
});
test("what is kept is read back, and nonsense is nothing", () => {
  const state = { accountId: "acc_1", locked: true, activeAt: start };
  expect(readLock(writeLock(state))).toEqual(state);
  for (const text of [null, "", "acc_1", "acc_1 locked", "acc_1 locked soon"]) expect(readLock(text)).toBeUndefined();
});
