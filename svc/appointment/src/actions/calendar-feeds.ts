import { createHash, randomBytes } from "node:crypto";
import type { Appointment } from "@episante/contracts/appointment";
import type { CalendarFeed, createFeed as createEndpoint } from "@episante/contracts/calendar-feed";
import type { BodyOf, ResponseOf } from "@episante/contracts/endpoint";
import { type Refusal, refuse } from "@episante/contracts/problem";
import { type Actor, doctorIdsOf } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import { type Grant, grant, setContext, type Tx } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import type { Deps } from "../deps.ts";
import { feedFrom, isInFeed } from "../domain/feed.ts";
import { findClinic } from "../storage/doctors.ts";
import { addFeed, endFeed, type FeedRow, findFeed, findFeedOwner, listFeedsOf, noteFeedRead, toFeed } from "../storage/feeds.ts";
import { findVisit, listVisits, toVisit } from "../storage/visits.ts";
import { type CalendarPlace, icsOf } from "./appointment-ics.ts";
import { accountOf } from "./viewpoint.ts";
import { accessVisit } from "./visit-access.ts";

const mostFeeds = 10;
/** A doctor's busiest year; what lies beyond comes into the feed as time goes by. */
const mostVisits = 5_000;

/** What is stored of a token. */
const hashOf = (token: string) => createHash("sha256").update(token).digest("hex");

/** One visit as a calendar file, for who may see the visit. */
export const showCalendarFile = defineAction<Deps, { readonly id: string }, string>({
  name: "appointment.calendar-file",
  access: accessVisit,
  run: async ({ input, tx, now, audit }) => {
    const row = await findVisit(tx, input.id);
    if (!row) return refuse("not-found");
    audit({ patientIds: [row.patientId], entity: { type: "appointment", id: row.id } });
    return icsOf(toVisit(row, false), await findClinic(tx, row.clinicId), now);
  },
});

/** An account may have feeds of both kinds, which no single patient or clinic covers: rows are chosen by the account itself. They hold no visit. */
function accessOwn({ actor }: { readonly actor: Actor }): Grant | Refusal {
  return actor.kind === "user" ? grant.system("appointment.own-calendars") : refuse("not-found");
}

type Create = BodyOf<typeof createEndpoint>;
/** The membership a doctor's feed is for, or null when it is nobody's or not said which. */
function doctorMeant(actor: Actor, wanted: string | undefined): { doctorId: string; clinicId: string } | null {
  if (actor.kind !== "user") return null;
  const own = actor.memberships.flatMap(({ doctorId, clinicId }) => (doctorId ? [{ doctorId, clinicId }] : []));
  const meant = own.filter(({ doctorId }) => wanted === undefined || doctorId === wanted);
  return meant.length === 1 ? (meant[0] ?? null) : null;
}

/** Makes a private calendar address. The token leaves here and is not kept. */
export const createFeed = defineAction<Deps, Create, ResponseOf<typeof createEndpoint>>({
  name: "appointment.create-calendar",
  access: ({ actor, input }) => {
    if (actor.kind !== "user") return refuse("not-found");
    if (input.kind === "patient") {
      if (input.doctorId) return refuse("invalid-input", { errors: [{ path: "doctorId", message: "belongs to kind `doctor`" }] });
      return actor.patientId ? grant.patients([actor.patientId]) : refuse("not-found");
    }
    const meant = doctorMeant(actor, input.doctorId);
    if (meant) return grant.clinics([meant.clinicId]);
    const isUnclear = input.doctorId === undefined && doctorIdsOf(actor).length > 1;
    return isUnclear
      ? refuse("invalid-input", { errors: [{ path: "doctorId", message: "name one of your doctor ids" }] })
      : refuse("not-found");
  },
  run: async ({ actor, input, tx, now, audit }) => {
    const accountId = accountOf(actor);
    if ((await listFeedsOf(tx, accountId)).length >= mostFeeds) return refuse("wrong-state", { detail: `At most ${mostFeeds} at once` });
    const token = randomBytes(32).toString("base64url");
    const meant = input.kind === "doctor" ? doctorMeant(actor, input.doctorId) : null;
    const row: FeedRow = {
      id: newId("cal", now),
      kind: input.kind,
      patientId: input.kind === "patient" && actor.kind === "user" ? (actor.patientId ?? null) : null,
      doctorId: meant?.doctorId ?? null,
      details: input.details ?? false,
      locale: input.locale ?? "fr",
      createdMs: now,
      lastReadOn: null,
    };
    await addFeed(tx, { ...row, tokenHash: hashOf(token), accountId, clinicId: meant?.clinicId ?? null });
    audit({ entity: { type: "calendar", id: row.id } });
    return { ...toFeed(row), url: `/api/appointments/feeds/${token}.ics` };
  },
});

/** The account's own addresses, without their tokens. */
export const listFeeds = defineAction<Deps, Record<string, never>, { items: CalendarFeed[] }>({
  name: "appointment.list-calendars",
  access: accessOwn,
  run: async ({ actor, tx }) => ({ items: (await listFeedsOf(tx, accountOf(actor))).map(toFeed) }),
});

/** Ends an own address. */
export const revokeFeed = defineAction<Deps, { readonly id: string }, undefined>({
  name: "appointment.revoke-calendar",
  access: accessOwn,
  run: async ({ actor, input, tx, now, audit }) => {
    audit({ entity: { type: "calendar", id: input.id } });
    return (await endFeed(tx, input.id, accountOf(actor), now)) ? undefined : refuse("not-found");
  },
});

/** What a calendar program is given, before names are added. */
export interface FeedContent {
  readonly feed: CalendarFeed;
  readonly visits: readonly { readonly visit: Appointment; readonly place: CalendarPlace | null }[];
}

/**
 * What stands in a private calendar now. Whoever knows the token may read it, so the access decision is the token's, made in `run`: calendars
 * ask many times a day, and only the first reading of each day leaves an audit record.
 */
export const readFeed = defineAction<Deps, { readonly token: string }, FeedContent>({
  name: "appointment.read-calendar",
  access: () => grant.public(),
  run: async ({ input, tx, now, audit }) => {
    const owner = await findFeedOwner(tx, hashOf(input.token));
    if (!owner) return refuse("not-found");
    await setContext(tx, owner.patientId ? grant.patients([owner.patientId]) : grant.clinics([owner.clinicId ?? ""]));
    const row = await findFeed(tx, owner.id);
    if (!row) return refuse("not-found");
    if (await noteFeedRead(tx, row.id, now)) {
      audit({
        patientIds: row.patientId ? [row.patientId] : [],
        clinicIds: owner.clinicId ? [owner.clinicId] : [],
        entity: { type: "calendar", id: row.id },
      });
    }
    const found = await listVisits(tx, {
      fromMs: feedFrom(now),
      ...(row.patientId ? { patientId: row.patientId } : { doctorId: row.doctorId ?? "" }),
      limit: mostVisits,
    });
    const shown = found.filter((visit) => isInFeed(visit, now));
    const places = await placesOf(
      tx,
      shown.map(({ clinicId }) => clinicId),
    );
    return {
      feed: toFeed(row),
      visits: shown.map((visit) => ({ visit: toVisit(visit, false), place: places.get(visit.clinicId) ?? null })),
    };
  },
});

async function placesOf(tx: Tx, clinicIds: readonly string[]): Promise<Map<string, CalendarPlace>> {
  const places = new Map<string, CalendarPlace>();
  for (const clinicId of new Set(clinicIds)) {
    const clinic = await findClinic(tx, clinicId);
    if (clinic) places.set(clinicId, clinic);
  }
  return places;
}
