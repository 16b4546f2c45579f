import type { Appointment } from "@episante/contracts/appointment";
import { visitCalendarFile } from "@episante/contracts/calendar-feed";
import { Icon } from "../../../shared/components/Icon.tsx";
import { urlOf } from "../../../shared/lib/call.ts";
import { dateTime } from "../../../shared/lib/format.ts";
import { tv } from "../../i18n/visit-texts.ts";

/** The visit as a calendar file of the server: the same entry as the mail's, with whatever happened since. */
export function CalendarLink(props: { visit: Appointment; quiet?: boolean }) {
  const href = () => urlOf(visitCalendarFile, { params: { id: props.visit.id } });
  return (
    <a
      class={props.quiet ? "quiet" : "btn"}
      data-wide={props.quiet ? undefined : ""}
      href={href()}
      download="rendez-vous.ics"
      rel="external"
    >
      <Icon name="calendar" size={props.quiet ? 18 : 20} />
      {props.quiet ? tv("calendar") : tv("calendarFile")}
      <span class="sr">{` ${tv("calendarFileOf", { when: dateTime(props.visit.start, props.visit.zone) })}`}</span>
    </a>
  );
}
