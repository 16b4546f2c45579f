import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { idSchema } from "./ids.ts";
import { listOf } from "./page.ts";
import { membershipSchema, staffRoles } from "./session.ts";
import { daySchema, instantSchema, zoneSchema } from "./time.ts";

const service = "auth" as const;
export const localeSchema = z.enum(["fr", "en"]);
export type Locale = z.infer<typeof localeSchema>;
export const emailSchema = z
  .email()
  .max(254)
  .transform((value) => value.toLowerCase());
const password = z.string().min(1).max(256);
/** One line of text as people type it: trimmed, no control characters (a database cannot store NUL, a mail header no line break). */
export const singleLine = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .regex(/^\P{Cc}*$/u, { message: "no control characters" });
const personName = singleLine(100).min(1);

export const preferencesSchema = z.strictObject({
  density: z.enum(["large", "comfortable", "compact"]).optional(),
  sound: z.boolean().optional(),
  shortcuts: z.boolean().optional(),
  theme: z.enum(["system", "light", "dark"]).optional(),
  locale: localeSchema.optional(),
});

export const meSchema = z.object({
  accountId: idSchema("acc"),
  email: z.string(),
  displayName: z.string(),
  patientId: idSchema("pat").optional(),
  memberships: z.array(membershipSchema.extend({ clinicName: z.string(), zone: z.string() })),
  preferences: preferencesSchema,
  /** True for demo and test-clock accounts: a banner says that the second factor is not asked. */
  demo: z.boolean(),
});

/** 201. The password needs at least 15 characters (docs/security.md). Profile fields go to svc/patient, which pulls them. */
export const register = defineEndpoint({
  id: "auth.register",
  service,
  method: "POST",
  path: "/api/auth/register",
  summary: "Create a patient account and sign in",
  policy: { kind: "public" },
  status: 201,
  body: z.strictObject({
    email: emailSchema,
    password,
    givenName: personName,
    familyName: personName,
    birthDate: daySchema,
    locale: localeSchema.optional(),
  }),
  response: z.object({ accountId: idSchema("acc"), patientId: idSchema("pat") }),
  problems: ["email-taken", "weak-password", "too-many-requests", "https-required"],
});
export const login = defineEndpoint({
  id: "auth.login",
  service,
  method: "POST",
  path: "/api/auth/login",
  summary: "Sign in; sets the session cookie",
  policy: { kind: "public" },
  body: z.strictObject({
    email: emailSchema,
    password,
    totp: z
      .string()
      .regex(/^\d{6}$/)
      .optional(),
  }),
  response: z.object({ accountId: idSchema("acc"), patientId: idSchema("pat").optional() }),
  problems: ["login-failed", "too-many-requests", "https-required"],
});
/** Compares the signed-in account's password and changes nothing: a locked screen opens with it. Wrong ones count as refused sign-ins. */
export const stepUp = defineEndpoint({
  id: "auth.step-up",
  service,
  method: "POST",
  path: "/api/auth/step-up",
  summary: "Confirm that it is you",
  policy: { kind: "user" },
  status: 204,
  body: z.strictObject({ password }),
  problems: ["login-failed", "too-many-requests"],
});
export const logout = defineEndpoint({
  id: "auth.logout",
  service,
  method: "POST",
  path: "/api/auth/logout",
  summary: "End this session",
  policy: { kind: "user" },
  status: 204,
});
export const me = defineEndpoint({
  id: "auth.me",
  service,
  method: "GET",
  path: "/api/auth/me",
  summary: "The signed-in account",
  policy: { kind: "user" },
  response: meSchema,
});
export const putPreferences = defineEndpoint({
  id: "auth.put-preferences",
  service,
  method: "PUT",
  path: "/api/auth/me/preferences",
  summary: "Replace own display preferences",
  policy: { kind: "user" },
  body: preferencesSchema,
  response: preferencesSchema,
});
export const sessions = defineEndpoint({
  id: "auth.sessions",
  service,
  method: "GET",
  path: "/api/auth/sessions",
  summary: "Own open sessions",
  policy: { kind: "user" },
  response: listOf(
    z.object({ id: idSchema("ses"), createdAt: instantSchema, lastSeenAt: instantSchema, userAgent: z.string(), current: z.boolean() }),
  ),
});
export const revokeSession = defineEndpoint({
  id: "auth.revoke-session",
  service,
  method: "DELETE",
  path: "/api/auth/sessions/:id",
  summary: "End one of the own sessions",
  policy: { kind: "user" },
  params: z.object({ id: idSchema("ses") }),
  status: 204,
  problems: ["not-found"],
});
export const jwks = defineEndpoint({
  id: "auth.jwks",
  service,
  method: "GET",
  path: "/api/auth/.well-known/jwks.json",
  summary: "Public keys of the gateway and the services",
  policy: { kind: "public" },
  response: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }),
});

