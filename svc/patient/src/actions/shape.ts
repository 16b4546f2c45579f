import type { Id } from "@episante/contracts/ids";
import type { Patient, patientMinSchema, relationshipSchema } from "@episante/contracts/patient";
import type { PatientRow } from "../storage/patients.ts";
import type { RelationshipRow } from "../storage/relationships.ts";

type Relationship = ReturnType<typeof relationshipSchema.parse>;
type PatientMin = ReturnType<typeof patientMinSchema.parse>;

/** A profile as its readers get it. */
export function patientOf(row: PatientRow): Patient {
  return { ...patientMinOf(row), ...(row.phone ? { phone: row.phone } : {}), locale: row.locale };
}

/** Enough to name a person on a list. */
export function patientMinOf({ id, givenName, familyName, birthDate, gender, fileNumber }: PatientRow): PatientMin {
  return { id: id as Id<"pat">, givenName, familyName, birthDate, gender, fileNumber };
}

/** A relationship as its readers get it. */
export function relationshipOf(row: RelationshipRow): Relationship {
  return {
    id: row.id as Id<"rel">,
    patientId: row.patientId as Id<"pat">,
    doctorId: row.doctorId as Id<"doc">,
    clinicId: row.clinicId as Id<"cli">,
    basis: row.basis,
    from: row.startsAt.toISOString(),
    ...(row.endsAt ? { until: row.endsAt.toISOString() } : {}),
  };
}

/** A relationship as its event tells it. */
export function changeOf(row: RelationshipRow) {
  const { id, basis: _, ...facts } = relationshipOf(row);
  return { ...facts, relationshipId: id };
}
