import type { Alert } from "@episante/contracts/alert";
import { type Refusal, refuse } from "@episante/contracts/problem";
import { doctorIdsOf } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import { type Caller, defineSharedRead } from "@episante/service/shared-read";
import type { AlertDeps } from "../deps.ts";
import { currentCursor, listChanged } from "../storage/alerts.ts";
import { changedByDoctor } from "../storage/relationships.ts";
import { presentAlerts } from "./present-alerts.ts";

/** Opens a feed: decides whether the caller may follow one at all, and where it starts without `Last-Event-ID`. */
export const openFeed = defineAction<AlertDeps, Record<string, never>, { cursor: number }>({
  name: "alert.feed",
  access: ({ deps }) => (deps.relationships.fresh() ? grant.public() : refuse("mirror-stale")),
  run: async ({ tx, audit }) => {
    audit({ entity: { type: "feed", id: "alerts" } });
    return { cursor: await currentCursor(tx) };
  },
});

/** A change as the feed tells it, and what caused it. */
export interface FeedAlert {
  readonly alert: Alert;
  readonly traceparent: string | undefined;
}
interface Page {
  readonly alerts: readonly FeedAlert[];
}
/** Changes after one cursor and up to another. */
interface Range {
  readonly after: number;
  readonly upTo: number;
}

/**
 * Changes of patients the callers treat now: access is decided again for every change. Consoles that stand at the same place are
 * answered in one transaction.
 */
const readFeed = defineSharedRead<AlertDeps, Range, Page>({
  name: "alert.feed",
  access: async ({ actors, input, deps, tx, now }) => {
    if (!deps.relationships.fresh()) return actors.map(() => refuse("mirror-stale"));
    const treatedBy = await changedByDoctor(tx, [...new Set(actors.flatMap(doctorIdsOf))], now, input);
    return actors.map((actor) => {
      const treated = new Set(doctorIdsOf(actor).flatMap((doctorId) => treatedBy.get(doctorId) ?? []));
      return treated.size > 0 ? grant.patients([...treated].sort()) : grant.public();
    });
  },
  run: async ({ input, tx, now, grant: granted }) => {
    if (granted.kind !== "patients") return { alerts: [] };
    const rows = await listChanged(tx, granted.ids, input.after, input.upTo);
    const alerts = presentAlerts(rows, now);
    return { alerts: alerts.map((alert, index) => ({ alert, traceparent: rows[index]?.traceparent })) };
  },
});

interface Asked {
  readonly caller: Caller;
  readonly resolve: (page: Page | Refusal) => void;
  readonly reject: (error: unknown) => void;
}
/** Reads a page of the feed for one console. */
export type FeedReader = (caller: Caller, range: Range) => Promise<Page | Refusal>;

/** Makes a reader that reads together what is asked in one turn of the event loop for the same range. */
export function makeFeedReader(deps: AlertDeps): FeedReader {
  const waiting = new Map<string, Asked[]>();
  const answer = async (key: string, asked: readonly Asked[], range: Range) => {
    waiting.delete(key);
    try {
      const callers = asked.map(({ caller }) => caller);
      const pages = await readFeed(deps, callers, range);
      for (const [index, { resolve }] of asked.entries()) resolve(pages[index] ?? refuse("internal-error"));
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  };
  return (caller, range) =>
    new Promise((resolve, reject) => {
      const key = `${range.after} ${range.upTo}`;
      const asked = waiting.get(key) ?? [];
      asked.push({ caller, resolve, reject });
      if (asked.length > 1) return;
      waiting.set(key, asked);
      queueMicrotask(() => void answer(key, asked, range));
    });
}
