import { z } from "zod";
import { idSchema } from "./ids.ts";

export const serviceNames = [
  "gateway",
  "patient",
  "doctor",
  "appointment",
  "auth",
  "notification",
  "ingest",
  "alert",
  "audit",
  "pipeline",
] as const;
export type ServiceName = (typeof serviceNames)[number];
/** Who may sign service tokens: every process, and `operator`, the launcher on the machine (first admin, `etl`). */
export const callerNames = [...serviceNames, "operator"] as const;
export type CallerName = (typeof callerNames)[number];

/** `patient` is an account with a patient id; the others come from active clinic memberships. */
export const roles = ["patient", "doctor", "staff", "admin"] as const;
export type Role = (typeof roles)[number];
export const staffRoles = ["doctor", "staff", "admin"] as const;

/** An active membership of an account in a clinic. Only role `doctor` has a doctor id. */
export const membershipSchema = z.object({
  clinicId: idSchema("cli"),
  role: z.enum(staffRoles),
  doctorId: idSchema("doc").optional(),
});
export type Membership = z.infer<typeof membershipSchema>;

/** Who acts: a closed union. A token carries one; `anonymous` and `system` never travel. */
export const userActorSchema = z.object({
  kind: z.literal("user"),
  accountId: idSchema("acc"),
  /** Hash of the session id: names the session without being able to use it. */
  sessionHash: z.string(),
  patientId: idSchema("pat").optional(),
  memberships: z.array(membershipSchema),
  /** Demo and test-clock accounts are exempt from the second factor. */
  demo: z.boolean(),
});
export const deviceActorSchema = z.object({
  kind: z.literal("device"),
  deviceId: idSchema("dev"),
  patientId: idSchema("pat"),
});
export const serviceActorSchema = z.object({ kind: z.literal("service"), service: z.enum(callerNames) });
export const tokenActorSchema = z.discriminatedUnion("kind", [userActorSchema, deviceActorSchema, serviceActorSchema]);

export type UserActor = z.infer<typeof userActorSchema>;
export type DeviceActor = z.infer<typeof deviceActorSchema>;
export type ServiceActor = z.infer<typeof serviceActorSchema>;
export type TokenActor = z.infer<typeof tokenActorSchema>;
export type Actor = { readonly kind: "anonymous" } | TokenActor | { readonly kind: "system"; readonly job: string };

/** Roles an actor holds. Only accounts hold roles. */
export function rolesOf(actor: Actor): Role[] {
  if (actor.kind !== "user") return [];
  const held = new Set<Role>(actor.memberships.map((membership) => membership.role));
  if (actor.patientId) held.add("patient");
  return [...held];
}

/** Doctor ids the actor acts as. */
export function doctorIdsOf(actor: Actor): string[] {
  if (actor.kind !== "user") return [];
  return actor.memberships.flatMap((membership) => (membership.doctorId ? [membership.doctorId] : []));
}

/** Clinics where the actor holds one of the given roles (any, when none are given). */
export function clinicIdsOf(actor: Actor, ...wanted: Role[]): string[] {
  if (actor.kind !== "user") return [];
  const held = actor.memberships.filter((membership) => wanted.length === 0 || wanted.includes(membership.role));
  return [...new Set(held.map((membership) => membership.clinicId))];
}

/** Value of a key in the `sessions` bucket (key = SHA-256 of the cookie's secret, hex): what the gateway needs on each request. */
export const sessionEntrySchema = z.object({
  actor: userActorSchema,
  /** Absolute end, milliseconds since the epoch (real time, never the test clock). */
  expiresAtMs: z.number(),
  idleSeconds: z.number(),
});
export type SessionEntry = z.infer<typeof sessionEntrySchema>;

/** Name of the session cookie. */
export const sessionCookie = "__Host-es_sid";
