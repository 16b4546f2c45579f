import "../features/agenda/agenda-panels.css";
import { getWaitlistSettings, listWaitlist } from "@episante/contracts/waitlist";
import { createEffect, createSignal, Show } from "solid-js";
import { Button } from "../../shared/components/Button.tsx";
import { Dialog } from "../../shared/components/Dialog.tsx";
import { announce } from "../../shared/components/LiveRegion.tsx";
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
import { useConsole } from "../shell/console-context.tsx";
import { SettingsPage } from "./settings-page.tsx";

const refreshMs = 15_000;

/** Who waits for a doctor, a way to add who telephones, and how the list works. */
export function WaitlistRoute() {
  const doctors = createDoctors();
  return (
    <SettingsPage title={twl("page.title")}>
      <DoctorChoice doctors={doctors}>{(doctorId) => <OfDoctor doctorId={doctorId} doctors={doctors} />}</DoctorChoice>
    </SettingsPage>
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
  const [adding, setAdding] = createSignal(false);
  const added = (told: string) => {
    setAdding(false);
    announce(told);
    void list.reload();
  };
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
          >
            <Show when={settings.value() && reasons.value()}>
              <Show when={!isOff() && online().length > 0} fallback={<p>{twl(isOff() ? "add.off" : "add.noReason")}</p>}>
                <Button variant="secondary" icon="plus" onClick={() => setAdding(true)}>
                  {twl("add.heading")}
                </Button>
              </Show>
            </Show>
          </WaitlistList>
        )}
      </Show>
      <Dialog open={adding()} onClose={() => setAdding(false)} title={twl("add.heading")} description={twl("add.why")}>
        <WaitlistAdd doctorId={props.doctorId} clinicId={clinicId()} reasons={online()} onAdded={added} />
      </Dialog>
      <Show when={settings.value()}>{(known) => <WaitlistSettingsForm known={known()} onSaved={(next) => settings.set(next)} />}</Show>
    </>
  );
}
