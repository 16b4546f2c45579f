import { type Appointment, getAppointment } from "@episante/contracts/appointment";
import { getWaitlistSettings } from "@episante/contracts/waitlist";
import { useSearchParams } from "@solidjs/router";
import { createSignal, Show } from "solid-js";
import { Page } from "../../shared/components/Page.tsx";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { call } from "../../shared/lib/call.ts";
import { createLoad } from "../../shared/lib/load.ts";
import type { CriteriaValues } from "../../shared/waitlist/criteria.ts";
import { RequireSession } from "../features/account/RequireSession.tsx";
import { type DoctorItem, doctorOf, reasonsOf } from "../features/directory.ts";
import { FlowHeader } from "../features/shell/Shell.tsx";
import { WaitlistForm } from "../features/visits/WaitlistForm.tsx";
import { t } from "../i18n/t.ts";
import { tw } from "../i18n/waitlist-texts.ts";

type Query = Readonly<Record<string, string | string[] | undefined>>;
const idIn = (query: Query, name: string, prefix: string) => {
  const value = query[name];
  return typeof value === "string" && new RegExp(`^${prefix}_[0-9a-f]{32}$`).test(value) ? value : undefined;
};

/** Joining a doctor's waitlist: `/waitlist?doctorId=&reasonId=`, or `&insteadOf=` a visit. */
export function WaitlistRoute() {
  const [query] = useSearchParams();
  const doctorId = () => idIn(query, "doctorId", "doc") as DoctorItem["id"] | undefined;
  const visitId = () => idIn(query, "insteadOf", "apt") as Appointment["id"] | undefined;
  // Outlives a change of who is acted for: what was filled in stays.
  const [values, setValues] = createSignal<CriteriaValues>({ days: [], part: "any", until: "" });
  const back = () => (visitId() ? `/appointments/${visitId()}` : `/doctors/${doctorId() ?? ""}`);
  return (
    <>
      <FlowHeader back={back()} backText={visitId() ? t("nav.appointments") : t("nav.slots")} />
      <RequireSession title={tw("join.title")}>
        {() => (
          <Page title={tw("join.title")}>
            <div class="narrow">
              <Join
                doctorId={doctorId()}
                reasonId={idIn(query, "reasonId", "rea")}
                visitId={visitId()}
                values={values()}
                onChange={setValues}
              />
            </div>
          </Page>
        )}
      </RequireSession>
    </>
  );
}

function Join(props: {
  doctorId: DoctorItem["id"] | undefined;
  reasonId: string | undefined;
  visitId: Appointment["id"] | undefined;
  values: CriteriaValues;
  onChange: (values: CriteriaValues) => void;
}) {
  const doctor = createLoad(() => props.doctorId, doctorOf);
  const reasons = createLoad(() => props.doctorId, reasonsOf);
  const settings = createLoad(
    () => props.doctorId,
    (doctorId, signal) => call(getWaitlistSettings, { params: { doctorId }, signal }),
  );
  const visit = createLoad(
    () => props.visitId,
    (id, signal) => call(getAppointment, { params: { id }, signal }),
  );
  const reason = () => reasons.value()?.find((entry) => entry.id === props.reasonId && entry.online);
  const problem = () => doctor.problem() ?? reasons.problem() ?? settings.problem() ?? visit.problem();
  const ready = () => {
    const [known, wanted, how] = [doctor.value(), reason(), settings.value()];
    return known && wanted && how && (!props.visitId || visit.value()) ? { doctor: known, reason: wanted, mode: how.mode } : undefined;
  };
  const isUnknown = () => !props.doctorId || (reasons.value() !== undefined && !reason());
  return (
    <>
      <Show when={problem()}>{(refusal) => <ProblemBanner problem={refusal()} class="mt-4" />}</Show>
      <Show when={isUnknown()}>
        <p class="mt-4">{t("gone.title")}</p>
      </Show>
      <Show when={ready()}>
        {(known) => (
          <WaitlistForm
            doctor={known().doctor}
            reason={known().reason}
            mode={known().mode}
            instead={visit.value()}
            values={props.values}
            onChange={(values) => props.onChange(values)}
          />
        )}
      </Show>
    </>
  );
}
