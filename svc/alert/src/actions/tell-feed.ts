import { type Grant, grant, type Tx } from "@episante/service/db";
import { enqueue } from "@episante/service/outbox";
import { sharedReadRecords } from "@episante/service/shared-read";
import type { AlertDeps } from "../deps.ts";
import { readChangedHere } from "../storage/alerts.ts";
import { reachAmongPatients } from "../storage/reach.ts";
import type { FeedPage, Follower } from "./feed-hub.ts";
import { askersOf, feedGrant } from "./grant-patient.ts";
import { type FeedAlert, feedAlert } from "./present-alerts.ts";
import { feedCode } from "./read-feed.ts";

/** Followers with what each may be told of some patients, decided at one moment. */
export interface Viewers {
  readonly patientIds: ReadonlySet<string>;
  readonly followers: readonly Follower[];
  /** One for each follower. */
  readonly grants: readonly Grant[];
}

/** An alert that a transaction changes. */
export interface ChangedAlert {
  readonly alertId: string;
  readonly patientId: string;
}

/** What a transaction tells of its own changes: `grants` reach no further than these. */
export interface Told extends Omit<Viewers, "patientIds"> {
  readonly changed: readonly ChangedAlert[];
}

/**
 * Decides for followers, as the feed's read would, what they may be told of these patients: for the transaction that changes the patients'
 * alerts. @returns nobody while the mirror of relationships is stale: then the read refuses, and says so
 */
export async function viewersOf(
  tx: Tx,
  deps: Pick<AlertDeps, "relationships">,
  followers: readonly Follower[],
  patientIds: ReadonlySet<string>,
  nowMs: number,
): Promise<Viewers> {
  if (followers.length === 0 || patientIds.size === 0 || !deps.relationships.fresh()) return { patientIds, followers: [], grants: [] };
  const actors = followers.map(({ caller }) => caller.actor);
  const reach = await reachAmongPatients(tx, askersOf(actors), nowMs, [...patientIds]);
  const decided = followers.map((follower) => ({ follower, granted: feedGrant(reach, follower.caller.actor) }));
  // What belongs to one clinic only is not told as others are told the patient: such a feed reads.
  const told = decided.filter(({ granted }) => granted.kind !== "patients" || !granted.inClinic);
  return { patientIds, followers: told.map(({ follower }) => follower), grants: told.map(({ granted }) => granted) };
}

/** More alerts than this in one transaction are left to the feed's read after it: the transaction holds the cursor meanwhile. */
const mostTold = 8;

/** What the transaction may tell; nothing when it changes more than was decided about, so that nobody is told a part. */
export function tellable({ patientIds, followers, grants }: Viewers, changed: readonly ChangedAlert[]): Told | undefined {
  const isDecided = changed.every(({ patientId }) => patientIds.has(patientId));
  if (!isDecided || changed.length === 0 || changed.length > mostTold || followers.length === 0) return undefined;
  const own = new Set(changed.map(({ patientId }) => patientId));
  const narrowed = grants.map((granted) => {
    const ids = granted.kind === "patients" ? granted.ids.filter((id) => own.has(id)) : [];
    return ids.length > 0 ? grant.patients(ids) : grant.public();
  });
  return { followers, grants: narrowed, changed };
}

/** The audit records of being told: written by the transaction of the change, as those of a read are by its own. */
export async function recordTold(tx: Tx, deps: Pick<AlertDeps, "service">, { followers, grants }: Told, nowMs: number): Promise<void> {
  const callers = followers.map(({ caller }) => caller);
  await enqueue(tx, sharedReadRecords({ service: deps.service, code: feedCode, callers, grants, nowMs }));
}

/** What each follower is told. Call it behind all writes: it reads under the followers' grants, and the transaction's own context is gone then. */
export async function readTold(tx: Tx, { followers, grants, changed }: Told, nowMs: number): Promise<FeedPage["alerts"]> {
  const reach = grants.map((granted) => (granted.kind === "patients" ? granted.ids : []));
  const alertIds = changed.map(({ alertId }) => alertId);
  const rows = await readChangedHere(tx, [...new Set(reach.flat())], alertIds);
  // One object for all who are told it, and so its bytes are made once.
  const alerts = new Map([...rows].map(([patientId, own]) => [patientId, own.map((row) => feedAlert(row, nowMs))]));
  const of = (ids: readonly string[]): FeedAlert[] => ids.flatMap((id) => alerts.get(id) ?? []);
  return new Map(
    followers.map((follower, index) => [follower, of(reach[index] ?? []).sort((one, other) => one.alert.cursor - other.alert.cursor)]),
  );
}
