import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { AuditDeps } from "../deps.ts";
import { emptyHead, follow } from "../domain/chain.ts";
import { sha256 } from "../hash.ts";
import { getHead, listLinks } from "../storage/records.ts";

interface Verdict {
  readonly ok: boolean;
  readonly records: number;
  readonly head: string;
  readonly brokenAt?: number;
}
const pageSize = 2_000;

/** Recomputes the chain, a page at a time, up to the head it had at the start. Admins only, by the endpoint's policy. */
export const verifyChain = defineAction<AuditDeps, Record<never, never>, Verdict>({
  name: "audit.verify",
  access: () => grant.system("audit.verify"),
  run: async ({ tx }) => {
    const wanted = await getHead(tx);
    let head = emptyHead;
    while (head.seq < wanted.seq) {
      const page = await listLinks(tx, head.seq, Math.min(pageSize, wanted.seq - head.seq));
      const followed = follow(head, page, sha256);
      head = followed.head;
      const brokenAt = followed.brokenAt ?? (page.length === 0 ? head.seq + 1 : undefined);
      if (brokenAt !== undefined) return { ok: false, records: wanted.seq, head: wanted.hash, brokenAt };
    }
    const isHeadRight = head.hash === wanted.hash;
    return { ok: isHeadRight, records: wanted.seq, head: wanted.hash, ...(isHeadRight ? {} : { brokenAt: wanted.seq }) };
  },
});
