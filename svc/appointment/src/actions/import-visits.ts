import type { BodyOf, ResponseOf } from "@episante/contracts/endpoint";
import type { AppointmentId, ClinicId, DoctorId, PatientId, ReasonId } from "@episante/contracts/ids";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { toInstant } from "@episante/contracts/time";
import {
  type importVisits as endpoint,
  mostImportRows,
  mostReferences,
  patientReferences,
  type TransferFault,
  transferFault,
} from "@episante/contracts/transfer";
import { type ActionMeta, defineAction } from "@episante/service/action";
import { readTable, type TableRow } from "@episante/service/csv";
import { newId } from "@episante/service/ids";
import type { Emit } from "@episante/service/outbox";
import type { Deps } from "../deps.ts";
import type { ClinicDirectory } from "../domain/directory.ts";
import { readVisits, visitTable } from "../domain/visit-import.ts";
import { lockDoctors } from "../storage/moves.ts";
import { lockResources } from "../storage/resources.ts";
import { findKnownRows, keepIf, type LostTime, type NewVisit, takeTimes, writeVisits } from "../storage/visit-imports.ts";
import { accessClinic } from "./clinic-access.ts";
import { forgetMissers } from "./no-show-gate.ts";
import { publishOpenings } from "./publish-openings.ts";
import { readDirectory } from "./read-directory.ts";
import { accountOf } from "./viewpoint.ts";

type Answer = ResponseOf<typeof endpoint>;
type Row = TableRow<keyof typeof visitTable>;

interface Input {
  readonly clinicId: ClinicId;
  readonly dryRun: boolean;
  readonly rows: readonly Row[];
  readonly directory: ClinicDirectory;
  /** Ids by what the rows call the patients. */
  readonly patients: ReadonlyMap<string, string>;
}

/** Writes the visits of a CSV file, all of them or none. A dry run takes the same times and gives them back, so it tells what would happen. */
export async function importVisits(
  deps: Deps,
  actor: Actor,
  { clinicId, text, dryRun }: BodyOf<typeof endpoint>,
  meta: ActionMeta,
): Promise<Answer | Refusal> {
  const directory = await readDirectory(deps, actor, { clinicId }, meta);
  if (isRefusal(directory)) return directory;
  const table = readTable(text, visitTable, mostImportRows);
  if (table.faults.length > 0) return { imported: false, rows: [], ignored: [], faults: table.faults.map(transferFault) };
  const patients = await findPatients(deps, clinicId, table.rows);
  if (isRefusal(patients)) return patients;
  const answer = await write(deps, actor, { clinicId, dryRun, rows: table.rows, directory, patients }, meta);
  forgetMissers(deps);
  return isRefusal(answer) ? answer : { ...answer, ignored: table.ignored };
}

const longestReference = 100;

async function findPatients(deps: Deps, clinicId: ClinicId, rows: readonly Row[]): Promise<ReadonlyMap<string, string> | Refusal> {
  const named = new Set(rows.map(({ cells }) => cells.patient));
  const references = [...named].filter((reference) => reference !== "" && reference.length <= longestReference);
  const patients = new Map<string, string>();
  for (let from = 0; from < references.length; from += mostReferences) {
    const answer = await deps.callInternal?.(patientReferences, {
      body: { clinicId, references: references.slice(from, from + mostReferences) },
    });
    if (!answer || isRefusal(answer)) return answer ?? refuse("upstream-unreachable");
    for (const { reference, patientId } of answer.items) patients.set(reference, patientId);
  }
  return patients;
}

const write = defineAction<Deps, Input, Omit<Answer, "ignored">>({
  name: "appointment.import-visits",
  access: accessClinic("staff", "admin"),
  run: async ({ actor, input: { clinicId, dryRun, directory, ...input }, tx, now, emit, audit }) => {
    const { visits, faults } = readVisits(input.rows, directory, input.patients, now);
    const written: NewVisit[] = [];
    let [known, lost]: [ReadonlySet<number>, readonly LostTime[]] = [new Set(), []];
    const wanted = visits.map((visit) => ({ ...visit, id: newId("apt", now) }));
    const doctorIds = [...new Set(wanted.map(({ doctorId }) => doctorId))];
    if (wanted.length > 0)
      await keepIf(tx, async (inner) => {
        await lockDoctors(inner, doctorIds);
        known = await findKnownRows(inner, wanted);
        const fresh = wanted.filter(({ row }) => !known.has(row));
        await lockResources(inner, { clinicId, types: fresh.flatMap(({ resourceTypes }) => resourceTypes) });
        lost = await takeTimes(inner, clinicId, fresh, now);
        if (dryRun || faults.length > 0 || lost.length > 0) return false;
        await writeVisits(inner, fresh, { clinicId, zone: directory.zone, accountId: accountOf(actor), nowMs: now });
        for (const doctorId of doctorIds) await publishOpenings(inner, doctorId, now, emit);
        written.push(...fresh);
        return true;
      });
    const allFaults = [...faults, ...faultsOf(lost, wanted)].sort((a, b) => a.row - b.row);
    const imported = !dryRun && allFaults.length === 0;
    for (const visit of written) await tell(emit, clinicId, visit, now);
    audit({ patientIds: [...input.patients.values()], entity: { type: "import", id: imported ? "stored" : "dry-run" } });
    return {
      imported,
      faults: allFaults,
      rows: visits.map(({ row }) => ({ row, change: known.has(row) ? ("known" as const) : ("new" as const) })),
    };
  },
});

function faultsOf(lost: readonly LostTime[], wanted: readonly NewVisit[]): TransferFault[] {
  const rows = new Map(wanted.map(({ id, row }) => [id, row]));
  return lost.map(({ visit, by, otherId }) => {
    const otherRow = otherId === undefined ? undefined : rows.get(otherId);
    const other = otherRow !== undefined ? { otherRow } : otherId?.startsWith("apt_") ? { otherId: otherId as AppointmentId } : {};
    return transferFault({ row: visit.row, column: "start", code: by, ...other });
  });
}

/** As if it had been booked and then become what it is. Listeners write to nobody about it. */
async function tell(emit: Emit, clinicId: ClinicId, visit: NewVisit, nowMs: number): Promise<void> {
  const facts = {
    appointmentId: visit.id as AppointmentId,
    doctorId: visit.doctorId as DoctorId,
    patientId: visit.patientId as PatientId,
    clinicId,
    reasonId: visit.reasonId as ReasonId,
    start: toInstant(visit.startMs),
    end: toInstant(visit.endMs),
  };
  await emit("appointment.booked", { ...facts, imported: true });
  if (visit.status === "cancelled") await emit("appointment.cancelled", { ...facts, by: "clinic", imported: true });
  if (visit.status === "fulfilled" || visit.status === "noshow") {
    const excused = visit.status === "noshow" ? { excused: false } : {};
    await emit("appointment.status-changed", {
      ...facts,
      from: "booked",
      to: visit.status,
      ...excused,
      undone: false,
      bookedAt: toInstant(nowMs),
    });
  }
}
