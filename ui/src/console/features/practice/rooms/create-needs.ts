import { listReasons } from "@episante/contracts/doctor";
import { locale } from "../../../../shared/i18n/i18n.ts";
import { call } from "../../../../shared/lib/call.ts";
import { createLoad } from "../../../../shared/lib/load.ts";
import type { ClinicDoctor } from "../create-doctors.ts";
import type { Need } from "./room-groups.ts";

/** Which reasons of these doctors need which kind of room or device. A doctor whose reasons cannot be read has none here. */
export function createNeeds(doctors: () => readonly ClinicDoctor[] | undefined): () => Need[] {
  const reasons = createLoad(doctors, async (all, signal) => {
    const answers = await Promise.all(all.map(({ id }) => call(listReasons, { params: { id }, signal })));
    const value = answers.flatMap((answer, index) =>
      answer.ok ? answer.value.items.map((reason) => ({ reason, doctor: all[index]?.name ?? "" })) : [],
    );
    return { ok: true as const, value };
  });
  return () =>
    (reasons.value() ?? []).flatMap(({ reason, doctor }) =>
      reason.resourceTypes.map((type) => ({ type, reason: reason.name[locale()], doctor })),
    );
}
