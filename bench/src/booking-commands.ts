import { randomUUID } from "node:crypto";
import { type Columns, columnsOf, fitsColumns } from "@episante/service/grouped-action";
import { type Groups, makeGroups } from "@episante/service/groups";
import { newId } from "@episante/service/ids";
import type postgres from "postgres";

/** A booking as the product sends it to the database: what `write_plain_visits` takes by column, and `book_visits` one by one. */
export type Command = ReturnType<typeof commandFor>;
export interface Outcome {
  readonly outcome: string;
}

const filler = JSON.stringify({ filler: "x".repeat(420) });

/** A judged booking of one patient, with an answer, an event and an audit record of the usual size. */
export function commandFor(time: { doctorId: string; patientId: string; startMs: number; endMs: number }) {
  const nowMs = Date.now();
  const id = newId("apt", nowMs);
  const [startsAt, endsAt] = [new Date(time.startMs).toISOString(), new Date(time.endMs).toISOString()];
  return {
    actor: "acc_1",
    key: randomUUID(),
    action: "appointment.book",
    input_hash: id,
    answer: filler,
    patients: time.patientId,
    clinics: "",
    messages: [
      { id: newId("evt", nowMs), type: "appointment.booked", subject: "events.appointment.booked.v1", payload: filler },
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
    booked_at: new Date(nowMs).toISOString(),
    booked_by: "acc_1",
  };
}

/** As svc/appointment's `writeBookings`: what `write_plain_visits` takes behind the envelope. */
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
} as const satisfies Columns<Command>;

/** As there: of those that want the same time only the first, and each key once. */
function plainOf(commands: readonly Command[]): Command[] {
  const keys = new Set<string>();
  const taken = new Map<string, Command[]>();
  return commands.filter((command) => {
    const whose = `${command.actor} ${command.key}`;
    if (command.hold_id !== null || command.counted || keys.has(whose) || !fitsColumns(command, fields)) return false;
    keys.add(whose);
    const place = `${command.doctor_id} ${command.lane}`;
    const before = taken.get(place) ?? [];
    if (before.some((other) => other.busy_from < command.busy_to && command.busy_from < other.busy_to)) return false;
    taken.set(place, [...before, command]);
    return true;
  });
}

/**
 * One process's committer, as svc/appointment has it: the same grouping, the same functions of the database (`writeBookings`).
 * @param atMost commands of one group; the product's own bound without it
 * @param onWritten told the size of every group
 */
export function committerOn(
  sql: postgres.Sql,
  options: { atMost?: number; onError?: (error: unknown) => void; onWritten?: (size: number) => void } = {},
): Groups<Command, Outcome> {
  const { onError, ...bounds } = options;
  return makeGroups<Command, Outcome>({
    ...bounds,
    ownerOf: ({ doctor_id: doctorId }) => doctorId,
    write: async (commands) => {
      try {
        const given = columnsOf(plainOf(commands), fields);
        const statement = `select id from write_plain_visits(${given.map((_, index) => `$${index + 1}`)})`;
        const outcomes = new Map((await sql.unsafe(statement, given, { prepare: true })).map((row) => [row.id, "written"]));
        const left = commands.filter(({ id }) => !outcomes.has(id));
        if (left.length > 0) {
          for (const row of await sql`select id, outcome, told from book_visits(${JSON.stringify(left)}::text::jsonb)`)
            outcomes.set(row.id, String(row.outcome));
        }
        return commands.map(({ id }) => ({ outcome: outcomes.get(id) ?? "none" }));
      } catch (error) {
        onError?.(error);
        throw error;
      }
    },
  });
}