export const clinicSchema = z.object({
  id: idSchema("cli"),
  name: z.string(),
  zone: z.string(),
  city: z.string(),
  address: z.string(),
  phone: z.string(),
  lat: z.number(),
  lng: z.number(),
});
const clinicInput = z.strictObject({
  name: singleLine(120).min(1),
  zone: zoneSchema,
  city: singleLine(80).min(1),
  address: singleLine(200),
  phone: singleLine(30),
  lat: z.number().min(-90).max(90),
  lng: z.number().min(-180).max(180),
});
/** Public facts of the clinics on this installation: name, address, zone, phone. */
export const listClinics = defineEndpoint({
  id: "auth.list-clinics",
  service,
  method: "GET",
  path: "/api/auth/clinics",
  summary: "Clinics of this installation",
  policy: { kind: "public" },
  response: listOf(clinicSchema),
});
export const updateClinic = defineEndpoint({
  id: "auth.update-clinic",
  service,
  method: "PUT",
  path: "/api/auth/clinics/:id",
  summary: "Change a clinic's public facts",
  policy: { kind: "roles", roles: ["admin"] },
  params: z.object({ id: idSchema("cli") }),
  body: clinicInput,
  response: clinicSchema,
  problems: ["not-found"],
});
export const clinicInputSchema = clinicInput;

export const memberSchema = z.object({
  id: idSchema("mbr"),
  accountId: idSchema("acc"),
  clinicId: idSchema("cli"),
  email: z.string(),
  displayName: z.string(),
  role: z.enum(staffRoles),
  doctorId: idSchema("doc").optional(),
  status: z.enum(["invited", "active", "ended"]),
});
export const listMembers = defineEndpoint({
  id: "auth.list-members",
  service,
  method: "GET",
  path: "/api/auth/memberships",
  summary: "Members of the own clinics",
  policy: { kind: "roles", roles: ["admin", "staff", "doctor"] },
  response: listOf(memberSchema),
});
/** 201. The invitation secret is shown once, to be handed over; it works once and for 72 h. Role doctor makes a new doctor id. */
export const invite = defineEndpoint({
  id: "auth.invite",
  service,
  method: "POST",
  path: "/api/auth/memberships",
  summary: "Invite a member to a clinic",
  policy: { kind: "roles", roles: ["admin"] },
  status: 201,
  body: z.strictObject({
    clinicId: idSchema("cli"),
    email: emailSchema,
    givenName: personName,
    familyName: personName,
    role: z.enum(staffRoles),
    locale: localeSchema.optional(),
  }),
  response: memberSchema.extend({ invitation: z.string(), expiresAt: instantSchema }),
  problems: ["not-found", "email-taken"],
});
export const acceptInvitation = defineEndpoint({
  id: "auth.accept-invitation",
  service,
  method: "POST",
  path: "/api/auth/invitations/accept",
  summary: "Choose a password and activate the membership",
  policy: { kind: "public" },
  body: z.strictObject({ invitation: z.string().min(20).max(200), password }),
  response: z.object({ accountId: idSchema("acc"), doctorId: idSchema("doc").optional() }),
  problems: ["code-expired", "code-used", "weak-password", "too-many-requests", "https-required"],
});
export const endMembership = defineEndpoint({
  id: "auth.end-membership",
  service,
  method: "DELETE",
  path: "/api/auth/memberships/:id",
  summary: "End a membership, at once",
  policy: { kind: "roles", roles: ["admin"] },
  params: z.object({ id: idSchema("mbr") }),
  status: 204,
  problems: ["not-found"],
});

/** Internal, 201: a clinic with an invited first admin; `./episante user add` and the demo. `demo` accounts are refused in production mode. */
export const bootstrap = defineEndpoint({
  id: "auth.bootstrap",
  service,
  method: "POST",
  path: "/internal/auth/bootstrap",
  summary: "Create a clinic, or add an admin to one",
  policy: { kind: "service", callers: ["operator"] },
  status: 201,
  body: z.strictObject({
    clinicId: idSchema("cli").optional(),
    clinic: clinicInput.optional(),
    admin: z.strictObject({ email: emailSchema, givenName: personName, familyName: personName, locale: localeSchema.optional() }),
  }),
  response: z.object({ clinicId: idSchema("cli"), invitation: z.string(), expiresAt: instantSchema }),
  problems: ["email-taken", "not-found"],
});

/** Internal: the profile given at registration, pulled once by svc/patient; and the contact address at send time, by notification. */
export const accountProfile = defineEndpoint({
  id: "auth.account-profile",
  service,
  method: "GET",
  path: "/internal/auth/accounts/:id",
  summary: "Profile and address of an account",
  policy: { kind: "service", callers: ["patient", "notification", "doctor", "alert"] },
  params: z.object({ id: idSchema("acc") }),
  response: z.object({
    accountId: idSchema("acc"),
    email: z.string(),
    givenName: z.string(),
    familyName: z.string(),
    birthDate: daySchema.optional(),
    locale: localeSchema,
    patientId: idSchema("pat").optional(),
  }),
  problems: ["not-found"],
});

export const authEndpoints = [
  register,
  login,
  stepUp,
  logout,
  me,
  putPreferences,
  sessions,
  revokeSession,
  jwks,
  listClinics,
  updateClinic,
  listMembers,
  invite,
  acceptInvitation,
  endMembership,
  bootstrap,
  accountProfile,
] as const;
