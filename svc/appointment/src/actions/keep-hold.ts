import type { getHold as endpoint } from "@episante/contracts/appointment";
import type { ParamsOf, ResponseOf } from "@episante/contracts/endpoint";
import { type Refusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import type { Grant, Tx } from "@episante/service/db";
import type { Deps } from "../deps.ts";
import { extendedUntil } from "../domain/policy.ts";
import { findDoctorOfHolder } from "../storage/busy.ts";
import { findOwnHold, releaseHolds, extendHold as storeExtension } from "../storage/holds.ts";
import { toHold } from "./hold-time.ts";
import { accountOf, viewOf } from "./viewpoint.ts";

type Input = ParamsOf<typeof endpoint>;
type Hold = ResponseOf<typeof endpoint>;

/** A hold is found through the time it has; an expired one only through its owner. */
async function access({ actor, input, tx }: { actor: Actor; input: Input; tx: Tx }): Promise<Grant | Refusal> {
  return viewOf(actor, (await findDoctorOfHolder(tx, input.id))?.clinicId);
}

/** An own hold while it lasts. */
export const showHold = defineAction<Deps, Input, Hold>({
  name: "appointment.get-hold",
  access,
  run: async ({ actor, input, tx, now }) => {
    const row = await findOwnHold(tx, input.id, accountOf(actor), now);
    if (!row) return refuse("not-found");
    return row.isLive ? toHold(row, now) : refuse("hold-expired");
  },
});

/** Five minutes more for an own hold, thirty in all. */
export const extendHold = defineAction<Deps, Input, Hold>({
  name: "appointment.extend-hold",
  access,
  run: async ({ actor, input, tx, now }) => {
    const row = await findOwnHold(tx, input.id, accountOf(actor), now);
    if (!row) return refuse("not-found");
    if (!row.isLive) return refuse("hold-expired");
    const expiresMs = extendedUntil(row);
    if (expiresMs === null) return refuse("hold-limit", { detail: "A time can be held for 30 minutes in all." });
    const isKept = await storeExtension(tx, row.id, expiresMs, now);
    return isKept ? toHold({ ...row, expiresMs }, now) : refuse("hold-expired");
  },
});

/** Gives an own held time back; one that is over already is no fault. */
export const releaseHold = defineAction<Deps, Input, undefined>({
  name: "appointment.release-hold",
  access,
  run: async ({ actor, input, tx, now }) => {
    const accountId = accountOf(actor);
    const row = await findOwnHold(tx, input.id, accountId, now);
    if (!row) return refuse("not-found");
    await releaseHolds(tx, { accountId, doctorId: row.doctorId, holdId: row.id, nowMs: now });
    return undefined;
  },
});
