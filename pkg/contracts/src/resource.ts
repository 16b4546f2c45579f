import { z } from "zod";
import { resourceTypeSchema } from "./doctor.ts";
import { defineEndpoint } from "./endpoint.ts";
import { idSchema } from "./ids.ts";

const service = "appointment" as const;
const keepers = { kind: "roles", roles: ["staff", "admin"] } as const;

/** A room or device of a clinic. Visit reasons name the types of which they need one each. */
export const resourceSchema = z.object({
  id: idSchema("res"),
  clinicId: idSchema("cli"),
  name: z.string(),
  type: z.string(),
  /** False: kept for the visits that have it, given to no other. */
  isActive: z.boolean(),
});
export type Resource = z.infer<typeof resourceSchema>;
const ofClinic = z.strictObject({ clinicId: idSchema("cli") });
const byId = z.object({ id: idSchema("res") });
const said = { name: z.string().trim().min(1).max(100), type: resourceTypeSchema };

/** By name, retired ones too. */
export const listResources = defineEndpoint({
  id: "appointment.list-resources",
  service,
  method: "GET",
  path: "/api/appointments/resources",
  summary: "Rooms and devices of a clinic",
  policy: { kind: "roles", roles: ["doctor", "staff", "admin"] },
  query: ofClinic,
  response: z.object({ items: z.array(resourceSchema) }),
  problems: ["not-found"],
});
/** 201. At most 200 per clinic. */
export const addResource = defineEndpoint({
  id: "appointment.add-resource",
  service,
  method: "POST",
  path: "/api/appointments/resources",
  summary: "Add a room or device",
  policy: keepers,
  status: 201,
  query: ofClinic,
  body: z.strictObject(said),
  response: resourceSchema,
  problems: ["not-found"],
});
/** Visits that have it keep it, also when it becomes another type or is retired. `isActive` brings a retired one back. */
export const putResource = defineEndpoint({
  id: "appointment.put-resource",
  service,
  method: "PUT",
  path: "/api/appointments/resources/:id",
  summary: "Change a room or device",
  policy: keepers,
  params: byId,
  body: z.strictObject({ ...said, isActive: z.boolean() }),
  response: resourceSchema,
  problems: ["not-found"],
});
/** From then on no visit gets it. Those that have it keep it. */
export const retireResource = defineEndpoint({
  id: "appointment.retire-resource",
  service,
  method: "DELETE",
  path: "/api/appointments/resources/:id",
  summary: "Retire a room or device",
  policy: keepers,
  params: byId,
  status: 204,
  problems: ["not-found"],
});

export const resourceEndpoints = [listResources, addResource, putResource, retireResource] as const;
