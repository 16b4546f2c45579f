import type { ResponseOf } from "@episante/contracts/endpoint";
import type { Id } from "@episante/contracts/ids";
import type { listRelatives as endpoint } from "@episante/contracts/patient";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { PatientDeps } from "../deps.ts";
import { statusOf } from "../domain/proxy.ts";
import { listClinicsFor } from "../storage/clinics.ts";
import { listLinkedPeople, listLinksOf, timesOf } from "../storage/proxies.ts";
import { ownPatientId } from "./decide-access.ts";
import { relativeOf } from "./shape-proxy.ts";

/** Links that are not over in which the reader is one of the two, and the clinics that can verify one. */
export const listRelatives = defineAction<PatientDeps, object, ResponseOf<typeof endpoint>>({
  name: "patient.list-relatives",
  access: ({ actor }) => grant.patients([ownPatientId(actor)]),
  run: async ({ actor, tx, now }) => {
    const readerId = ownPatientId(actor);
    const [rows, people, clinics] = await Promise.all([
      listLinksOf(tx, readerId),
      listLinkedPeople(tx, readerId),
      listClinicsFor(tx, readerId),
    ]);
    const open = rows.filter((row) => statusOf(timesOf(row), now) !== "ended");
    return {
      items: open.map((row) => relativeOf(row, readerId, people.get(row.id), now)),
      clinics: clinics.map(({ id, name }) => ({ id: id as Id<"cli">, name })),
    };
  },
});
