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
/**
 * `ids` (comma-separated, at most 200) or `q` (at least 3 characters: beginnings of names, a file number, a date of birth as `3/4/1943`,
 * `03041943` or `1943-04-03`, or the last six digits or more of a phone number): members of a clinic only; the answer names, nothing clinical.
 */
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
/** 201. A file for somebody on the phone, without an account or e-mail; known to the clinic (`clinicId` may be left out by who works in one). */
export const createPatient = defineEndpoint({
  id: "patient.create",
  service,
  method: "POST",
  path: "/api/patients",
  summary: "Open a file for a caller",
  policy: { kind: "roles", roles: ["doctor", "staff"] },
  status: 201,
  body: z.strictObject({
    clinicId: idSchema("cli").optional(),
    givenName: singleLine(100).min(1),
    familyName: singleLine(100).min(1),
    birthDate: daySchema,
    phone: singleLine(30).refine((phone) => phone.replace(/\D/g, "").length >= 6, { message: "at least six digits" }),
    gender: genderSchema.optional(),
    locale: localeSchema.optional(),
  }),
  response: patientMinSchema,
  problems: ["not-found"],
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
/** What a proxy may do for a relative. `book`: hold, book, move, cancel and list visits; `documents` and `record`: see them. */
export const proxyScopes = ["book", "documents", "record"] as const;
export const proxyScopeSchema = z.enum(proxyScopes);
export type ProxyScope = z.infer<typeof proxyScopeSchema>;
/** Why somebody may act for somebody else. The first two are for minors; `guardian` and the rest for grown-ups. */
export const proxyBases = ["parent", "guardian", "carer-mandate", "spouse-consent", "patient-consent"] as const;
export const proxyBasisSchema = z.enum(proxyBases);
export type ProxyBasis = z.infer<typeof proxyBasisSchema>;
/** `requested`: counts for nothing yet. `review`: the relative has come of age, the link grants nothing until the relative agrees. */
export const proxyStatusSchema = z.enum(["requested", "active", "review", "ended"]);
const scopesSchema = z
  .array(proxyScopeSchema)
  .min(1)
  .max(proxyScopes.length)
  .refine((scopes) => new Set(scopes).size === scopes.length, { message: "each at most once" });
const proxyFacts = {
  id: idSchema("prx"),
  status: proxyStatusSchema,
  basis: proxyBasisSchema,
  scopes: z.array(proxyScopeSchema),
  /** Last day on which the link counts, in the clinic's zone. */
  until: daySchema.optional(),
  /** When the relative comes of age and the link goes to review. */
  reviewAt: instantSchema.optional(),
  requestedAt: instantSchema,
  verifiedAt: instantSchema.optional(),
  verifiedBy: z.enum(["clinic", "patient"]).optional(),
};
/** A link as the two people see it. Until it is active the proxy sees of the relative only what the proxy wrote. */
export const relativeSchema = z.object({
  ...proxyFacts,
  /** What the reader is in this link: the one who acts, or the one acted for. */
  role: z.enum(["proxy", "patient"]),
  /** The other person. `patientId` only where the link is active, or names who acts for the reader. */
  person: z.object({
    patientId: idSchema("pat").optional(),
    givenName: z.string(),
    familyName: z.string(),
    birthDate: daySchema.optional(),
  }),
});
export type Relative = z.infer<typeof relativeSchema>;
/** A link as staff see it: what was asked, who asks, files that may be the relative's, and how it was verified. */
export const proxyLinkSchema = z.object({
  ...proxyFacts,
  clinicId: idSchema("cli"),
  asked: z.object({ givenName: z.string(), familyName: z.string(), birthDate: daySchema, fileNumber: z.string().optional() }),
  proxy: patientMinSchema,
  patient: patientMinSchema.optional(),
  candidates: z.array(patientMinSchema),
  /** What was seen, by which account, when staff verified it. */
  evidence: z.object({ seen: z.string(), accountId: idSchema("acc") }).optional(),
});
export type ProxyLink = z.infer<typeof proxyLinkSchema>;
/** Links that are not over, in both directions, and the clinics that can verify one. */
export const listRelatives = defineEndpoint({
  id: "patient.list-relatives",
  service,
  method: "GET",
  path: "/api/patients/me/relatives",
  summary: "People I act for, and people who act for me",
  policy: { kind: "roles", roles: ["patient"] },
  response: z.object({ items: z.array(relativeSchema), clinics: z.array(z.object({ id: idSchema("cli"), name: z.string() })) }),
});
/** Asks to act for a child, or for another patient. The answer is the same whether or not the relative has a file. */
export const requestRelative = defineEndpoint({
  id: "patient.request-relative",
  service,
  method: "POST",
  path: "/api/patients/me/relatives",
  summary: "Ask to act for a relative",
  policy: { kind: "roles", roles: ["patient"] },
  status: 201,
  body: z.strictObject({
    givenName: singleLine(100).min(1),
    familyName: singleLine(100).min(1),
    birthDate: daySchema,
    /** With the relative's file number a grown-up relative can agree on the own account. */
    fileNumber: singleLine(20).optional(),
    basis: proxyBasisSchema,
    scopes: scopesSchema,
    until: daySchema.optional(),
    /** Clinic that verifies it; the one that knows the asker, else the first, unless said. */
    clinicId: idSchema("cli").optional(),
  }),
  response: relativeSchema,
  problems: ["not-found", "too-many-requests"],
});
/** The grown-up relative agrees: to a request, or to what a parent may do after the 18th birthday. May narrow it. */
export const acceptRelative = defineEndpoint({
  id: "patient.accept-relative",
  service,
  method: "POST",
  path: "/api/patients/me/relatives/:id/accept",
  summary: "Let somebody act for me",
  policy: { kind: "roles", roles: ["patient"] },
  params: z.object({ id: idSchema("prx") }),
  body: z.strictObject({ scopes: scopesSchema.optional(), until: daySchema.optional() }),
  response: relativeSchema,
  problems: ["not-found", "wrong-state"],
});
/** Either side ends a link, declines a request or takes it back: at once. */
export const endRelative = defineEndpoint({
  id: "patient.end-relative",
  service,
  method: "DELETE",
  path: "/api/patients/me/relatives/:id",
  summary: "End a link with a relative",
  policy: { kind: "roles", roles: ["patient"] },
  params: z.object({ id: idSchema("prx") }),
  status: 204,
  problems: ["not-found"],
});
/** Links a clinic has to verify, or the links of one patient. */
export const listProxies = defineEndpoint({
  id: "patient.list-proxies",
  service,
  method: "GET",
  path: "/api/patients/proxies",
  summary: "Links between relatives, for staff",
  policy: { kind: "roles", roles: ["staff", "admin"] },
  query: z.strictObject({ patientId: idSchema("pat").optional(), status: z.enum(["requested", "active", "review"]).optional() }),
  response: listOf(proxyLinkSchema),
});
/** Staff have seen the proof. Without `patientId` the file that was asked for, or a new one for somebody who has none. */
export const verifyProxy = defineEndpoint({
  id: "patient.verify-proxy",
  service,
  method: "POST",
  path: "/api/patients/proxies/:id/verify",
  summary: "Verify a link between relatives",
  policy: { kind: "roles", roles: ["staff", "admin"] },
  params: z.object({ id: idSchema("prx") }),
  body: z.strictObject({
    basis: proxyBasisSchema,
    seen: singleLine(200).min(3),
    scopes: scopesSchema.optional(),
    until: daySchema.optional(),
    patientId: idSchema("pat").optional(),
  }),
  response: proxyLinkSchema,
  problems: ["not-found", "wrong-state"],
});
/** Staff refuse a request or end a link: at once. */
export const endProxy = defineEndpoint({
  id: "patient.end-proxy",
  service,
  method: "DELETE",
  path: "/api/patients/proxies/:id",
  summary: "Refuse or end a link between relatives",
  policy: { kind: "roles", roles: ["staff", "admin"] },
  params: z.object({ id: idSchema("prx") }),
  status: 204,
  problems: ["not-found"],
});
/** Internal: who to write to, at send time. For a patient without an account: the proxy who may book; `relative` then names the patient. */
export const patientContact = defineEndpoint({
  id: "patient.contact",
  service,
  method: "GET",
  path: "/internal/patients/:id/contact",
  summary: "Account and language of a patient",
  policy: { kind: "service", callers: ["notification"] },
  params: z.object({ id: idSchema("pat") }),
  response: z.object({
    patientId: idSchema("pat"),
    accountId: idSchema("acc").optional(),
    givenName: z.string(),
    locale: localeSchema,
    relative: z.object({ givenName: z.string() }).optional(),
  }),
  problems: ["not-found"],
});
/** Internal: when patients were born, for rules about age. Ids that name nobody are left out. */
export const patientBirthDates = defineEndpoint({
  id: "patient.birth-dates",
  service,
  method: "POST",
  path: "/internal/patients/birth-dates",
  summary: "When patients were born",
  policy: { kind: "service", callers: ["appointment"] },
  body: z.strictObject({ ids: z.array(idSchema("pat")).min(1).max(200) }),
  response: z.object({ items: z.array(z.object({ patientId: idSchema("pat"), birthDate: daySchema })) }),
  problems: [],
});
export const patientEndpoints = [
  getMyProfile,
  patchMyProfile,
  listPatients,
  createPatient,
  getPatient,
  listRelationships,
  openRelationship,
  endRelationship,
  listRelatives,
  requestRelative,
  acceptRelative,
  endRelative,
  listProxies,
  verifyProxy,
  endProxy,
  patientContact,
  patientBirthDates,
] as const;
