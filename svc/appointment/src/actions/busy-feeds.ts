import type { addBusyFeed as addEndpoint, BusyFeed, listBusyTimes as timesEndpoint } from "@episante/contracts/busy-feed";
import type { BodyOf, QueryOf, ResponseOf } from "@episante/contracts/endpoint";
import type { DoctorId, PatientId } from "@episante/contracts/ids";
import { isRefusal, refuse } from "@episante/contracts/problem";
import { clinicIdsOf } from "@episante/contracts/session";
import { toInstant } from "@episante/contracts/time";
import { defineAction } from "@episante/service/action";
import type { AuditNote } from "@episante/service/audit";
import { grant, type Tx } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import type { Deps } from "../deps.ts";
import { calendarUrl, mostFeeds } from "../domain/busy-feed.ts";
import { overlaps } from "../domain/calendar.ts";
import { addBusyFeed, type BusyFeedRow, findBusyFeed, listBlocks, listBusyFeeds, removeBusyFeed } from "../storage/busy-feeds.ts";
import { findDoctor, lockDoctor } from "../storage/doctors.ts";
import { listComingVisits } from "../storage/taken.ts";
import { accessHours } from "./keep-schedule.ts";
import { publishOpenings } from "./publish-openings.ts";
import { accountOf, worksAt } from "./viewpoint.ts";

const mostVisits = 50;
const mostDays = 62;
const dayMs = 86_400_000;

/** Calendars as members see them: host, state, and the visits that lie in their times. */
async function toFeeds(tx: Tx, rows: readonly BusyFeedRow[], nowMs: number, audit: (note: AuditNote) => void): Promise<BusyFeed[]> {
  const [first] = rows;
  const coming = first ? await listComingVisits(tx, first.doctorId, nowMs) : [];
  return rows.map((row) => {
    const blocks = row.blocks.filter(({ endMs }) => endMs > nowMs);
    const visits = coming.filter((visit) => blocks.some((block) => overlaps(block, visit))).slice(0, mostVisits);
    if (visits.length > 0) audit({ patientIds: visits.map(({ patientId }) => patientId) });
    return {
      id: row.id,
      doctorId: row.doctorId,
      host: new URL(row.url).host,
      createdAt: toInstant(row.createdMs),
      ...(row.triedMs === null ? {} : { triedAt: toInstant(row.triedMs) }),
      ...(row.answeredMs === null ? {} : { answeredAt: toInstant(row.answeredMs) }),
      ...(row.fault === null ? {} : { fault: row.fault }),
      blocks: blocks.length,
      visits: visits.map(({ id, patientId, startMs, endMs }) => ({
        id: id as BusyFeed["visits"][number]["id"],
        patientId: patientId as PatientId,
        start: toInstant(startMs),
        end: toInstant(endMs),
      })),
    };
  });
}

/** Takes a doctor's busy times from a calendar elsewhere. It is read by the job, soon: nobody waits for a host out there. */
export const addFeed = defineAction<Deps, BodyOf<typeof addEndpoint>, BusyFeed>({
  name: "appointment.add-busy-feed",
  access: accessHours,
  run: async ({ actor, input: { doctorId, url }, deps, tx, now, grant: granted, audit }) => {
    const target = calendarUrl(url, deps.allowsLocalCalendars === true);
    if (!target)
      return refuse("invalid-input", { errors: [{ path: "url", message: "an https or webcal address without a name and password" }] });
    await lockDoctor(tx, doctorId);
    const known = await listBusyFeeds(tx, doctorId);
    if (known.some((one) => one.url === target.href)) return refuse("wrong-state", { detail: "This calendar is read already." });
    if (known.length >= mostFeeds) return refuse("wrong-state", { detail: `At most ${mostFeeds} calendars for a doctor.` });
    const id = newId("bsy", now);
    const clinicId = (granted.kind === "clinics" ? granted.ids[0] : undefined) ?? "";
    await addBusyFeed(tx, { id, clinicId, doctorId, url: target.href, accountId: accountOf(actor), nowMs: now });
    audit({ entity: { type: "busy-feed", id } });
    const [feed] = await toFeeds(
      tx,
      (await listBusyFeeds(tx, doctorId)).filter((one) => one.id === id),
      now,
      audit,
    );
    return feed ?? refuse("not-found");
  },
});

/** A doctor's calendars elsewhere, and how their last reading went. */
export const showFeeds = defineAction<Deps, { readonly doctorId: DoctorId }, { items: BusyFeed[] }>({
  name: "appointment.list-busy-feeds",
  access: accessHours,
  run: async ({ input: { doctorId }, tx, now, audit }) => ({ items: await toFeeds(tx, await listBusyFeeds(tx, doctorId), now, audit) }),
});

/** Reads a calendar no more; its times are free again. */
export const removeFeed = defineAction<Deps, { readonly id: string }, undefined>({
  name: "appointment.remove-busy-feed",
  // The calendars of the own clinics can be seen; whether this one is among those one may change is known once it is found.
  access: ({ actor }) => {
    const clinics = clinicIdsOf(actor, "doctor", "staff");
    return clinics.length > 0 ? grant.clinics(clinics) : refuse("not-found");
  },
  run: async ({ actor, input: { id }, tx, now, emit, audit }) => {
    const feed = await findBusyFeed(tx, id);
    const view = feed ? await accessHours({ actor, input: feed, tx }) : refuse("not-found");
    if (!feed || isRefusal(view)) return refuse("not-found");
    audit({ entity: { type: "busy-feed", id } });
    await lockDoctor(tx, feed.doctorId);
    await removeBusyFeed(tx, id);
    await publishOpenings(tx, feed.doctorId, now, emit);
    return undefined;
  },
});

/** When doctors are busy elsewhere, for the agenda of members of their clinics. Names nothing and nobody. */
export const showBusyTimes = defineAction<Deps, QueryOf<typeof timesEndpoint>, ResponseOf<typeof timesEndpoint>>({
  name: "appointment.busy-times",
  access: async ({ actor, input, tx }) => {
    for (const doctorId of input.doctorIds.split(",")) {
      const doctor = await findDoctor(tx, doctorId);
      if (!doctor || !worksAt(actor, doctor.clinicId)) return refuse("not-found");
    }
    return grant.public();
  },
  run: async ({ input: { doctorIds, from, to }, tx }) => {
    const period = { startMs: Date.parse(from), endMs: Date.parse(to) };
    if (period.endMs < period.startMs) return refuse("invalid-input", { errors: [{ path: "to", message: "lies before `from`" }] });
    if (period.endMs - period.startMs > mostDays * dayMs)
      return refuse("invalid-input", { errors: [{ path: "to", message: `at most ${mostDays} days after \`from\`` }] });
    const blocks = await listBlocks(tx, doctorIds.split(","), period);
    return {
      items: blocks.map(({ doctorId, startMs, endMs }) => ({
        doctorId: doctorId as DoctorId,
        start: toInstant(startMs),
        end: toInstant(endMs),
      })),
    };
  },
});
