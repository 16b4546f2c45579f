import { z } from "zod";
import { localeSchema, singleLine } from "./auth.ts";
import { defineEndpoint } from "./endpoint.ts";
import { idSchema } from "./ids.ts";
import { listOf, pageQuery } from "./page.ts";
import { daySchema, instantSchema } from "./time.ts";

const service = "patient" as const;
/** FHIR R4 administrative gender. */
export const genderSchema = z.enum(["female", "male", "other", "unknown"]);
export const patientSchema = z.object({
  id: idSchema("pat"),
  givenName: z.string(),
  familyName: z.string(),
  birthDate: daySchema,
  gender: genderSchema,
  phone: z.string().optional(),
  locale: localeSchema,
  fileNumber: z.string(),
});
export type Patient = z.infer<typeof patientSchema>;
/** What somebody without a care relationship but in the clinic may see: enough to name a person on a list. */
export const patientMinSchema = patientSchema.pick({
  id: true,
  givenName: true,
  familyName: true,
  birthDate: true,
  gender: true,
  fileNumber: true,
});

export const getMyProfile = defineEndpoint({
  id: "patient.get-mine",
  service,
  method: "GET",
  path: "/api/patients/me",
  summary: "Own profile",
  policy: { kind: "roles", roles: ["patient"] },
  response: patientSchema,
  problems: ["not-found"],
});
export const patchMyProfile = defineEndpoint({
  id: "patient.patch-mine",
  service,
  method: "PATCH",
  path: "/api/patients/me",
  summary: "Change own contact details",
  policy: { kind: "roles", roles: ["patient"] },
  body: z.strictObject({ phone: singleLine(30).optional(), gender: genderSchema.optional(), locale: localeSchema.optional() }),
  response: patientSchema,
  problems: ["not-found", "immutable-field"],
});
/** `ids` (comma-separated, at most 200) or `q` (at least 3 characters): members of a clinic only; the answer names, nothing clinical. */
export const listPatients = defineEndpoint({
  id: "patient.list",
  service,
  method: "GET",
  path: "/api/patients",
  summary: "Find patients by name, or name known ids",
  policy: { kind: "roles", roles: ["doctor", "staff"] },
  query: z.strictObject({ q: z.string().trim().min(3).max(80).optional(), ids: z.string().max(9000).optional(), ...pageQuery }),
  response: listOf(patientMinSchema),
});
export const getPatient = defineEndpoint({
  id: "patient.get",
  service,
  method: "GET",
  path: "/api/patients/:id",
  summary: "A patient's profile",
  policy: { kind: "user" },
  params: z.object({ id: idSchema("pat") }),
  response: patientSchema,
  problems: ["not-found", "care-relationship-required"],
});
export const relationshipSchema = z.object({
  id: idSchema("rel"),
  patientId: idSchema("pat"),
  doctorId: idSchema("doc"),
  clinicId: idSchema("cli"),
  basis: z.enum(["booking", "patient-invitation"]),
  from: instantSchema,
  until: instantSchema.optional(),
});
export const listRelationships = defineEndpoint({
  id: "patient.list-relationships",
  service,
  method: "GET",
  path: "/api/patients/:id/relationships",
  summary: "Doctors who treat the patient",
  policy: { kind: "user" },
  params: z.object({ id: idSchema("pat") }),
  response: listOf(relationshipSchema),
  problems: ["not-found", "care-relationship-required"],
});
/** The patient lets a doctor treat them: opens access to readings and alerts. */
export const openRelationship = defineEndpoint({
  id: "patient.open-relationship",
  service,
  method: "POST",
  path: "/api/patients/:id/relationships",
  summary: "Let a doctor treat me",
  policy: { kind: "roles", roles: ["patient"] },
  params: z.object({ id: idSchema("pat") }),
  status: 201,
  body: z.strictObject({ doctorId: idSchema("doc") }),
  response: relationshipSchema,
  problems: ["not-found"],
});
export const endRelationship = defineEndpoint({
  id: "patient.end-relationship",
  service,
  method: "DELETE",
  path: "/api/patients/:id/relationships/:relationshipId",
  summary: "End a care relationship",
  policy: { kind: "roles", roles: ["patient"] },
  params: z.object({ id: idSchema("pat"), relationshipId: idSchema("rel") }),
  status: 204,
  problems: ["not-found"],
});
/** Internal: who to write to, at send time. */
export const patientContact = defineEndpoint({
  id: "patient.contact",
  service,
  method: "GET",
  path: "/internal/patients/:id/contact",
  summary: "Account and language of a patient",
  policy: { kind: "service", callers: ["notification"] },
  params: z.object({ id: idSchema("pat") }),
  response: z.object({ patientId: idSchema("pat"), accountId: idSchema("acc").optional(), givenName: z.string(), locale: localeSchema }),
  problems: ["not-found"],
});
export const patientEndpoints = [
  getMyProfile,
  patchMyProfile,
  listPatients,
  getPatient,
  listRelationships,
  openRelationship,
  endRelationship,
  patientContact,
] as const;
