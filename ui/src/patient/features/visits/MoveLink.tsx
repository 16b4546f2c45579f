import type { Appointment } from "@episante/contracts/appointment";
import { A } from "@solidjs/router";
import { Icon } from "../../../shared/components/Icon.tsx";
import { dateTime } from "../../../shared/lib/format.ts";
import { t } from "../../i18n/t.ts";
import { tv } from "../../i18n/visit-texts.ts";

/** Leads to the choice of another time. */
export function MoveLink(props: { visit: Appointment }) {
  return (
    <A class="quiet" href={`/appointments/${props.visit.id}/move`}>
      <Icon name="refresh" size={18} />
      {tv("move")}
      <span class="sr">{` ${t("visit.detailsOf", { when: dateTime(props.visit.start, props.visit.zone) })}`}</span>
    </A>
  );
}
