import type { listSlots as endpoint } from "@episante/contracts/appointment";
import type { QueryOf, ResponseOf } from "@episante/contracts/endpoint";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { toInstant } from "@episante/contracts/time";
import { grant, setContext } from "@episante/service/db";
import type { Deps } from "../deps.ts";
import { addDays, dayAt, daysBetween } from "../domain/calendar.ts";
import { furthestDays } from "../domain/rules.ts";
import { freeSlots } from "../domain/slots.ts";
import { listBusy } from "../storage/busy.ts";
import { listResourceTimes } from "../storage/resources.ts";
import { findBookable, needsOf, toSlot } from "./bookable.ts";
import { accountOf, viewOf, worksAt } from "./viewpoint.ts";
import { findVisitorFacts } from "./visitor-facts.ts";

const maxDays = 62;
const dayMs = 86_400_000;

type Input = QueryOf<typeof endpoint>;

/**
 * Bookable times of some days of the doctor's zone, for members of the clinic those they may book. A visitor's own held time counts as free
 * for that visitor.
 * Free times are public and name nobody, so this read leaves no audit record and is not an action.
 */
export async function listSlots(deps: Deps, actor: Actor, input: Input): Promise<ResponseOf<typeof endpoint> | Refusal> {
  const { doctorId, reasonId, from, to } = input;
  const days = daysBetween(from, to);
  if (days < 0) return refuse("invalid-input", { errors: [{ path: "to", message: "lies before `from`" }] });
  if (days > maxDays) return refuse("invalid-input", { errors: [{ path: "to", message: "at most 62 days after `from`" }] });
  const now = deps.clock.now();
  return deps.db.transaction(grant.public(), async (tx) => {
    const bookable = await findBookable(tx, doctorId, reasonId);
    if (isRefusal(bookable)) return bookable;
    const { schedule, reason, clinicId } = bookable;
    const byMember = worksAt(actor, clinicId);
    if (!reason.isOnline && !byMember) return { items: [] };
    const view = viewOf(actor, clinicId);
    if (!isRefusal(view)) await setContext(tx, view);
    const horizonDays = reason.horizonDays ?? schedule.horizonDays;
    const toMs = now + ((byMember ? furthestDays : horizonDays) + 2) * dayMs;
    const accountId = accountOf(actor);
    const period = { startMs: now, endMs: toMs, nowMs: now };
    const [taken, facts, resources] = await Promise.all([
      listBusy(tx, { doctorId, fromMs: now, toMs, nowMs: now, freeForAccountId: accountId }),
      findVisitorFacts(tx, bookable, { ...period, accountId }),
      listResourceTimes(tx, needsOf(bookable), { ...period, own: { accountId, doctorId } }),
    ]);
    const query = { ...bookable, ...facts, resources, nowMs: now, taken, byMember };
    const items = [...freeSlots({ ...query, fromDay: from, toDay: to })].map((slot) => toSlot(slot, schedule.zone));
    const lastDay = addDays(dayAt(schedule.zone, now), horizonDays);
    if (items.length > 0 || to >= lastDay) return { items };
    const next = freeSlots({ ...query, fromDay: addDays(to, 1), toDay: lastDay }).next();
    return { items, ...(next.done ? {} : { nextFreeAt: toInstant(next.value.startMs) }) };
  });
}
