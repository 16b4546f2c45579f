import { expect, test } from "bun:test";
import type { AuditRecord } from "@episante/contracts/audit";
import fc from "fast-check";
import { sha256 } from "../hash.ts";
import { canonicalJson } from "./canonical-json.ts";
import { append, emptyHead, follow, type Link } from "./chain.ts";

const record = (number: number): AuditRecord => ({
  id: `aud_${number.toString(16).padStart(32, "0")}`,
  at: "2026-01-02T03:04:05.000Z",
  service: "patient",
  code: "patient.get",
  outcome: "ok",
  actor: { kind: "user", accountId: `acc_${number}` },
  patientIds: [`pat_${number % 3}`],
});
const records = (count: number) => Array.from({ length: count }, (_, index) => record(index));
const chain = (count: number) => append(emptyHead, records(count), new Set(), sha256);

test("canonical JSON does not depend on the order of members and reads back as the same value", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const shuffled = JSON.parse(JSON.stringify(value), (_, member) =>
        member && typeof member === "object" && !Array.isArray(member) ? Object.fromEntries(Object.entries(member).reverse()) : member,
      );
      expect(canonicalJson(shuffled)).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
  expect(canonicalJson({ b: undefined, a: [1, { d: "é", c: true }] })).toBe('{"a":[1,{"c":true,"d":"é"}]}');
});

test("a chain has no gaps, verifies, and does not depend on how it was batched", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 6 }), (sizes) => {
      const total = sizes.reduce((sum, size) => sum + size, 0);
      let head = emptyHead;
      let from = 0;
      const links: Link[] = [];
      for (const size of sizes) {
        const added = append(head, records(total).slice(from, from + size), new Set(), sha256);
        links.push(...added.links);
        head = added.head;
        from += size;
      }
      expect(links).toEqual(chain(total).links);
      expect(links.map((link) => link.seq)).toEqual(Array.from({ length: total }, (_, index) => index + 1));
      expect(follow(emptyHead, links, sha256)).toEqual({ head });
    }),
  );
});

test("a record comes into the chain once, however often it is delivered", () => {
  const { links } = append(emptyHead, [record(1), record(2), record(1), record(3)], new Set([record(3).id]), sha256);
  expect(links.map((link) => link.id)).toEqual([record(1).id, record(2).id]);
});

test("every single change is found: a changed record, hash or column, a removed, swapped or inserted link", () => {
  const { links } = chain(12);
  const at = (index: number) => links[index] as Link;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 11 }), fc.integer({ min: 0, max: 10 }), (index, other) => {
      const replaced = (link: Link) => links.map((old, place) => (place === index ? link : old));
      const forged = canonicalJson({ ...record(index), outcome: "denied" });
      const tampered: Link[][] = [
        replaced({ ...at(index), record: forged }),
        replaced({ ...at(index), record: forged, hash: sha256(`${index + 1}\n${at(index).prev}\n${forged}`) }),
        replaced({ ...at(index), patientIds: ["pat_9"] }),
        replaced({ ...at(index), hash: "0".repeat(64) }),
        links.toSpliced(other, 1),
        links.toSpliced(other, 2, at(other + 1), at(other)),
        links.toSpliced(other, 0, at(other)),
      ];
      for (const [kind, forgery] of tampered.entries()) {
        const verdict = follow(emptyHead, forgery, sha256);
        // Forging the last record together with its hash fits in itself: only the head of the chain shows it.
        if (kind === 1 && index === 11) expect(verdict.head.hash).not.toBe(chain(12).head.hash);
        else expect(verdict.brokenAt).toBeDefined();
      }
    }),
    { numRuns: 30 },
  );
});
