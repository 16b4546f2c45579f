import type { listSlots as endpoint } from "@episante/contracts/appointment";
import type { QueryOf, ResponseOf } from "@episante/contracts/endpoint";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { toInstant } from "@episante/contracts/time";
import { grant } from "@episante/service/db";
import type { Deps } from "../deps.ts";
import { addDays, dayAt, daysBetween, type Interval } from "../domain/calendar.ts";
import { instantWriter } from "../domain/instant-text.ts";
import type { Question } from "../domain/rules.ts";
import { freeSlots } from "../domain/slots.ts";
import { type DoctorTime, listOwnHolds, readDoctorTime } from "../storage/doctor-time.ts";
import { listResourceTimes } from "../storage/resources.ts";
import { type Bookable, bookableOf, needsOf } from "./bookable.ts";
import { offersOf } from "./offers.ts";
import { accountOf, viewOf, worksAt } from "./viewpoint.ts";
import { asksForVisitor, findVisitorFacts } from "./visitor-facts.ts";

const maxDays = 62;
const dayMs = 86_400_000;

type Input = QueryOf<typeof endpoint>;
/**
 * Bookable times of some days of the doctor's zone, for members of the clinic those they may book. A visitor's own held time counts as free
 * for that visitor.
 * Free times are public and name nobody, so this read leaves no audit record and is not an action.
 */
export type ListSlots = (actor: Actor, input: Input) => Promise<ResponseOf<typeof endpoint> | Refusal>;

/**
 * Makes the verb that lists bookable times: the doctor's facts are in memory by version, so that mostly one statement is sent, which tells
 * the version they have now and what is taken.
 */
export function makeListSlots(deps: Deps): ListSlots {
  const offers = offersOf(deps);
  return async (actor, { doctorId, reasonId, from, to }) => {
    const days = daysBetween(from, to);
    if (days < 0) return refuse("invalid-input", { errors: [{ path: "to", message: "lies before `from`" }] });
    if (days > maxDays) return refuse("invalid-input", { errors: [{ path: "to", message: "at most 62 days after `from`" }] });
    const nowMs = deps.clock.now();
    const read = (period: Interval) => readDoctorTime(deps.db.drizzle, { ...period, doctorId, nowMs });
    const asked = periodOf(from, to, nowMs);
    const [known, time] = await Promise.all([offers.find(doctorId, reasonId, { isFresh: false }), read(asked)]);
    const isOld = known !== null && known.version !== time.version;
    const bookable = bookableOf(isOld ? await offers.find(doctorId, reasonId, { isFresh: true }) : known);
    if (isRefusal(bookable)) return bookable;
    const { schedule, reason, clinicId } = bookable;
    const byMember = worksAt(actor, clinicId);
    if (!reason.isOnline && !byMember) return { items: [] };
    const facts = await findFacts(deps, actor, bookable, { ...asked, nowMs }, time);
    const { zone } = schedule;
    const write = instantWriter();
    const items: ResponseOf<typeof endpoint>["items"] = [];
    for (const { startMs, endMs } of freeSlots({ ...bookable, ...facts, nowMs, byMember, fromDay: from, toDay: to })) {
      items.push({ start: write(startMs), end: write(endMs), zone });
    }
    const lastDay = addDays(dayAt(zone, nowMs), reason.horizonDays ?? schedule.horizonDays);
    if (items.length > 0 || to >= lastDay) return { items };
    const fromDay = addDays(to, 1);
    const behind = periodOf(fromDay, lastDay, nowMs);
    const later = await findFacts(deps, actor, bookable, { ...behind, nowMs }, await read(behind));
    const next = freeSlots({ ...bookable, ...later, nowMs, byMember, fromDay, toDay: lastDay }).next();
    return { items, ...(next.done ? {} : { nextFreeAt: toInstant(next.value.startMs) }) };
  };
}

/** Instants that visits on these days may touch with their buffers, in whatever zone; nothing long past. */
function periodOf(from: string, to: string, nowMs: number): Interval {
  const startMs = Math.max(Date.parse(`${from}T00:00:00Z`), nowMs) - dayMs;
  return { startMs, endMs: Math.max(startMs, Date.parse(`${to}T00:00:00Z`) + 3 * dayMs) };
}

/** What is taken for the actor, and what else the reason asks for: read only where there is something to ask. */
async function findFacts(
  deps: Deps,
  actor: Actor,
  bookable: Bookable,
  period: Interval & { nowMs: number },
  { taken }: DoctorTime,
): Promise<Pick<Question, "taken" | "sameReasonStarts" | "visitor" | "resources">> {
  const { doctorId, clinicId, reason } = bookable;
  const accountId = accountOf(actor);
  const mayBeOwn = accountId !== "" && taken.some(({ holdId }) => holdId !== undefined);
  const needs = needsOf(bookable);
  if (!mayBeOwn && !asksForVisitor(reason) && needs.types.length === 0) return { taken };
  const view = viewOf(actor, clinicId);
  return deps.db.transaction(isRefusal(view) ? grant.public() : view, async (tx) => {
    const [own, facts, resources] = await Promise.all([
      mayBeOwn ? listOwnHolds(tx, accountId, doctorId) : new Set<string>(),
      findVisitorFacts(tx, bookable, { ...period, accountId }),
      listResourceTimes(tx, needs, { ...period, own: { accountId, doctorId } }),
    ]);
    return { ...facts, resources, taken: taken.filter(({ holdId }) => holdId === undefined || !own.has(holdId)) };
  });
}
