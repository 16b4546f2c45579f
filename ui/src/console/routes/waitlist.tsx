import "../features/practice/practice.css";
import "../features/agenda/agenda-panels.css";
import { getWaitlistSettings, listWaitlist } from "@episante/contracts/waitlist";
import { createEffect, Show } from "solid-js";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { call } from "../../shared/lib/call.ts";
import { createInterval, createLoad } from "../../shared/lib/load.ts";
import { createDoctors, type Doctors } from "../features/practice/create-doctors.ts";
import { createReasons } from "../features/practice/create-reasons.ts";
import { DoctorChoice } from "../features/practice/DoctorChoice.tsx";
import { WaitlistAdd } from "../features/practice/waitlist/WaitlistAdd.tsx";
import { WaitlistList } from "../features/practice/waitlist/WaitlistList.tsx";
import { WaitlistSettingsForm } from "../features/practice/waitlist/WaitlistSettings.tsx";
import { twl } from "../i18n/waiting-texts.ts";
import { ConsolePage } from "../shell/ConsolePage.tsx";
import { useConsole } from "../shell/console-context.tsx";
import { SettingsNav } from "./settings-nav.tsx";

const refreshMs = 15_000;

/** Who waits for a doctor, a way to add who telephones, and how the list works. */
export function WaitlistRoute() {
  const doctors = createDoctors();
  return (
    <ConsolePage title={twl("page.title")}>
      <SettingsNav />
      <div class="c-narrow">
        <DoctorChoice doctors={doctors}>{(doctorId) => <OfDoctor doctorId={doctorId} doctors={doctors} />}</DoctorChoice>
      </div>
    </ConsolePage>
  );
}

function OfDoctor(props: { doctorId: `doc_${string}`; doctors: Doctors }) {
  const { me, names } = useConsole();
  const doctorId = () => props.doctorId;
  const list = createLoad(doctorId, (id, signal) => call(listWaitlist, { query: { doctorId: id }, signal }));
  const settings = createLoad(doctorId, (id, signal) => call(getWaitlistSettings, { params: { doctorId: id }, signal }));
  const reasons = createReasons(doctorId);
  createInterval(() => void list.reload(), refreshMs);
  createEffect(() => void names.want((list.value()?.items ?? []).map(({ patientId }) => patientId)));
  const clinicId = () =>
    me().memberships.find((one) => one.clinicId === props.doctors.doctors().find(({ id }) => id === props.doctorId)?.clinicId)?.clinicId;
  const online = () => (reasons.value()?.items ?? []).filter((reason) => reason.online);
  const isOff = () => settings.value()?.mode === "off";
  const problem = () => list.problem() ?? settings.problem() ?? reasons.problem();
  return (
    <>
      <Show when={problem()}>{(found) => <ProblemBanner problem={found()} onRetry={() => void list.reload()} />}</Show>
      <Show when={list.value()}>
        {(known) => (
          <WaitlistList
            doctorId={props.doctorId}
            entries={known().items}
            reasons={reasons.value()?.items ?? []}
            onChanged={() => void list.reload()}
          />
        )}
      </Show>
      <Show when={settings.value() && reasons.value()}>
        <section class="c-card" aria-labelledby="waitlist-add">
          <h2 id="waitlist-add">{twl("add.heading")}</h2>
          <Show when={!isOff() && online().length > 0} fallback={<p>{twl(isOff() ? "add.off" : "add.noReason")}</p>}>
            <p class="s-note">{twl("add.why")}</p>
            <WaitlistAdd doctorId={props.doctorId} clinicId={clinicId()} reasons={online()} onAdded={() => void list.reload()} />
          </Show>
        </section>
      </Show>
      <Show when={settings.value()}>
        {(known) => <WaitlistSettingsForm known={known()} onSaved={(next) => settings.set(next)} />}
      </Show>
    </>
  );
}
