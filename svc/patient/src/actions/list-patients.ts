import type { QueryOf, ResponseOf } from "@episante/contracts/endpoint";
import { idSchema } from "@episante/contracts/ids";
import type { listPatients as endpoint } from "@episante/contracts/patient";
import { type Refusal, refuse } from "@episante/contracts/problem";
import { clinicIdsOf } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { PatientDeps } from "../deps.ts";
import { searchedDay, searchedPhone, searchWords } from "../domain/search.ts";
import { listPatientsOfClinics, type PatientSearch } from "../storage/patients.ts";
import { patientMinOf } from "./shape.ts";

const patientId = idSchema("pat");
const mostIds = 200;

/** Names patients whom an own clinic knows, by ids, or by name, date of birth or phone; nothing clinical. Unknown ids are left out, not refused. */
export const listPatients = defineAction<PatientDeps, QueryOf<typeof endpoint>, ResponseOf<typeof endpoint>>({
  name: "patient.list",
  access: ({ actor }) => {
    const clinics = clinicIdsOf(actor, "doctor", "staff");
    return clinics.length > 0 ? grant.clinics(clinics) : refuse("forbidden");
  },
  run: async ({ actor, input, tx, audit }) => {
    const search = searchOf(input);
    if ("refused" in search) return search;
    const rows = await listPatientsOfClinics(tx, clinicIdsOf(actor, "doctor", "staff"), { ...search, limit: search.limit + 1 });
    const page = rows.slice(0, search.limit);
    audit({ patientIds: page.map((row) => row.id) });
    const last = page.at(-1);
    return { items: page.map(patientMinOf), ...(rows.length > page.length && last ? { next: last.id } : {}) };
  },
});

/** The cursor is the id of the last patient shown: of a foreign one the database sees nothing, and answers nothing. */
function searchOf({ q, ids, cursor, limit }: QueryOf<typeof endpoint>): PatientSearch | Refusal {
  if ((q === undefined) === (ids === undefined)) return invalid("q", "give either q or ids");
  if (cursor !== undefined && !patientId.safeParse(cursor).success) return invalid("cursor", "not a cursor of this list");
  const page = { limit: limit ?? (ids === undefined ? 50 : mostIds), ...(cursor ? { after: cursor } : {}) };
  if (ids !== undefined) {
    const wanted = [...new Set(ids.split(",").map((id) => id.trim()))].filter(Boolean);
    if (wanted.length > mostIds || !wanted.every((id) => patientId.safeParse(id).success)) {
      return invalid("ids", `at most ${mostIds} patient ids, separated by commas`);
    }
    return { ...page, ids: wanted };
  }
  const words = searchWords(q ?? "");
  if (words.join("").length < 3) return invalid("q", "at least 3 letters or digits");
  const [birthDate, phoneEnd] = [searchedDay(q ?? ""), searchedPhone(q ?? "")];
  return {
    ...page,
    words,
    ...(words.length === 1 && words[0] ? { fileNumber: words[0].toUpperCase() } : {}),
    ...(birthDate ? { birthDate } : {}),
    ...(phoneEnd ? { phoneEnd } : {}),
  };
}

function invalid(path: string, message: string): Refusal {
  return refuse("invalid-input", { errors: [{ path, message }] });
}
