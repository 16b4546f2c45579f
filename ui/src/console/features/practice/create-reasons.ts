import { listReasons } from "@episante/contracts/doctor";
import type { Accessor } from "solid-js";
import { locale } from "../../../shared/i18n/i18n.ts";
import { call } from "../../../shared/lib/call.ts";
import { createLoad } from "../../../shared/lib/load.ts";

/** The open reasons of a doctor; none for a doctor without a published profile. */
export function createReasons(doctorId: Accessor<`doc_${string}` | undefined>) {
  return createLoad(
    doctorId,
    async (id, signal) => {
      const result = await call(listReasons, { params: { id }, signal });
      return !result.ok && result.problem.code === "not-found" ? { ok: true as const, value: { items: [] } } : result;
    },
    { keep: false },
  );
}

/** `Consultation (20 min)`: a reason as lists name it. */
export function reasonWords(reason: { name: { fr: string; en: string }; minutes: number }): string {
  return `${reason.name[locale()]} (${reason.minutes}\u00a0min)`;
}
