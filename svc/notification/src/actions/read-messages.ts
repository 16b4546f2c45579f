import type { QueryOf, ResponseOf } from "@episante/contracts/endpoint";
import type { captured as capturedEndpoint } from "@episante/contracts/notification";
import { type Refusal, refuse } from "@episante/contracts/problem";
import { clinicIdsOf } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { Deps } from "../deps.ts";
import { listMails } from "../storage/captured-mails.ts";

const defaultLimit = 50;

/** A cursor is the id of the last message seen. */
function wrongCursor(cursor: string | undefined): Refusal | null {
  if (cursor === undefined || /^msg_[0-9a-f]{32}$/.test(cursor)) return null;
  return refuse("invalid-input", { errors: [{ path: "cursor", message: "is not a cursor of this list" }] });
}

function pageOf<T extends { id: string }>(rows: readonly T[], limit: number): { items: T[]; next?: string } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, ...(rows.length > limit && last ? { next: last.id } : {}) };
}

/** Captured mail: members of a clinic see the clinic's, patients their own. Does not exist in production. */
export const readCaptured = defineAction<Deps, QueryOf<typeof capturedEndpoint>, ResponseOf<typeof capturedEndpoint>>({
  name: "notification.captured",
  access: ({ actor, deps }) => {
    if (!deps.showsCaptured || actor.kind !== "user") return refuse("not-found");
    const clinics = clinicIdsOf(actor);
    if (clinics.length > 0) return grant.clinics(clinics);
    return actor.patientId ? grant.patients([actor.patientId]) : refuse("not-found");
  },
  run: async ({ input, tx }) => {
    const wrong = wrongCursor(input.cursor);
    if (wrong) return wrong;
    const limit = input.limit ?? defaultLimit;
    return pageOf(await listMails(tx, { to: input.to, beforeId: input.cursor, limit: limit + 1 }), limit);
  },
});
