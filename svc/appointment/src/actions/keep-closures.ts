import type { Closure, importClosures as importEndpoint } from "@episante/contracts/appointment";
import type { BodyOf, ResponseOf } from "@episante/contracts/endpoint";
import { refuse } from "@episante/contracts/problem";
import { defineAction } from "@episante/service/action";
import { readCsv } from "@episante/service/csv";
import type { Tx } from "@episante/service/db";
import type { Emit } from "@episante/service/outbox";
import type { Deps } from "../deps.ts";
import { mostClosureRows, readClosures } from "../domain/closure-import.ts";
import { listClosures, listDoctorsOfClinic, saveClosures } from "../storage/doctors.ts";
import { accessClinic } from "./clinic-access.ts";
import { publishOpenings } from "./publish-openings.ts";

type Input = { readonly clinicId: string };
type Closures = { items: Closure[] };

/** Days on which a clinic is closed. */
export const showClosures = defineAction<Deps, Input, Closures>({
  name: "appointment.get-closures",
  access: accessClinic("doctor", "staff", "admin"),
  run: async ({ input, tx }) => ({ items: await listClosures(tx, input.clinicId) }),
});

/** Replaces the list. Visits booked on a day that becomes closed stay. */
export const replaceClosures = defineAction<Deps, Input & { items: readonly Closure[] }, Closures>({
  name: "appointment.put-closures",
  access: accessClinic("staff", "admin"),
  run: async ({ input: { clinicId, items }, tx, now, emit, audit }) => {
    const errors = items.flatMap(({ day }, index) =>
      items.findIndex((other) => other.day === day) < index ? [{ path: `items.${index}.day`, message: "stands twice" }] : [],
    );
    if (errors.length > 0) return refuse("invalid-input", { errors });
    await store(tx, clinicId, items, now, emit);
    audit({ entity: { type: "closures", id: clinicId } });
    return { items: await listClosures(tx, clinicId) };
  },
});

/** Adds the days of a file, all of them or none. A dry run tells what would happen. */
export const importClosures = defineAction<Deps, BodyOf<typeof importEndpoint>, ResponseOf<typeof importEndpoint>>({
  name: "appointment.import-closures",
  access: accessClinic("staff", "admin"),
  run: async ({ input: { clinicId, format, text, dryRun }, tx, now, emit, audit }) => {
    const { rows, faults } = readClosures(format === "ics" ? text : readCsv(text, mostClosureRows));
    const names = new Map((await listClosures(tx, clinicId)).map(({ day, name }) => [day, name]));
    const told = rows.map((row) => {
      const known = names.get(row.day);
      return { ...row, change: known === undefined ? ("new" as const) : known === row.name ? ("known" as const) : ("renamed" as const) };
    });
    const imported = !dryRun && faults.length === 0;
    if (imported) {
      for (const { day, name } of rows) names.set(day, name);
      await store(
        tx,
        clinicId,
        [...names].map(([day, name]) => ({ day, name })),
        now,
        emit,
      );
      audit({ entity: { type: "closures", id: clinicId } });
    }
    return { imported, rows: told, faults };
  },
});

/** Stores closed days, and what they change for the next free times of the clinic's doctors. */
async function store(tx: Tx, clinicId: string, items: readonly Closure[], now: number, emit: Emit): Promise<void> {
  await saveClosures(tx, clinicId, items);
  for (const doctorId of await listDoctorsOfClinic(tx, clinicId)) await publishOpenings(tx, doctorId, now, emit);
}
