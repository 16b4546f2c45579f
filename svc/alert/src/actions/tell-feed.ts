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

/** A session that follows, with what it may be told of some patients. Its screens are one reader. */
interface Viewer extends Pick<Follower, "caller" | "asWhom"> {
  readonly granted: Grant;
}

/** Who follows, and what each may be told of some patients, decided at one moment. */
export interface Viewers {
  readonly patientIds: ReadonlySet<string>;
  readonly viewers: readonly Viewer[];
}

/** An alert that a transaction changes. */
export interface ChangedAlert {
  readonly alertId: string;
  readonly patientId: string;
}

/** What a transaction tells of its own changes: grants reach no further than these. */
export interface Told extends Pick<Viewers, "viewers"> {
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
  if (followers.length === 0 || patientIds.size === 0 || !deps.relationships.fresh()) return { patientIds, viewers: [] };
  const sessions = [...new Map(followers.map((follower) => [follower.asWhom, follower])).values()];
  const reach = await reachAmongPatients(tx, askersOf(sessions.map(({ caller }) => caller.actor)), nowMs, [...patientIds]);
  const decided = sessions.map(({ caller, asWhom }) => ({ caller, asWhom, granted: feedGrant(reach, caller.actor) }));
  // What belongs to one clinic only is not told as others are told the patient: such a feed reads.
  return { patientIds, viewers: decided.filter(({ granted }) => granted.kind !== "patients" || !granted.inClinic) };
}

/** More alerts than this in one transaction are left to the feed's read after it: the transaction holds the cursor meanwhile. */
const mostTold = 8;

/** What the transaction may tell; nothing when it changes more than was decided about, so that nobody is told a part. */
export function tellable({ patientIds, viewers }: Viewers, changed: readonly ChangedAlert[]): Told | undefined {
  const isDecided = changed.every(({ patientId }) => patientIds.has(patientId));
  if (!isDecided || changed.length === 0 || changed.length > mostTold || viewers.length === 0) return undefined;
  const own = new Set(changed.map(({ patientId }) => patientId));
  const narrowed = viewers.map((viewer) => {
    const ids = viewer.granted.kind === "patients" ? viewer.granted.ids.filter((id) => own.has(id)) : [];
    return { ...viewer, granted: ids.length > 0 ? grant.patients(ids) : grant.public() };
  });
  return { viewers: narrowed, changed };
}

/** The audit records of being told: written by the transaction of the change, as those of a read are by its own. */
export async function recordTold(tx: Tx, deps: Pick<AlertDeps, "service">, { viewers }: Told, nowMs: number): Promise<void> {
  const [callers, grants] = [viewers.map(({ caller }) => caller), viewers.map(({ granted }) => granted)];
  await enqueue(tx, sharedReadRecords({ service: deps.service, code: feedCode, callers, grants, nowMs }));
}

/** What each is told. Call it behind all writes: it reads under the viewers' grants, and the transaction's own context is gone then. */
export async function readTold(tx: Tx, { viewers, changed }: Told, nowMs: number): Promise<FeedPage["alerts"]> {
  const reach = viewers.map(({ granted }) => (granted.kind === "patients" ? granted.ids : []));
  const alertIds = changed.map(({ alertId }) => alertId);
  const rows = await readChangedHere(tx, [...new Set(reach.flat())], alertIds);
  // One object for all who are told it, and so its bytes are made once.
  const alerts = new Map([...rows].map(([patientId, own]) => [patientId, own.map((row) => feedAlert(row, nowMs))]));
  const of = (ids: readonly string[]): FeedAlert[] => ids.flatMap((id) => alerts.get(id) ?? []);
  return new Map(
    viewers.map(({ asWhom }, index) => [asWhom, of(reach[index] ?? []).sort((one, other) => one.alert.cursor - other.alert.cursor)]),
  );
}
