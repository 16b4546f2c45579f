import type { AuditRecord } from "@episante/contracts/audit";
import { canonicalJson } from "./canonical-json.ts";

/** SHA-256 of a text, hex. */
export type Hash = (text: string) => string;

/** One link of the chain. */
export interface Link {
  readonly seq: number;
  readonly id: string;
  readonly patientIds: readonly string[];
  /** Canonical JSON of the record. */
  readonly record: string;
  readonly prev: string;
  readonly hash: string;
}

/** The end of the chain: number and hash of its last link. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
}

/** Head of an empty chain. */
export const emptyHead: Head = { seq: 0, hash: "0".repeat(64) };

/** Hash of a link: over its number, the hash before it and the record, so none of them can change unseen. */
function linkHash(seq: number, prev: string, record: string, hash: Hash): string {
  return hash(`${seq}\n${prev}\n${record}`);
}

/** Appends records to a chain. Records whose id was taken before, or comes twice, are passed by. */
export function append(head: Head, records: readonly AuditRecord[], taken: ReadonlySet<string>, hash: Hash): { links: Link[]; head: Head } {
  const links: Link[] = [];
  const seen = new Set(taken);
  let end = head;
  for (const record of records) {
    if (seen.has(record.id)) continue;
    seen.add(record.id);
    const text = canonicalJson(record);
    const seq = end.seq + 1;
    const link: Link = {
      seq,
      id: record.id,
      patientIds: record.patientIds,
      record: text,
      prev: end.hash,
      hash: linkHash(seq, end.hash, text, hash),
    };
    links.push(link);
    end = { seq, hash: link.hash };
  }
  return { links, head: end };
}

/**
 * Follows a chain from `head` over the next links. Answers the head after them, or the number of the first link that does not
 * fit: a changed record, a changed column beside it, a gap, another order.
 */
export function follow(head: Head, links: readonly Link[], hash: Hash): { head: Head; brokenAt?: number } {
  let end = head;
  for (const link of links) {
    const seq = end.seq + 1;
    const isIntact =
      link.seq === seq && link.prev === end.hash && link.hash === linkHash(seq, end.hash, link.record, hash) && columnsFit(link);
    if (!isIntact) return { head: end, brokenAt: seq };
    end = { seq, hash: link.hash };
  }
  return { head: end };
}

/** The columns that decide who sees a record must say what the hashed record says. */
function columnsFit(link: Link): boolean {
  const record = JSON.parse(link.record) as AuditRecord;
  return record.id === link.id && canonicalJson(record.patientIds) === canonicalJson(link.patientIds);
}
