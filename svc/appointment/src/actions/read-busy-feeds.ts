import { grant } from "@episante/service/db";
import { emitter } from "@episante/service/outbox";
import type { Deps } from "../deps.ts";
import { mayBeUnchanged, nextReading, periodToRead } from "../domain/busy-feed.ts";
import { fetchCalendar, readBusyTimes } from "../read-calendar.ts";
import { type BusyFeedRow, listDueFeeds, noteFault, noteUnchanged, saveBlocks } from "../storage/busy-feeds.ts";
import { findHours, lockDoctor } from "../storage/doctors.ts";
import { publishOpenings } from "./publish-openings.ts";

const job = "read-busy-feeds";
/** Calendars read in one turn, at once: a turn lasts as long as the slowest host. */
const mostAtOnce = 4;

type ReadDeps = Pick<Deps, "db" | "clock" | "log" | "outbox" | "allowsLocalCalendars">;

/** Reads the calendars that are due. One that fails keeps what it gave before, and does not stop the others. */
export async function readDueFeeds(deps: ReadDeps): Promise<void> {
  const due = await deps.db.transaction(grant.system(job), (tx) => listDueFeeds(tx, deps.clock.now(), mostAtOnce));
  await Promise.all(due.map((feed) => readFeed(deps, feed)));
  if (due.length > 0) deps.outbox.wake();
}

async function readFeed(deps: ReadDeps, feed: BusyFeedRow): Promise<void> {
  const { id, doctorId } = feed;
  const nowMs = deps.clock.now();
  const times = { nowMs, nextMs: nextReading(nowMs, Math.random()) };
  const fetched = await fetchCalendar(feed.url, mayBeUnchanged(feed.readMs, nowMs) ? feed : {}, deps.allowsLocalCalendars);
  const system = <T>(run: Parameters<typeof deps.db.transaction<T>>[1]) => deps.db.transaction(grant.system(job), run);
  if (fetched === "unchanged") return system((tx) => noteUnchanged(tx, id, times));
  if (typeof fetched === "string") {
    deps.log.warn({ job, reason: fetched }, "a calendar elsewhere could not be read");
    return system((tx) => noteFault(tx, id, fetched, times));
  }
  const hours = await system((tx) => findHours(tx, doctorId));
  if (!hours) return;
  const blocks = await readBusyTimes(fetched.text, hours.schedule.zone, periodToRead(nowMs));
  if (typeof blocks === "string") {
    deps.log.warn({ job, reason: blocks }, "a calendar elsewhere could not be read");
    return system((tx) => noteFault(tx, id, blocks, times));
  }
  await system(async (tx) => {
    await lockDoctor(tx, doctorId);
    const isChanged = await saveBlocks(tx, { ...feed, ...fetched, ...times, blocks });
    if (isChanged) await publishOpenings(tx, doctorId, nowMs, emitter(tx, { kind: "system", job }, deps.clock));
  });
}
