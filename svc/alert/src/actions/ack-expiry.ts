import type { AckExpiry, getAckExpiry as getEndpoint, putAckExpiry as putEndpoint } from "@episante/contracts/alert";
import type { BodyOf, QueryOf } from "@episante/contracts/endpoint";
import type { ClinicId } from "@episante/contracts/ids";
import { type Refusal, refuse } from "@episante/contracts/problem";
import { type Actor, clinicIdsOf } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import { type Grant, grant } from "@episante/service/db";
import type { AlertDeps } from "../deps.ts";
import { ackExpiryOf, writeAckExpiry } from "../storage/ack-expiry.ts";

/** The clinic that was named, or the only or first one, in which the caller is a doctor. */
function grantClinic({ actor, input }: { actor: Actor; input: { clinicId?: ClinicId | undefined } }): Grant | Refusal {
  const clinicId = clinicIdsOf(actor, "doctor").find((id) => input.clinicId === undefined || id === input.clinicId);
  return clinicId ? grant.clinics([clinicId]) : refuse("not-found");
}
const clinicOf = (granted: Grant) => (granted.kind === "clinics" ? granted.ids[0] : "") as ClinicId;

/** How long an acknowledgement counts in a clinic. */
export const getAckExpiry = defineAction<AlertDeps, QueryOf<typeof getEndpoint>, AckExpiry>({
  name: "alert.get-ack-expiry",
  access: grantClinic,
  run: async ({ tx, grant: granted }) => ({ clinicId: clinicOf(granted), ...(await ackExpiryOf(tx, clinicOf(granted))) }),
});

/** Sets it, for acknowledgements from now on. */
export const putAckExpiry = defineAction<AlertDeps, BodyOf<typeof putEndpoint>, AckExpiry>({
  name: "alert.put-ack-expiry",
  access: grantClinic,
  run: async ({ actor, input, tx, now, grant: granted, audit }) => {
    if (actor.kind !== "user") return refuse("forbidden");
    const { criticalMinutes, warningMinutes } = input;
    const setting = { clinicId: clinicOf(granted), criticalMinutes, warningMinutes };
    audit({ entity: { type: "ack-expiry", id: setting.clinicId } });
    await writeAckExpiry(tx, setting, actor.accountId, now);
    return setting;
  },
});
