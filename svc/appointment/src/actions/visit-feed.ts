import type { Appointment } from "@episante/contracts/appointment";
import { isRefusal, refuse } from "@episante/contracts/problem";
import { clinicIdsOf } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import { type Caller, defineSharedRead } from "@episante/service/shared-read";
import type { Deps } from "../deps.ts";
import { findChanges } from "../storage/changes.ts";
import { findDoctor } from "../storage/doctors.ts";
import { findVisits, toVisit } from "../storage/visits.ts";
import { findHeld, type HeldTime } from "./list-held.ts";
import { worksAt } from "./viewpoint.ts";

const pollMs = 250;
/** Holds come and go within minutes, and expire without a change in the database: they are looked at this often. */
const heldMs = 1_000;
/** Most changes looked at in one turn, and most that a screen is told when it comes back: with more it reads its lists again. */
const mostChanges = 1_000;

/** Opens a feed: only doctors of the caller's clinics may be followed. */
export const openVisitFeed = defineAction<Deps, { readonly doctorIds?: readonly string[] | undefined }, Record<string, never>>({
  name: "appointment.feed",
  access: async ({ actor, input, tx }) => {
    const clinics = clinicIdsOf(actor, "doctor", "staff");
    for (const doctorId of input.doctorIds ?? []) {
      const doctor = await findDoctor(tx, doctorId);
      if (!doctor || !worksAt(actor, doctor.clinicId)) return refuse("not-found");
    }
    return clinics.length > 0 ? grant.clinics(clinics) : refuse("not-found");
  },
  run: async ({ audit }) => {
    audit({ entity: { type: "feed", id: "appointments" } });
    return {};
  },
});

/** The visits of these ids as the callers may see them: access is decided again for every change, once for all screens. */
const readVisits = defineSharedRead<Deps, { readonly ids: readonly string[] }, { readonly visits: readonly Appointment[] }>({
  name: "appointment.feed",
  access: async ({ actors }) =>
    actors.map((actor) => {
      const clinics = clinicIdsOf(actor, "doctor", "staff");
      return clinics.length > 0 ? grant.clinics([...clinics].sort()) : refuse("not-found");
    }),
  run: async ({ input, tx }) => ({ visits: (await findVisits(tx, input.ids)).map((row) => toVisit(row, true)) }),
});

/** An open agenda screen. */
export interface Screen {
  readonly caller: Caller;
  /** Doctors on the screen; absent: all of the caller's clinics. */
  readonly doctorIds?: ReadonlySet<string> | undefined;
  /** Times of these doctors that somebody is confirming: first all, then all again whenever they changed. */
  readonly hold: (items: readonly HeldTime[]) => void;
  /** @param cursor resumes behind these changes */
  readonly tell: (visits: readonly Appointment[], cursor: number) => void;
  /** After every look that succeeded. */
  readonly beat: (cursor: number) => void;
}

/** A visit is on a screen while its doctor is, and once more when it leaves for a colleague. */
function isOn(screen: Screen, visit: Appointment): boolean {
  const { doctorIds } = screen;
  return !doctorIds || doctorIds.has(visit.doctorId) || (visit.movedFrom !== undefined && doctorIds.has(visit.movedFrom.doctorId));
}

/**
 * Follows the changes of all visits for every open screen of this process: one look each quarter of a second while somebody is there,
 * whichever instance or action made the change.
 */
export class VisitFeed {
  private readonly screens = new Set<Screen>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private cursor: number | null = null;
  /** Changes beyond the cursor that were told already: visit → transaction. */
  private told = new Map<string, number>();
  private heldAt = Number.NEGATIVE_INFINITY;
  /** What each screen was last told is held. */
  private readonly heldTold = new WeakMap<Screen, string>();

  constructor(private readonly deps: Deps) {}

  /** Screens that are open now. */
  count(): number {
    return this.screens.size;
  }

  /** Starts to tell a screen. @returns the function that ends it */
  open(screen: Screen): () => void {
    this.screens.add(screen);
    if (this.screens.size === 1) {
      this.cursor = null;
      this.told.clear();
      this.timer = setTimeout(() => void this.turn(), 0);
    }
    return () => {
      this.screens.delete(screen);
      if (this.screens.size === 0) clearTimeout(this.timer);
    };
  }

  /** What a screen missed since a cursor. @returns null when that is too much, or the cursor is none of ours */
  async missedBy(screen: Screen, since: number): Promise<{ visits: readonly Appointment[]; cursor: number } | null> {
    const now = await findChanges(this.deps.db, since, mostChanges);
    if (since > now.cursor || now.changes.length >= mostChanges) return null;
    const [read] = await readVisits(this.deps, [screen.caller], { ids: now.changes.map(({ id }) => id) });
    if (!read || isRefusal(read)) return null;
    return { visits: read.visits.filter((visit) => isOn(screen, visit)), cursor: now.cursor };
  }

  private async turn(): Promise<void> {
    try {
      await this.look();
    } catch (error) {
      // The cursor stays: the next look tells what this one could not.
      this.deps.log.warn({ err: error }, "changes of visits not read");
    }
    if (this.screens.size > 0) this.timer = setTimeout(() => void this.turn(), pollMs);
  }

  private async look(): Promise<void> {
    const found = await findChanges(this.deps.db, this.cursor, mostChanges);
    const last = found.changes.at(-1);
    // A full page ends within the changes: the next look goes on from its last transaction.
    const cursor = found.changes.length >= mostChanges && last ? Math.min(found.cursor, last.xid) : found.cursor;
    const fresh = found.changes.filter(({ id, xid }) => this.told.get(id) !== xid);
    if (fresh.length > 0)
      await this.tell(
        fresh.map(({ id }) => id),
        cursor,
      );
    this.told = new Map(found.changes.filter(({ xid }) => xid >= cursor).map(({ id, xid }) => [id, xid]));
    this.cursor = cursor;
    for (const screen of [...this.screens]) screen.beat(cursor);
    if (performance.now() - this.heldAt < heldMs) return;
    this.heldAt = performance.now();
    await this.tellHeld();
  }

  /** Held times for screens that name their doctors, in one read for all of them. */
  private async tellHeld(): Promise<void> {
    const screens = [...this.screens];
    const doctorIds = [...new Set(screens.flatMap((screen) => [...(screen.doctorIds ?? [])]))];
    if (doctorIds.length === 0) return;
    const held = await this.deps.db.transaction(grant.public(), (tx) => findHeld(this.deps, tx, doctorIds));
    for (const screen of screens) {
      if (!screen.doctorIds) continue;
      const items = held.filter(({ doctorId }) => screen.doctorIds?.has(doctorId));
      const text = JSON.stringify(items);
      if (this.heldTold.get(screen) === text) continue;
      this.heldTold.set(screen, text);
      screen.hold(items);
    }
  }

  private async tell(ids: readonly string[], cursor: number): Promise<void> {
    const screens = [...this.screens];
    const answers = await readVisits(
      this.deps,
      screens.map(({ caller }) => caller),
      { ids },
    );
    screens.forEach((screen, index) => {
      const read = answers[index];
      if (!read || isRefusal(read)) return;
      const visits = read.visits.filter((visit) => isOn(screen, visit));
      if (visits.length > 0) screen.tell(visits, cursor);
    });
  }
}
