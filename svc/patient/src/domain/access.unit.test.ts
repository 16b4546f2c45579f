import { expect, test } from "bun:test";
import { proxyScopes } from "@episante/contracts/patient";
import { isRefusal } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import fc from "fast-check";
import { decideView } from "./access.ts";

const hex = (digit: string) => digit.repeat(32);
const asked = `pat_${hex("1")}` as const;
const actor = (patientId?: `pat_${string}`): Actor => ({
  kind: "user",
  accountId: `acc_${hex("9")}`,
  sessionHash: "x",
  memberships: [],
  demo: false,
  ...(patientId ? { patientId } : {}),
});
const nothing = { isTreating: false, isKnownToDoctor: false, isKnownToStaff: false, scopes: [] };
const codeOf = (view: ReturnType<typeof decideView>) => (isRefusal(view) ? view.refused : view);

test.each([
  ["the patient", actor(asked), nothing, "own"],
  ["a treating doctor", actor(), { ...nothing, isTreating: true, isKnownToDoctor: true }, "care"],
  ["staff of a clinic that knows the patient", actor(), { ...nothing, isKnownToStaff: true }, "identity"],
  ["a doctor there without relationship", actor(), { ...nothing, isKnownToDoctor: true }, "care-relationship-required"],
  ["another patient", actor(`pat_${hex("2")}`), nothing, "not-found"],
  ["a relative with any right", actor(`pat_${hex("2")}`), { ...nothing, scopes: ["book"] }, "proxy"],
  ["somebody of another clinic, or an admin", actor(), nothing, "not-found"],
] as const)("%s: %p", (_, who, facts, expected) => {
  expect(codeOf(decideView(who, asked, facts))).toBe(expected);
});

test("nobody but an account ever sees a file, whatever the facts", () => {
  const others: Actor[] = [
    { kind: "anonymous" },
    { kind: "service", service: "notification" },
    { kind: "device", deviceId: `dev_${hex("3")}`, patientId: asked },
  ];
  const facts = fc.record({
    isTreating: fc.boolean(),
    isKnownToDoctor: fc.boolean(),
    isKnownToStaff: fc.boolean(),
    scopes: fc.subarray([...proxyScopes]),
  });
  fc.assert(fc.property(fc.constantFrom(...others), facts, (who, known) => codeOf(decideView(who, asked, known)) === "not-found"));
});

test("a relative with one right does not get by with it where another is needed", () => {
  const facts = { ...nothing, scopes: ["book", "documents"] as const };
  const who = actor(`pat_${hex("2")}`);
  expect(codeOf(decideView(who, asked, facts, "documents"))).toBe("proxy");
  expect(codeOf(decideView(who, asked, facts, "record"))).toBe("not-found");
  expect(codeOf(decideView(who, asked, { ...facts, isKnownToStaff: true }, "record"))).toBe("identity");
});
