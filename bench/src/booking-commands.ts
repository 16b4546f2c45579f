import { randomUUID } from "node:crypto";
import { type Groups, makeGroups } from "@episante/service/groups";
import type postgres from "postgres";

/** A booking as the product sends it to the database: one element of what `book_visits` takes. */
export type Command = ReturnType<typeof commandFor>;
export interface Outcome {
  readonly outcome: string;
}

const filler = JSON.stringify({ filler: "x".repeat(420) });

/** A judged booking of one patient, with an answer, an event and an audit record of the usual size. */
export function commandFor(time: { doctorId: string; patientId: string; startMs: number; endMs: number }) {
  const [id, startsAt, endsAt] = [`apt_${randomUUID()}`, new Date(time.startMs).toISOString(), new Date(time.endMs).toISOString()];
  return {
    actor: "acc_1",
    key: randomUUID(),
    action: "appointment.book",
    input_hash: id,
    answer: filler,
    patients: time.patientId,
    clinics: "",
    messages: [
      { id: `evt_${id}`, type: "appointment.booked", subject: "events.appointment.booked.v1", payload: filler },
      { id: `aud_${id}`, type: "audit", subject: "audit.appointment", payload: filler },
    ],
    version: 0,
    counted: false,
    hold_id: null,
    lane: 0,
    overbooked_reason: null,
    busy_from: startsAt,
    busy_to: endsAt,
    id,
    clinic_id: "cli_1",
    doctor_id: time.doctorId,
    patient_id: time.patientId,
    reason_id: "rea_1",
    starts_at: startsAt,
    ends_at: endsAt,
    zone: "Europe/Paris",
    cancel_until: startsAt,
    booked_at: new Date().toISOString(),
    booked_by: "acc_1",
  };
}

/**
 * One process's committer, as svc/appointment has it: the same grouping, the same function of the database (`writeBookings`).
 * @param atMost commands of one group; the product's own bound without it
 */
export function committerOn(
  sql: postgres.Sql,
  { atMost, onError }: { atMost?: number; onError?: (error: unknown) => void } = {},
): Groups<Command, Outcome> {
  return makeGroups<Command, Outcome>({
    ...(atMost === undefined ? {} : { atMost }),
    write: async (commands) => {
      try {
        const rows = await sql`select id, outcome, told from book_visits(${JSON.stringify(commands)}::text::jsonb)`;
        const byId = new Map(rows.map((row) => [row.id, String(row.outcome)]));
        return commands.map(({ id }) => ({ outcome: byId.get(id) ?? "none" }));
      } catch (error) {
        onError?.(error);
        throw error;
      }
    },
  });
}
