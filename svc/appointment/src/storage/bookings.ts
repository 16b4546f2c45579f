import { type Database, isExclusionViolation, type Tx } from "@episante/service/db";
import { type Columns, type CommandEnvelope, columnsOf, fitsColumns, type GroupOutcome } from "@episante/service/grouped-action";
import { sql } from "drizzle-orm";
import type { AppointmentRow } from "./appointments.ts";
import { instant } from "./rows.ts";

/** A judged booking as `book_visits` takes it, and `write_plain_visits` when it needs nothing but a free time. */
export interface BookingCommand {
  /** The facts it was judged by (`findFactsVersion`). */
  readonly version: number;
  /** Judged by what else is booked, too: written after looking at the version once more, behind the others of its group. */
  readonly counted: boolean;
  /** The hold whose time the visit gets, or null. */
  readonly hold_id: string | null;
  /** 0 is the doctor's ordinary time; others are for overbooking, which names its reason. */
  readonly lane: number;
  readonly overbooked_reason: string | null;
  /** The doctor's time that is taken; wider than the visit by the reason's buffers. */
  readonly busy_from: string;
  readonly busy_to: string;
  readonly id: string;
  readonly clinic_id: string;
  readonly doctor_id: string;
  readonly patient_id: string;
  readonly reason_id: string;
  readonly starts_at: string;
  readonly ends_at: string;
  readonly zone: string;
  readonly cancel_until: string;
  readonly booked_at: string;
  readonly booked_by: string;
  /** Kinds of room or device of which it takes a free one each; left out when there are none. A held time has its own. */
  readonly resource_types?: readonly string[];
}

/** `taken`: somebody else has (part of) the time. `hold-expired`: the hold is over. */
export type BookingLost = "taken" | "hold-expired";

export interface BookingOutcome extends GroupOutcome<BookingLost> {
  /** The doctor's published openings may have to be worked out again. */
  readonly openingsDue: boolean;
}

/** What is written for a visit. @param bookedBy account id */
export function toCommand(
  visit: AppointmentRow,
  how: {
    bookedBy: string;
    version: number;
    holdId: string | null;
    busyFromMs: number;
    busyToMs: number;
    isCounted?: boolean;
    resourceTypes?: readonly string[];
    /** Beside other visits, and why. */
    overbooked?: { lane: number; reason: string } | undefined;
  },
): BookingCommand {
  const { resourceTypes = [] } = how;
  return {
    version: how.version,
    counted: how.isCounted === true || resourceTypes.length > 0,
    hold_id: how.holdId,
    lane: how.overbooked?.lane ?? 0,
    overbooked_reason: how.overbooked?.reason.toWellFormed() ?? null,
    busy_from: instant(how.busyFromMs),
    busy_to: instant(how.busyToMs),
    id: visit.id,
    clinic_id: visit.clinicId,
    doctor_id: visit.doctorId,
    patient_id: visit.patientId,
    reason_id: visit.reasonId,
    starts_at: instant(visit.startMs),
    ends_at: instant(visit.endMs),
    zone: visit.zone,
    cancel_until: instant(visit.cancelUntilMs),
    booked_at: instant(visit.bookedMs),
    booked_by: how.bookedBy,
    ...(resourceTypes.length > 0 ? { resource_types: resourceTypes } : {}),
  };
}

type Whole = BookingCommand & CommandEnvelope;

/** What `write_plain_visits` takes behind the envelope. */
const fields = {
  id: "text",
  version: "number",
  lane: "number",
  overbooked_reason: "text",
  busy_from: "instant",
  busy_to: "instant",
  clinic_id: "text",
  doctor_id: "text",
  patient_id: "text",
  reason_id: "text",
  starts_at: "instant",
  ends_at: "instant",
  zone: "text",
  cancel_until: "instant",
  booked_at: "instant",
  booked_by: "text",
} as const satisfies Columns<Whole>;

/**
 * Writes bookings, each under its own row-level-security context. Those that need nothing but a free time are written together, in one
 * transaction and one round trip. What that leaves, and the others behind them, take a second one.
 */
export async function writeBookings(db: Database, commands: readonly Whole[]): Promise<BookingOutcome[]> {
  const outcomes = new Map<string, BookingOutcome>();
  for (const { id, is_due } of await writePlain(db, plainOf(commands)))
    outcomes.set(String(id), { outcome: "written", openingsDue: is_due === true });
  const left = commands.filter(({ id }) => !outcomes.has(id));
  if (left.length > 0) {
    const rows = await db.bulk`select id, outcome, told from book_visits(${JSON.stringify(left)}::text::jsonb)`;
    const told = new Map(rows.map((row) => [row.id, row]));
    for (const { id, answer } of left) {
      const row = told.get(id);
      const isReplay = row?.outcome === "replayed";
      outcomes.set(id, {
        // Its own answer: written before, by a call that failed behind that or whose answer was lost.
        outcome: isReplay && row.told === answer ? "written" : (row?.outcome as BookingOutcome["outcome"]),
        // A replay may be of a booking whose answer was lost on the way, and with it that openings are due.
        openingsDue: isReplay || row?.told === "openings-due",
        ...(isReplay ? { answer: String(row.told) } : {}),
      });
    }
  }
  return commands.flatMap(({ id }) => outcomes.get(id) ?? []);
}

/** @returns those that were written. None when the constraint refused one all the same: then all are left, and each has an outcome of its own. */
async function writePlain(db: Database, commands: readonly Whole[]) {
  if (commands.length === 0) return [];
  const given = columnsOf(commands, fields);
  const statement = `select id, is_due from write_plain_visits(${given.map((_, index) => `$${index + 1}`)})`;
  try {
    return await db.bulk.unsafe(statement, given, { prepare: true });
  } catch (error) {
    if (isExclusionViolation(error, "busy_no_overlap")) return [];
    throw error;
  }
}

/** Without a hold, not judged by other bookings, each key once, and of those that want the same time the first. */
function plainOf(commands: readonly Whole[]): Whole[] {
  const keys = new Set<string>();
  const taken = new Map<string, Whole[]>();
  return commands.filter((command) => {
    const whose = `${command.actor} ${command.key}`;
    if (command.hold_id !== null || command.counted || keys.has(whose) || !fitsColumns(command, fields)) return false;
    keys.add(whose);
    const place = `${command.doctor_id} ${command.lane}`;
    const before = taken.get(place) ?? [];
    // Instants of one form compare as text.
    if (before.some((other) => other.busy_from < command.busy_to && command.busy_from < other.busy_to)) return false;
    taken.set(place, [...before, command]);
    return true;
  });
}

/** Version of the facts a doctor's bookings are judged by; moves on in the transaction that changes one of them. Null for an unknown doctor. */
export async function findFactsVersion(tx: Tx, doctorId: string): Promise<number | null> {
  const [row] = await tx.execute(sql`select version from doctors where doctor_id = ${doctorId}`);
  return row ? Number(row.version) : null;
}
