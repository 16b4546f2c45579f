import { deviceKinds } from "@episante/contracts/device";
import { roles } from "@episante/contracts/session";
import { z } from "zod";

export const demoSchema = z.object({
  url: z.string(),
  accounts: z.array(
    z.object({
      role: z.enum(roles),
      email: z.string(),
      password: z.string(),
      id: z.string(),
      patientId: z.string().optional(),
      doctorId: z.string().optional(),
    }),
  ),
  clinicId: z.string(),
  doctors: z.array(z.object({ id: z.string(), reasons: z.array(z.object({ id: z.string(), minutes: z.number() })) })),
  devices: z.array(z.object({ id: z.string(), token: z.string(), patientId: z.string(), kind: z.enum(deviceKinds) })),
});
/** `demo.json`: logins, doctors and device tokens of the demo clinic. */
export type Demo = z.infer<typeof demoSchema>;
export type DemoAccount = Demo["accounts"][number];
