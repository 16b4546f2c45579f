import { type Appointment, listAppointments, type listHeld } from "@episante/contracts/appointment";
import type { AnswerOf } from "@episante/contracts/endpoint";
import { visitFeed } from "@episante/contracts/visit";
import { type Accessor, createEffect, createSignal, on, onCleanup } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import { type CallResult, call, urlOf } from "../../../shared/lib/call.ts";
import { type LinkState, type LiveFeed, makeLiveFeed } from "../../../shared/lib/live-feed.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { learnServerTime, serverNow } from "../../../shared/lib/server-clock.ts";
import { steadyTicks } from "../../../shared/lib/steady-ticks.ts";
import { newerOf } from "./visit-versions.ts";

/** What is on screen: doctors, and the stretch of time in milliseconds. */
export interface Shown {
  readonly doctorIds: readonly string[];
  readonly from: number;
  readonly to: number;
}
/** A time that a patient is confirming. */
export type Held = AnswerOf<typeof listHeld>["items"][number];
/** How long a visit that has just changed is marked, milliseconds. */
const freshMs = 1200;

async function listOne(doctorId: string, { from, to }: Shown, signal: AbortSignal): Promise<CallResult<Appointment[]>> {
  const items: Appointment[] = [];
  let cursor: string | undefined;
  do {
    const page = await call(listAppointments, {
      query: {
        doctorId: doctorId as `doc_${string}`,
        from: new Date(from).toISOString(),
        to: new Date(to).toISOString(),
        limit: 200,
        ...(cursor ? { cursor } : {}),
      },
      signal,
    });
    if (!page.ok) return page;
    items.push(...page.value.items);
    cursor = page.value.next;
  } while (cursor);
  return { ok: true, value: items };
}

/**
 * The visits of some doctors, kept in step by the feed: a change is taken in by id, the newer version wins, so that lists, the feed and one's own
 * answers may come in any order. `onChanged`: changes that somebody else made, or this screen's own. `onHeld`: all times that are being
 * confirmed now, whenever they changed.
 */
export function createVisits(
  shown: Accessor<Shown | undefined>,
  onChanged: (visits: readonly Appointment[]) => void,
  onHeld?: (items: readonly Held[]) => void,
) {
  const [visits, setVisits] = createStore<Record<string, Appointment>>({});
  const [fresh, setFresh] = createSignal<ReadonlySet<string>>(new Set());
  const [link, setLink] = createSignal<LinkState>("connecting");
  const [lostSince, setLostSince] = createSignal<number>();

  /** Ids that the feed or an own act brought while a list was being read: the list may not know them yet. */
  let since = new Set<string>();
  const loaded = createLoad(shown, async (wanted, signal) => {
    since = new Set();
    const answers = await Promise.all(wanted.doctorIds.map((id) => listOne(id, wanted, signal)));
    const items: Appointment[] = [];
    for (const answer of answers) {
      if (!answer.ok) return answer;
      items.push(...answer.value);
    }
    const next: Record<string, Appointment> = {};
    for (const visit of items) next[visit.id] = newerOf(visits[visit.id], visit);
    for (const id of since) {
      const told = visits[id];
      if (told) next[id] ??= told;
    }
    if (!signal.aborted) setVisits(reconcile(next));
    return { ok: true as const, value: items.length };
  });

  function take(changed: readonly Appointment[]): void {
    const newer = changed.filter((visit) => newerOf(visits[visit.id], visit) === visit);
    for (const visit of newer) {
      since.add(visit.id);
      // A move leaves nothing of the former place behind: the fields that are gone go too.
      setVisits(visit.id, reconcile(visit));
      setFresh((ids) => new Set(ids).add(visit.id));
      setTimeout(() => setFresh((ids) => new Set([...ids].filter((id) => id !== visit.id))), freshMs);
    }
    if (newer.length > 0) onChanged(newer);
  }

  let feed: LiveFeed | undefined;
  const key = () => shown()?.doctorIds.join(",");
  createEffect(
    on(key, (doctorIds) => {
      feed?.stop();
      feed = undefined;
      setLostSince(undefined);
      setLink("connecting");
      if (!doctorIds) return;
      let isFirst = true;
      feed = makeLiveFeed({
        url: urlOf(visitFeed, { query: { doctorIds } }),
        onEvent(event) {
          if (event.type === "visit") take([JSON.parse(event.data) as Appointment]);
          else if (event.type === "held") onHeld?.((JSON.parse(event.data) as { items: Held[] }).items);
          else if (event.type === "reset") void loaded.reload();
        },
        onHeartbeat(beat) {
          learnServerTime(Date.parse(beat.at), true);
          // The list may have been read just before the feed began: what changed in between is read once more.
          if (isFirst) void loaded.reload();
          isFirst = false;
          setLink("live");
          setLostSince(undefined);
        },
        onLost(since) {
          setLink("lost");
          setLostSince(since + serverNow() - Date.now());
        },
        onRefused() {
          setLink("refused");
          setLostSince(serverNow());
        },
      });
    }),
  );
  const check = () => feed?.check();
  const online = () => feed?.restart();
  document.addEventListener("visibilitychange", check);
  addEventListener("online", online);
  const stopTicks = steadyTicks(check);
  onCleanup(() => {
    stopTicks();
    feed?.stop();
    document.removeEventListener("visibilitychange", check);
    removeEventListener("online", online);
  });
  return {
    byId: (id: string): Appointment | undefined => visits[id],
    all: () => Object.values(visits),
    isFresh: (id: string) => fresh().has(id),
    isLoaded: () => loaded.value() !== undefined,
    pending: loaded.pending,
    problem: loaded.problem,
    reload: loaded.reload,
    link,
    lostSince,
    /** Takes in the answer to an own act, without waiting for the feed. */
    take,
  };
}
export type Visits = ReturnType<typeof createVisits>;
