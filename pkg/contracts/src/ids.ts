import { z } from "zod";

/** What each id prefix names. An id is `<prefix>_<32 hex digits of a UUIDv7>`, so ids of one kind sort by creation time. */
export const idPrefixes = {
  abs: "absence of a doctor",
  acc: "account",
  alr: "alert",
  apt: "appointment",
  aud: "audit record",
  bsy: "calendar elsewhere",
  cal: "private calendar address",
  cli: "clinic",
  dev: "device",
  doc: "doctor",
  evt: "event",
  grp: "group of patients",
  hld: "hold",
  inv: "invitation",
  msg: "notification message",
  mbr: "membership",
  pag: "page to somebody about alerts",
  pai: "device pairing",
  pat: "patient",
  prx: "link between relatives",
  rea: "visit reason",
  rel: "care relationship",
  res: "room or device",
  rul: "alert rule",
  run: "pipeline run",
  ser: "series of visits",
  ses: "session",
  wle: "waitlist entry",
  wof: "waitlist offer",
} as const;

export type IdPrefix = keyof typeof idPrefixes;
export type Id<P extends IdPrefix> = `${P}_${string}`;

/** Schema of an id with the given prefix. */
export function idSchema<P extends IdPrefix>(prefix: P) {
  return z
    .templateLiteral([`${prefix}_`, z.string().regex(/^[0-9a-f]{32}$/)])
    .refine((value) => value.length === prefix.length + 33, { message: `not a ${idPrefixes[prefix]} id` }) as unknown as z.ZodType<
    Id<P>,
    Id<P>
  >;
}

export type AccountId = Id<"acc">;
export type AlertId = Id<"alr">;
export type AppointmentId = Id<"apt">;
export type ClinicId = Id<"cli">;
export type DeviceId = Id<"dev">;
export type DoctorId = Id<"doc">;
export type GroupId = Id<"grp">;
export type HoldId = Id<"hld">;
export type PatientId = Id<"pat">;
export type ReasonId = Id<"rea">;
export type RuleId = Id<"rul">;

/**
 * Formats an id from a time and 10 random bytes (UUIDv7, RFC 9562 §5.7). Pure: time and randomness come in.
 * @param atMs milliseconds since the epoch @param random at least 10 bytes
 */
export function formatId<P extends IdPrefix>(prefix: P, atMs: number, random: Uint8Array): Id<P> {
  let digits = Math.trunc(atMs).toString(16).padStart(12, "0");
  for (let index = 0; index < 10; index++) {
    const byte = random[index] ?? 0;
    digits += hex[index === 0 ? (byte & 0x0f) | 0x70 : index === 2 ? (byte & 0x3f) | 0x80 : byte];
  }
  return `${prefix}_${digits}`;
}

/** Two hex digits of every byte: an id is made for each row, event and audit record. */
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
