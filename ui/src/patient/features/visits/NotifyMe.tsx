import { getWaitlistSettings } from "@episante/contracts/waitlist";
import { A } from "@solidjs/router";
import { Show } from "solid-js";
import { Icon } from "../../../shared/components/Icon.tsx";
import { call } from "../../../shared/lib/call.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { tw } from "../../i18n/waitlist-texts.ts";
import type { DoctorItem, VisitReason } from "../directory.ts";

/** The way to a doctor's waitlist; nothing where the doctor keeps none. `visitId`: to have that visit earlier. */
export function NotifyMe(props: { doctorId: DoctorItem["id"]; reasonId: VisitReason["id"]; visitId?: string }) {
  const settings = createLoad(
    () => props.doctorId,
    (doctorId, signal) => call(getWaitlistSettings, { params: { doctorId }, signal }),
  );
  const link = () => {
    const { doctorId, reasonId, visitId } = props;
    return `/waitlist?${new URLSearchParams({ doctorId, reasonId, ...(visitId ? { insteadOf: visitId } : {}) })}`;
  };
  return (
    <Show when={settings.value() && settings.value()?.mode !== "off"}>
      <div class="stack">
        <Show when={!props.visitId}>
          <p class="small muted">{tw("notify.hint")}</p>
        </Show>
        <A class="btn" data-variant="secondary" data-wide href={link()}>
          <Icon name="bell" />
          {tw(props.visitId ? "notify.earlier" : "notify.button")}
        </A>
      </div>
    </Show>
  );
}
