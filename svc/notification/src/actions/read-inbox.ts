import type { QueryOf, ResponseOf } from "@episante/contracts/endpoint";
import type {
  inbox as inboxEndpoint,
  readAllPages as readAllEndpoint,
  inboxUnread as unreadEndpoint,
} from "@episante/contracts/notification";
import { refuse } from "@episante/contracts/problem";
import { clinicIdsOf, type UserActor } from "@episante/contracts/session";
import { toInstant } from "@episante/contracts/time";
import { defineAction } from "@episante/service/action";
import { contextOf, grant, type Tx } from "@episante/service/db";
import type { Deps } from "../deps.ts";
import { pageTemplates } from "../domain/page-mail.ts";
import { type InboxRow, listInbox } from "../storage/messages.ts";
import { countUnread, listPages, markRead, type PageRow } from "../storage/pages.ts";

type Inbox = ResponseOf<typeof inboxEndpoint>;
type Unread = ResponseOf<typeof unreadEndpoint>;
type Item = Inbox["items"][number];
const defaultLimit = 50;

/** A cursor names the last item seen: when it was made and its id. */
interface Place {
  readonly createdMs: number;
  readonly id: string;
}
function placeOf(cursor: string): Place | null {
  const [, ms, id] = /^(\d{1,15})\.((?:msg|pag)_[0-9a-f]{32})$/.exec(cursor) ?? [];
  return ms && id ? { createdMs: Number(ms), id } : null;
}

function messageItem({ createdMs, sentMs, ...row }: InboxRow): Item {
  return {
    ...row,
    channel: "email",
    createdAt: toInstant(createdMs),
    ...(sentMs === null ? {} : { sentAt: toInstant(sentMs) }),
  };
}
function pageItem({ id, subject, status, calledMs, changedMs, readMs, sentMs, isLate, kind, severity, alerts, step }: PageRow): Item {
  return {
    id,
    channel: "email",
    template: pageTemplates[kind],
    subject,
    status,
    createdAt: toInstant(calledMs),
    ...(sentMs === null ? {} : { sentAt: toInstant(sentMs) }),
    ...(readMs === null ? {} : { readAt: toInstant(readMs) }),
    page: {
      kind,
      severity,
      alerts,
      changedAt: toInstant(changedMs),
      ...(step === undefined ? {} : { step }),
      ...(isLate ? { late: true as const } : {}),
    },
  };
}
const newestFirst = (a: Item, b: Item) => (a.createdAt === b.createdAt ? (a.id < b.id ? 1 : -1) : a.createdAt < b.createdAt ? 1 : -1);

/** The signed-in account's own messages and pages, newest first. Each is read under the grant of the one who may see it. */
export const readInbox = defineAction<Deps, QueryOf<typeof inboxEndpoint>, Inbox>({
  name: "notification.inbox",
  access: ({ actor }) => {
    if (actor.kind !== "user") return refuse("not-found");
    const clinics = clinicIdsOf(actor);
    if (clinics.length > 0) return grant.clinics(clinics);
    return actor.patientId ? grant.patients([actor.patientId]) : refuse("not-found");
  },
  run: async ({ actor, input: { cursor, limit = defaultLimit, about }, tx, audit }) => {
    if (actor.kind !== "user") return refuse("not-found");
    const place = cursor === undefined ? undefined : placeOf(cursor);
    if (place === null) return refuse("invalid-input", { errors: [{ path: "cursor", message: "is not a cursor of this list" }] });
    const query = { before: place, limit: limit + 1 };
    const visits = about === "alerts" || !actor.patientId ? [] : await messagesOf(tx, actor.patientId, query);
    await tx.execute(contextOf(grant.clinics(clinicIdsOf(actor))));
    const pages = about === "visits" ? [] : await listPages(tx, actor.accountId, query);
    const found = [...visits.map(messageItem), ...pages.map(pageItem)].sort(newestFirst);
    const items = found.slice(0, limit);
    const patientIds = items.flatMap(({ page }) => page?.alerts.map(({ patientId }) => patientId) ?? []);
    if (patientIds.length > 0) audit({ patientIds: [...new Set(patientIds)] });
    const last = items.at(-1);
    const next = found.length > limit && last ? { next: `${Date.parse(last.createdAt)}.${last.id}` } : {};
    return { items, ...next, unread: await countUnread(tx, actor.accountId) };
  },
});

async function messagesOf(tx: Tx, patientId: string, query: { before: Place | undefined; limit: number }): Promise<InboxRow[]> {
  await tx.execute(contextOf(grant.patients([patientId])));
  return listInbox(tx, query);
}

/** Members of a clinic only: they alone are paged. */
function ownPages(actor: { readonly kind: string }) {
  const clinics = actor.kind === "user" ? clinicIdsOf(actor as UserActor) : [];
  return clinics.length > 0 ? clinics : undefined;
}

/** How many pages wait. Asked every few seconds by each console and about nobody: it leaves no audit record. */
export const readUnread = defineAction<Deps, undefined, Unread>({
  name: "notification.inbox-unread",
  access: ({ actor }) => (ownPages(actor) ? grant.public() : refuse("not-found")),
  run: async ({ actor, tx }) => {
    const clinics = ownPages(actor);
    if (!clinics || actor.kind !== "user") return refuse("not-found");
    await tx.execute(contextOf(grant.clinics(clinics)));
    return { unread: await countUnread(tx, actor.accountId) };
  },
});

/** Marks one of the account's pages as read, or all. @returns how many are left */
export const readPages = defineAction<Deps, { id?: string }, ResponseOf<typeof readAllEndpoint>>({
  name: "notification.read-page",
  access: ({ actor }) => {
    const clinics = ownPages(actor);
    return clinics ? grant.clinics(clinics) : refuse("not-found");
  },
  run: async ({ actor, input, tx, now }) => {
    if (actor.kind !== "user") return refuse("not-found");
    const found = await markRead(tx, actor.accountId, input.id, now);
    if (!found && input.id !== undefined) return refuse("not-found");
    return { unread: await countUnread(tx, actor.accountId) };
  },
});
