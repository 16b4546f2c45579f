import type { BodyOf, ResponseOf } from "@episante/contracts/endpoint";
import type { ClinicId, DoctorId } from "@episante/contracts/ids";
import { isRefusal, type Refusal } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { type importHours as endpoint, mostImportRows, transferFault } from "@episante/contracts/transfer";
import { type ActionMeta, defineAction } from "@episante/service/action";
import { type CsvPage, readTable, type TableRow } from "@episante/service/csv";
import type { Deps } from "../deps.ts";
import { type ClinicDirectory, nameOf } from "../domain/directory.ts";
import { hoursTable, judgeWindows, readHours, writeWindow } from "../domain/hours-import.ts";
import { outsideOf } from "../domain/preview.ts";
import { findHours, saveSchedule } from "../storage/doctors.ts";
import { lockDoctors } from "../storage/moves.ts";
import { listComingVisits } from "../storage/taken.ts";
import { accessClinic } from "./clinic-access.ts";
import { publishOpenings } from "./publish-openings.ts";
import { readDirectory } from "./read-directory.ts";

type Answer = ResponseOf<typeof endpoint>;

interface Input {
  readonly clinicId: ClinicId;
  readonly dryRun: boolean;
  readonly rows: readonly TableRow<keyof typeof hoursTable>[];
  readonly directory: ClinicDirectory;
}

/** Replaces the weekly windows of the doctors in a CSV file, all of them or none. A dry run tells what would happen. */
export async function importHours(
  deps: Deps,
  actor: Actor,
  { clinicId, text, dryRun }: BodyOf<typeof endpoint>,
  meta: ActionMeta,
): Promise<Answer | Refusal> {
  const directory = await readDirectory(deps, actor, { clinicId }, meta);
  if (isRefusal(directory)) return directory;
  const { rows, faults, ignored } = readTable(text, hoursTable, mostImportRows);
  if (faults.length > 0) return { imported: false, rows: [], doctors: [], ignored: [], faults: faults.map(transferFault) };
  const answer = await write(deps, actor, { clinicId, dryRun, rows, directory }, meta);
  return isRefusal(answer) ? answer : { ...answer, ignored };
}

const write = defineAction<Deps, Input, Omit<Answer, "ignored">>({
  name: "appointment.import-hours",
  access: accessClinic("staff", "admin"),
  run: async ({ input: { dryRun, rows: asked, directory }, tx, now, emit, audit }) => {
    const { byDoctor, faults } = readHours(asked, directory);
    const rows: Answer["rows"] = [];
    const doctors: Answer["doctors"] = [];
    const schedules: [string, NonNullable<Awaited<ReturnType<typeof findHours>>>["schedule"]][] = [];
    if (!dryRun) await lockDoctors(tx, [...byDoctor.keys()]);
    for (const [doctorId, windows] of byDoctor) {
      const hours = await findHours(tx, doctorId);
      if (!hours) throw new Error("a doctor of the clinic is gone");
      faults.push(...judgeWindows(hours.schedule, windows));
      const schedule = { ...hours.schedule, windows: windows.map(({ window }) => window) };
      const there = new Set(hours.schedule.windows.map(keyOf));
      rows.push(...windows.map(({ row, window }) => ({ row, change: there.has(keyOf(window)) ? ("known" as const) : ("new" as const) })));
      doctors.push({
        doctorId: doctorId as DoctorId,
        name: nameOf(directory.doctors.find((one) => one.doctorId === doctorId)),
        windowsNow: hours.schedule.windows.length,
        windowsThen: windows.length,
        visitsOutside: outsideOf(schedule, hours.closedDays, await listComingVisits(tx, doctorId, now)).length,
      });
      schedules.push([doctorId, schedule]);
    }
    const imported = !dryRun && faults.length === 0;
    if (imported)
      for (const [doctorId, schedule] of schedules) {
        await saveSchedule(tx, doctorId, schedule, now);
        await publishOpenings(tx, doctorId, now, emit);
      }
    audit({ entity: { type: "schedule", id: imported ? "imported" : "dry-run" } });
    return { imported, faults: faults.sort((a, b) => a.row - b.row), rows: rows.sort((a, b) => a.row - b.row), doctors };
  },
});

/** Two windows with one key are the same, whatever order their parts stand in. */
function keyOf(window: object): string {
  return JSON.stringify(Object.entries(window).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The weekly windows of the doctors who work in a clinic, in the columns that an import reads. */
export const exportHours = defineAction<Deps, { readonly clinicId: ClinicId; readonly directory: ClinicDirectory }, CsvPage>({
  name: "appointment.export-hours",
  access: accessClinic("staff", "admin"),
  run: async ({ input, tx, audit }) => {
    audit({ entity: { type: "export", id: "hours" } });
    const rows: string[][] = [];
    for (const doctor of input.directory.doctors.filter(({ isActive }) => isActive)) {
      const { windows = [] } = (await findHours(tx, doctor.doctorId))?.schedule ?? {};
      rows.push(...windows.map((window) => writeWindow(doctor, window)));
    }
    return { rows };
  },
});
