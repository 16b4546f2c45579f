import { type Refusal, refuse } from "@episante/contracts/problem";
import { defineAction } from "@episante/service/action";
import { grant, patientsOf } from "@episante/service/db";
import { type Caller, defineSharedRead } from "@episante/service/shared-read";
import type { AlertDeps } from "../deps.ts";
import { currentCursor, listChanged } from "../storage/alerts.ts";
import { reachAmongChanged } from "../storage/reach.ts";
import { askersOf, feedGrant } from "./grant-patient.ts";
import { type FeedAlert, feedAlert } from "./present-alerts.ts";

/** Audit code of everything a feed shows. */
export const feedCode = "alert.feed";

/** Opens a feed: decides whether the caller may follow one at all, and where it starts without `Last-Event-ID`. */
export const openFeed = defineAction<AlertDeps, Record<string, never>, { cursor: number }>({
  name: feedCode,
  access: ({ deps }) => (deps.relationships.fresh() ? grant.public() : refuse("mirror-stale")),
  run: async ({ tx, audit }) => {
    audit({ entity: { type: "feed", id: "alerts" } });
    return { cursor: await currentCursor(tx) };
  },
});

interface Page {
  readonly alerts: readonly FeedAlert[];
}
/** Changes after one cursor and up to another. */
interface Range {
  readonly after: number;
  readonly upTo: number;
}

/**
 * Changes of patients the callers treat now, or were called by: access is decided again for every change. Consoles that stand at the same place are
 * answered in one transaction.
 */
const readFeed = defineSharedRead<AlertDeps, Range, Page>({
  name: feedCode,
  access: async ({ actors, input, deps, tx, now }) => {
    if (!deps.relationships.fresh()) return actors.map(() => refuse("mirror-stale"));
    const reach = await reachAmongChanged(tx, askersOf(actors), now, input);
    return actors.map((actor) => feedGrant(reach, actor));
  },
  run: async ({ input, tx, now, grant: granted }) => {
    if (granted.kind !== "patients") return { alerts: [] };
    const rows = await listChanged(tx, patientsOf(granted), input.after, input.upTo);
    return { alerts: rows.map((row) => feedAlert(row, now)) };
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
