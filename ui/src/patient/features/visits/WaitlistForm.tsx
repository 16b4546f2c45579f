import type { Appointment } from "@episante/contracts/appointment";
import { joinWaitlist, listWaitlist, type WaitlistSettings } from "@episante/contracts/waitlist";
import { A } from "@solidjs/router";
import { createSignal, createUniqueId, Show } from "solid-js";
import { Banner } from "../../../shared/components/Banner.tsx";
import { Button } from "../../../shared/components/Button.tsx";
import { ErrorSummary } from "../../../shared/components/ErrorSummary.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { dateTime, dayOf } from "../../../shared/lib/format.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { serverNow } from "../../../shared/lib/server-clock.ts";
import { useSession } from "../../../shared/lib/session.ts";
import { CriteriaFields } from "../../../shared/waitlist/CriteriaFields.tsx";
import { type CriteriaValues, criteriaOf } from "../../../shared/waitlist/criteria.ts";
import { tcr } from "../../../shared/waitlist/texts.ts";
import { tw } from "../../i18n/waitlist-texts.ts";
import { ForWhom } from "../booking/ForWhom.tsx";
import { type DoctorItem, doctorName, reasonName, type VisitReason } from "../directory.ts";
import { useActing } from "../shell/acting.ts";

/** Days and hours that suit, then one button. `instead`: the visit that moves when an earlier place is taken. */
export function WaitlistForm(props: {
  doctor: DoctorItem;
  reason: VisitReason;
  mode: WaitlistSettings["mode"];
  instead: Appointment | undefined;
  values: CriteriaValues;
  onChange: (values: CriteriaValues) => void;
}) {
  const { me } = useSession();
  const { acting } = useActing();
  const form = createUniqueId();
  const [attempt, setAttempt] = createSignal(0);
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  const [done, setDone] = createSignal(false);
  const patientId = () => props.instead?.patientId ?? acting()?.patientId ?? me()?.patientId;
  const waiting = createLoad(patientId, (id, signal) => call(listWaitlist, { query: { patientId: id }, signal }), { keep: false });
  const already = () =>
    !done() && (waiting.value()?.items ?? []).some((one) => one.doctorId === props.doctor.id && one.reasonId === props.reason.id);
  const isPast = () => props.values.until !== "" && props.values.until < dayOf(serverNow(), props.doctor.zone);
  const fault = () => (attempt() > 0 && isPast() ? tcr("untilPast") : undefined);

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (busy()) return;
    setProblem(undefined);
    if (isPast()) {
      setAttempt(attempt() + 1);
      return;
    }
    setBusy(true);
    const { doctor, reason, instead } = props;
    const id = patientId();
    const result = await call(joinWaitlist, {
      body: {
        doctorId: doctor.id,
        reasonId: reason.id,
        ...criteriaOf(props.values),
        ...(id ? { patientId: id } : {}),
        ...(instead ? { insteadOf: instead.id } : {}),
      },
    });
    setBusy(false);
    if (result.ok) setDone(true);
    else setProblem(result.problem);
  }

  return (
    <Show
      when={!done()}
      fallback={
        <Banner tone="good" live="polite" class="mt-4">
          <p>
            <b>{tw("join.done")}</b>
          </p>
          <p>{tw("join.doneText")}</p>
          <A class="quiet -ml-3" href="/appointments?tab=waitlist">
            {tw("join.see")}
          </A>
        </Banner>
      }
    >
      <p class="mt-2">
        {tw("join.lead")} {tw(props.mode === "first-come" ? "join.firstCome" : "join.oneByOne")}
      </p>
      <form class="stack mt-4" onSubmit={submit} noValidate aria-label={tw("join.title")}>
        <ErrorSummary errors={fault() ? [{ id: `${form}-until`, text: fault() ?? "" }] : []} attempt={attempt()} />
        <div class="card">
          <b class="font-semibold">{doctorName(props.doctor)}</b>
          <p class="small muted">{reasonName(props.reason)}</p>
          <Show when={props.instead}>
            {(visit) => <p class="mt-2">{tw("join.earlier", { when: dateTime(visit().start, visit().zone) })}</p>}
          </Show>
        </div>
        <Show when={!props.instead}>
          <ForWhom />
        </Show>
        <CriteriaFields
          id={form}
          values={props.values}
          onChange={(values) => props.onChange(values)}
          today={dayOf(serverNow(), props.doctor.zone)}
          fault={fault()}
        />
        <Show when={already()}>
          <Banner tone="notice">
            <p>{tw("join.already")}</p>
            <A class="quiet -ml-3" href="/appointments?tab=waitlist">
              {tw("join.see")}
            </A>
          </Banner>
        </Show>
        <Show when={problem()}>
          {(refusal) => (
            <Show when={refusal().code === "wrong-state"} fallback={<ProblemBanner problem={refusal()} />}>
              <Banner tone="critical" live="polite">
                <p>{tw(already() ? "join.already" : "join.refused")}</p>
              </Banner>
            </Show>
          )}
        </Show>
        <Button type="submit" wide icon="bell" busy={busy()} busyText={tw("join.submitting")} unavailable={already()}>
          {tw("join.submit")}
        </Button>
      </form>
    </Show>
  );
}
