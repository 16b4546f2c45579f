import { createHash } from "node:crypto";
import type { Actor, DeviceActor, Membership, ServiceActor, UserActor } from "@episante/contracts/session";
import { newId } from "@episante/service/ids";

function user(more: Partial<UserActor>): UserActor {
  const accountId = newId("acc", Date.now());
  return {
    kind: "user",
    accountId,
    sessionHash: createHash("sha256").update(accountId).digest("hex"),
    memberships: [],
    demo: true,
    ...more,
  };
}

/** A signed-in patient. */
export function patientActor(patientId = newId("pat", Date.now())): UserActor & { patientId: string } {
  return user({ patientId }) as UserActor & { patientId: string };
}
/** A doctor with an active membership. */
export function doctorActor({
  clinicId = newId("cli", Date.now()),
  doctorId = newId("doc", Date.now()),
}: {
  clinicId?: Membership["clinicId"];
  doctorId?: NonNullable<Membership["doctorId"]>;
} = {}): UserActor {
  return user({ memberships: [{ clinicId, role: "doctor", doctorId }] });
}
/** A secretary of a clinic. */
export function staffActor(clinicId: Membership["clinicId"] = newId("cli", Date.now())): UserActor {
  return user({ memberships: [{ clinicId, role: "staff" }] });
}
/** An administrator of a clinic. */
export function adminActor(clinicId: Membership["clinicId"] = newId("cli", Date.now())): UserActor {
  return user({ memberships: [{ clinicId, role: "admin" }] });
}
export function deviceActor(patientId = newId("pat", Date.now())): DeviceActor {
  return { kind: "device", deviceId: newId("dev", Date.now()), patientId };
}
export function serviceActor(service: ServiceActor["service"]): ServiceActor {
  return { kind: "service", service };
}
export const anonymous: Actor = { kind: "anonymous" };
