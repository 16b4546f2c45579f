import type { Database, Tx } from "@episante/service/db";
import type { CommandEnvelope, GroupOutcome } from "@episante/service/grouped-action";
import { sql } from "drizzle-orm";
import type { AppointmentRow } from "./appointments.ts";
import { instant } from "./rows.ts";

/** A judged booking as `book_visits` takes it. */
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

/** Writes bookings in one transaction, each under its own row-level-security context: one call, one round trip. */
export async function writeBookings(db: Database, commands: readonly (BookingCommand & CommandEnvelope)[]): Promise<BookingOutcome[]> {
  const rows = await db.bulk`select id, outcome, told from book_visits(${JSON.stringify(commands)}::text::jsonb)`;
  const byId = new Map(rows.map((row) => [row.id, row]));
  return commands.map(({ id }) => {
    const { outcome, told } = byId.get(id) ?? {};
    return {
      outcome: outcome as BookingOutcome["outcome"],
      // A replay may be of a booking whose answer was lost on the way, and with it that openings are due.
      openingsDue: told === "openings-due" || outcome === "replayed",
      ...(outcome === "replayed" ? { answer: String(told) } : {}),
    };
  });
}

/** Version of the facts a doctor's bookings are judged by; moves on in the transaction that changes one of them. Null for an unknown doctor. */
export async function findFactsVersion(tx: Tx, doctorId: string): Promise<number | null> {
  const [row] = await tx.execute(sql`select version from doctors where doctor_id = ${doctorId}`);
  return row ? Number(row.version) : null;
}
