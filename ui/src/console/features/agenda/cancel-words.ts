import type { Appointment } from "@episante/contracts/appointment";
import { capital, dateTime } from "../../../shared/lib/format.ts";
import { ta } from "../../i18n/agenda-texts.ts";

/** When and by whom a visit was cancelled, and why, as two sentences. What was not kept is left out; no reason is said. */
export function cancelWords({ cancelledAt, cancelledBy, cancelReason }: Appointment, zone: string): string[] {
  const when = cancelledAt ? ta("cancelled.when", { date: dateTime(cancelledAt, zone) }) : "";
  const by = cancelledBy ? ta("cancelled.by", { who: ta(`history.by.${cancelledBy}`) }) : "";
  return [
    capital([when, by].filter(Boolean).join(" ")),
    cancelReason ? ta("cancelled.why", { reason: cancelReason }) : ta("cancelled.noWhy"),
  ].filter(Boolean);
}
