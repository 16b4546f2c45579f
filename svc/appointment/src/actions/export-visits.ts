import type { ClinicId, PatientId } from "@episante/contracts/ids";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { patientReferences } from "@episante/contracts/transfer";
import { type ActionMeta, defineAction } from "@episante/service/action";
import type { CsvPage } from "@episante/service/csv";
import type { Deps } from "../deps.ts";
import { addDays, startOfDay } from "../domain/calendar.ts";
import { decodeCursor, encodeCursor } from "../domain/cursor.ts";
import { type ClinicDirectory, nameOf } from "../domain/directory.ts";
import { writeStart } from "../domain/visit-import.ts";
import { type ExportedVisit, listForExport } from "../storage/visit-imports.ts";
import { accessClinic } from "./clinic-access.ts";

/** Visits of one page, whose patients are named in its audit record. */
const pageSize = 1_000;
const [firstDay, lastDay] = ["1970-01-02", "2200-12-31"];

interface Input {
  readonly clinicId: ClinicId;
  readonly zone: string;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly cursor: string | undefined;
}

const readPage = defineAction<Deps, Input, { readonly visits: readonly ExportedVisit[]; readonly next?: string }>({
  name: "appointment.export-visits",
  access: accessClinic("staff", "admin"),
  run: async ({ input: { clinicId, zone, from = firstDay, to = lastDay, cursor }, tx, audit }) => {
    const after = cursor === undefined ? undefined : decodeCursor(cursor);
    const [fromMs, toMs] = [startOfDay(zone, from), startOfDay(zone, addDays(to, 1))];
    const visits = await listForExport(tx, { clinicId, fromMs, toMs, ...(after ? { after } : {}), limit: pageSize });
    audit({ patientIds: visits.map(({ patientId }) => patientId), entity: { type: "export", id: "visits" } });
    const last = visits.length === pageSize ? visits.at(-1) : undefined;
    return { visits, ...(last ? { next: encodeCursor(new Date(last.startMs).toISOString(), last.id) } : {}) };
  },
});

/** States that last a moment on the day are written as booked: a table tells what was planned and what became of it. */
const writtenStatus: Readonly<Record<string, string>> = { pending: "booked", arrived: "booked", "checked-in": "booked" };

/** One page of a clinic's visits, in the columns that an import reads. */
export async function exportVisitsPage(
  deps: Deps,
  actor: Actor,
  { directory, ...input }: Omit<Input, "zone"> & { readonly directory: ClinicDirectory },
  meta: ActionMeta,
): Promise<CsvPage | Refusal> {
  const { zone, doctors } = directory;
  const page = await readPage(deps, actor, { ...input, zone }, meta);
  if (isRefusal(page)) return page;
  if (!deps.callInternal) return refuse("upstream-unreachable");
  const ids = [...new Set(page.visits.map(({ patientId }) => patientId as PatientId))];
  const named = await deps.callInternal(patientReferences, { body: { clinicId: input.clinicId, references: ids } });
  if (isRefusal(named)) return named;
  const numbers = new Map(named.items.map(({ patientId, externalId }) => [String(patientId), externalId]));
  const byId = new Map(doctors.map((doctor) => [doctor.doctorId, doctor]));
  const rows = page.visits.map((visit) => {
    const doctor = byId.get(visit.doctorId);
    const reason = doctor?.reasons.find(({ reasonId }) => reasonId === visit.reasonId);
    return [
      visit.doctorId,
      nameOf(doctor),
      numbers.get(visit.patientId) ?? visit.patientId,
      visit.reasonId,
      reason?.names[0] ?? "",
      writeStart(visit.startMs, zone),
      String(visit.minutes),
      writtenStatus[visit.status] ?? visit.status,
    ];
  });
  return { rows, next: page.next };
}
