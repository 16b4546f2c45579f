import type { BodyOf, ResponseOf } from "@episante/contracts/endpoint";
import { type importPatients as endpoint, mostImportRows, transferFault } from "@episante/contracts/transfer";
import { defineAction } from "@episante/service/action";
import { readTable } from "@episante/service/csv";
import { newId } from "@episante/service/ids";
import type { PatientDeps } from "../deps.ts";
import { dayAt } from "../domain/civil-day.ts";
import { judgePeople, patientTable, readPeople } from "../domain/patient-import.ts";
import { findZone } from "../storage/clinics.ts";
import { findKnownAmong, insertPeople, linkExternalIds, lockImports } from "../storage/transfer.ts";
import { accessTransfer } from "./access-transfer.ts";

/** Opens files for the people of a CSV file, all of them or none; known ones stay as they are. A dry run tells what would happen. */
export const importPatients = defineAction<PatientDeps, BodyOf<typeof endpoint>, ResponseOf<typeof endpoint>>({
  name: "patient.import",
  access: accessTransfer,
  run: async ({ input: { clinicId, text, dryRun }, tx, now, emit, audit }) => {
    const table = readTable(text, patientTable, mostImportRows);
    const read = readPeople(table.rows, dayAt((await findZone(tx, clinicId)) ?? "UTC", now));
    await lockImports(tx, clinicId);
    const { judged, faults } = judgePeople(read.people, await findKnownAmong(tx, clinicId, read.people));
    const allFaults = [...table.faults.map(transferFault), ...read.faults, ...faults].sort((a, b) => a.row - b.row);
    const imported = !dryRun && allFaults.length === 0;
    const knownIds = judged.flatMap(({ known }) => known?.id ?? []);
    const added = judged.flatMap(({ person, known }) => (known ? [] : { ...person, id: newId("pat", now) }));
    if (imported) {
      await insertPeople(tx, clinicId, added, new Date(now));
      const links = judged.flatMap(({ person, known }) =>
        person.externalId !== null && known?.externalId === null && known.id !== person.externalId
          ? { patientId: known.id, externalId: person.externalId }
          : [],
      );
      await linkExternalIds(tx, clinicId, links);
      for (const { id } of added) await emit("patient.registered", { patientId: id });
    }
    const patientIds = imported ? [...knownIds, ...added.map(({ id }) => id)] : knownIds;
    audit({ patientIds, entity: { type: "import", id: imported ? "stored" : "dry-run" } });
    return {
      imported,
      faults: allFaults,
      ignored: table.ignored,
      rows: judged.map(({ person, known, warning, otherRow }) => ({
        row: person.row,
        change: known ? ("known" as const) : ("new" as const),
        warning,
        otherRow,
      })),
    };
  },
});
