import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { idSchema } from "./ids.ts";
import { listOf, pageQuery } from "./page.ts";
import { instantSchema } from "./time.ts";

const service = "ingest" as const;
/** `replay` devices judge a recording as if live (each batch carries `sentAt`); refused in production. */
export const deviceKinds = ["wearable", "monitor", "replay"] as const;
export const deviceSchema = z.object({
  id: idSchema("dev"),
  patientId: idSchema("pat"),
  kind: z.enum(deviceKinds),
  model: z.string(),
  serial: z.string(),
  pairedAt: instantSchema,
  lastSeenAt: instantSchema.optional(),
  battery: z.number().optional(),
  worn: z.boolean().optional(),
  /** Its clock minus ours when last known, in seconds; positive: it is ahead. */
  skewSeconds: z.number().optional(),
  /** Single readings refused since it was paired. */
  refusedReadings: z.number().int().optional(),
  revokedAt: instantSchema.optional(),
});
export type Device = z.infer<typeof deviceSchema>;
/** 201. Patients pair for themselves, doctors for patients they treat. The code has 8 characters, works once and for 10 minutes. */
export const createPairing = defineEndpoint({
  id: "ingest.create-pairing",
  service,
  method: "POST",
  path: "/api/devices/pairings",
  summary: "Get a code to pair a device",
  policy: { kind: "roles", roles: ["patient", "doctor"] },
  status: 201,
  body: z.strictObject({ patientId: idSchema("pat") }),
  response: z.object({ id: idSchema("pai"), code: z.string(), expiresAt: instantSchema }),
  problems: ["not-found", "care-relationship-required"],
});
/** What became of a code, for the screen that shows it: `paired` with the device, then its first reading once that is stored. */
export const getPairing = defineEndpoint({
  id: "ingest.get-pairing",
  service,
  method: "GET",
  path: "/api/devices/pairings/:id",
  summary: "What became of a pairing code",
  policy: { kind: "roles", roles: ["patient", "doctor"] },
  params: z.object({ id: idSchema("pai") }),
  response: z.object({
    id: idSchema("pai"),
    patientId: idSchema("pat"),
    expiresAt: instantSchema,
    status: z.enum(["waiting", "expired", "paired"]),
    /** With `paired`; its `revokedAt` tells that it was removed since. */
    device: deviceSchema.optional(),
    /** The first reading kept of this device; `at` is the device's time. */
    firstReading: z
      .object({ signal: z.string(), code: z.string(), value: z.union([z.number(), z.string()]), unit: z.string(), at: instantSchema })
      .optional(),
  }),
  problems: ["not-found", "care-relationship-required"],
});
/** 201. Called by the device, without a login. Wrong codes are rate-limited. */
export const pair = defineEndpoint({
  id: "ingest.pair",
  service,
  method: "POST",
  path: "/api/devices/pair",
  summary: "Exchange a pairing code for a device token",
  policy: { kind: "public" },
  status: 201,
  body: z.strictObject({
    code: z.string().trim().min(4).max(16),
    model: z.string().trim().min(1).max(80),
    serial: z.string().trim().min(1).max(80),
    kind: z.enum(deviceKinds).optional(),
  }),
  response: z.object({
    deviceId: idSchema("dev"),
    token: z.string(),
    nats: z.object({ servers: z.array(z.string()), user: z.string(), inboxPrefix: z.string() }),
  }),
  problems: ["not-found", "code-expired", "code-used", "too-many-requests", "forbidden"],
});
export const listDevices = defineEndpoint({
  id: "ingest.list-devices",
  service,
  method: "GET",
  path: "/api/devices",
  summary: "Own devices, or those of treated patients; newest first, 200 at a time",
  policy: { kind: "roles", roles: ["patient", "doctor"] },
  query: z.strictObject({
    patientId: idSchema("pat").optional(),
    /** `active` leaves out what was revoked. */
    state: z.enum(["active", "all"]).optional(),
    limit: pageQuery.limit,
    /** `next` of the page before. */
    cursor: idSchema("dev").optional(),
  }),
  response: listOf(deviceSchema),
  problems: ["not-found", "care-relationship-required"],
});
export const rotateDevice = defineEndpoint({
  id: "ingest.rotate-device",
  service,
  method: "POST",
  path: "/api/devices/:id/rotate",
  summary: "Replace a device's token",
  policy: { kind: "roles", roles: ["patient", "doctor"] },
  params: z.object({ id: idSchema("dev") }),
  response: z.object({ token: z.string() }),
  problems: ["not-found"],
});
/** 204. Refused within 5 s; open sockets are closed. */
export const revokeDevice = defineEndpoint({
  id: "ingest.revoke-device",
  service,
  method: "DELETE",
  path: "/api/devices/:id",
  summary: "Revoke a device",
  policy: { kind: "roles", roles: ["patient", "doctor"] },
  params: z.object({ id: idSchema("dev") }),
  status: 204,
  problems: ["not-found"],
});

/** Value of a key in the `devices` bucket (key = device id): the registry as the gateway mirrors it. A revoked device's key is deleted. */
export const deviceEntrySchema = z.object({
  deviceId: idSchema("dev"),
  patientId: idSchema("pat"),
  clinicId: idSchema("cli"),
  kind: z.enum(deviceKinds),
  /** SHA-256 of the token, hex. A token is `<device id>.<43 characters base64url>`. */
  tokenHash: z.string(),
});
export type DeviceEntry = z.infer<typeof deviceEntrySchema>;
export const deviceEndpoints = [createPairing, getPairing, pair, listDevices, rotateDevice, revokeDevice] as const;
