import { expect, test } from "bun:test";
import fc from "fast-check";
import { ipKey, waitSeconds } from "./limits.ts";

const limit = { max: 3, windowMs: 60_000 };

test("as many attempts as the limit are allowed, the next one waits until the oldest leaves the window", () => {
  expect(waitSeconds([1000, 2000], limit, 3000)).toBeNull();
  expect(waitSeconds([1000, 2000, 3000], limit, 4000)).toBe(57);
  expect(waitSeconds([1000, 2000, 3000], limit, 61_000)).toBeNull();
});

test("after the announced wait an attempt is allowed", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 20 }), (refused) => {
      const now = 100_000;
      const wait = waitSeconds(refused, limit, now);
      if (wait !== null) expect(waitSeconds(refused, limit, now + wait * 1000)).toBeNull();
    }),
  );
});

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:0DB8:0001:0002::1", "2001:db8:1:2::/64"],
  ["2001:db8::9", "2001:db8:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["not an address", "unknown"],
  [undefined, "unknown"],
  ["1::2::3", "unknown"],
] as const)("address %p counts as %p", (ip, key) => {
  expect(ipKey(ip)).toBe(key);
});

test("every address of one /64 counts as one", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 4, maxLength: 4 }), (low) => {
      expect(ipKey(`2001:db8:aa:bb:${low.map((group) => group.toString(16)).join(":")}`)).toBe("2001:db8:aa:bb::/64");
    }),
  );
});
