import { expect, test } from "bun:test";
import { sessionEntrySchema } from "@episante/contracts/session";
import { refuseInvitation } from "./invitation.ts";
import { isSecureContext } from "./secure-context.ts";
import { sessionEntryOf } from "./session.ts";

const hex = (digit: string) => digit.repeat(32);
const facts = {
  secretHash: "ab".repeat(32),
  accountId: `acc_${hex("1")}`,
  patientId: `pat_${hex("2")}`,
  demo: false,
  memberships: [],
  expiresAtMs: 1_800_000_000_000,
};

test("a patient's session idles out after 30 minutes, a clinic member's after 15", () => {
  expect(sessionEntryOf(facts).idleSeconds).toBe(1800);
  const member = { clinicId: `cli_${hex("3")}`, role: "doctor" as const, doctorId: `doc_${hex("4")}` };
  expect(sessionEntryOf({ ...facts, memberships: [member] }).idleSeconds).toBe(900);
});

test("the entry is what the gateway's contract says and carries no personal data", () => {
  const member = { clinicId: `cli_${hex("3")}`, role: "staff" as const, doctorId: null };
  const entry = sessionEntryOf({ ...facts, patientId: null, memberships: [member] });
  expect(sessionEntrySchema.parse(entry)).toEqual(entry);
  expect(entry.actor.memberships).toEqual([{ clinicId: `cli_${hex("3")}`, role: "staff" }]);
  expect("patientId" in entry.actor).toBe(false);
});

test.each([
  ["https", "clinic.example", true],
  ["https", undefined, true],
  ["http", "localhost", true],
  ["http", "localhost:8080", true],
  ["http", "127.0.0.1:8080", true],
  ["http", "[::1]:8080", true],
  [undefined, "localhost:8080", true],
  ["http", "192.168.1.20:8080", false],
  ["http", "localhost.evil.example", false],
  ["http", "evil.example/localhost", false],
  ["http", "127.0.0.10", false],
  ["http,https", "clinic.example", false],
  [undefined, undefined, false],
] as const)("proto %p, host %p: sign-in allowed is %p", (proto, host, allowed) => {
  expect(isSecureContext(proto, host)).toBe(allowed);
});

test("an invitation works once, in time, and never replaces a password", () => {
  const open = { usedAtMs: null, expiresAtMs: 100, membershipStatus: "invited" as const, hasPassword: false };
  expect(refuseInvitation(open, 99)).toBeNull();
  expect(refuseInvitation(null, 0)?.refused).toBe("code-expired");
  expect(refuseInvitation(open, 100)?.refused).toBe("code-expired");
  expect(refuseInvitation({ ...open, membershipStatus: "ended" }, 0)?.refused).toBe("code-expired");
  expect(refuseInvitation({ ...open, usedAtMs: 1 }, 0)?.refused).toBe("code-used");
  expect(refuseInvitation({ ...open, hasPassword: true }, 0)?.refused).toBe("code-used");
});
