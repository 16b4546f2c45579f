import { type JSX, Show } from "solid-js";
import { Icon } from "../../../shared/components/Icon.tsx";
import { tc } from "../../../shared/i18n/common.ts";
import { capital, dateLong, dayNumber, isClockChangeDay, machineTime, monthShort, offset, time } from "../../../shared/lib/format.ts";
import { t } from "../../i18n/t.ts";
import { addressOf, type DoctorItem, doctorName, reasonName, type VisitReason } from "../directory.ts";

/** When, with whom, what for, where: the same card before and after booking. */
export function VisitCard(props: {
  start: string;
  end: string;
  zone: string;
  doctor: DoctorItem | undefined;
  reason: VisitReason | undefined;
  past?: boolean;
  children?: JSX.Element;
}) {
  const minutes = () => Math.round((Date.parse(props.end) - Date.parse(props.start)) / 60_000);
  return (
    <div class="card visit">
      <div class="big">
        <span class="leaf" data-past={props.past ? "" : undefined} aria-hidden="true">
          <i>{monthShort(props.start, props.zone)}</i>
          <b>{dayNumber(props.start, props.zone)}</b>
        </span>
        <p>
          <span class="muted small">{capital(dateLong(props.start, props.zone))}</span>
          <b>
            <time datetime={machineTime(props.start, props.zone)}>{time(props.start, props.zone)}</time>
          </b>
          <Show when={isClockChangeDay(props.start, props.zone)}>
            <span class="muted small">{offset(props.start, props.zone)}</span>
          </Show>
        </p>
      </div>
      <ul class="lines">
        <li>
          <Icon name="user" />
          <span>
            <b>{props.doctor ? doctorName(props.doctor) : "\u00a0"}</b>
            <span>
              {props.doctor ? `${t(`specialty.${props.doctor.specialty}`)} · ${t("doctor.sector", { n: props.doctor.sector })}` : "\u00a0"}
            </span>
          </span>
        </li>
        <li>
          <Icon name="note" />
          <span>
            <b>{reasonName(props.reason)}</b>
            <span>{t("book.minutesAt", { minutes: tc("minutes", { n: minutes() }) })}</span>
          </span>
        </li>
        <li>
          <Icon name="pin" />
          <span>
            <b>{props.doctor?.clinicName ?? "\u00a0"}</b>
            <span>{props.doctor ? addressOf(props.doctor) : "\u00a0"}</span>
          </span>
        </li>
      </ul>
      {props.children}
    </div>
  );
}
