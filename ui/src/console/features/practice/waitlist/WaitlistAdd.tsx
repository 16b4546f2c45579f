import type { Reason } from "@episante/contracts/doctor";
import { joinWaitlist } from "@episante/contracts/waitlist";
import { createSignal, createUniqueId, For, Show } from "solid-js";
import { Button } from "../../../../shared/components/Button.tsx";
import { ProblemBanner } from "../../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../../shared/lib/call.ts";
import { dayOf } from "../../../../shared/lib/format.ts";
import { CriteriaFields } from "../../../../shared/waitlist/CriteriaFields.tsx";
import { type CriteriaValues, criteriaOf } from "../../../../shared/waitlist/criteria.ts";
import { tcr } from "../../../../shared/waitlist/texts.ts";
import { twl } from "../../../i18n/waiting-texts.ts";
import { type PatientMin, patientName } from "../../../lib/words.ts";
import { useConsole } from "../../../shell/console-context.tsx";
import { PatientChoice } from "../../agenda/PatientChoice.tsx";
import { reasonWords } from "../create-reasons.ts";

/** Puts a patient who telephones on a doctor's list. */
export function WaitlistAdd(props: {
  doctorId: `doc_${string}`;
  clinicId: `cli_${string}` | undefined;
  reasons: readonly Reason[];
  onAdded: (told: string) => void;
}) {
  const { names, now, zone } = useConsole();
  const id = createUniqueId();
  const [patient, setPatient] = createSignal<PatientMin>();
  const [isCalling, setCalling] = createSignal(false);
  const [reasonId, setReasonId] = createSignal<Reason["id"]>();
  const [values, setValues] = createSignal<CriteriaValues>({ days: [], part: "any", until: "" });
  const [tried, setTried] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  const today = () => dayOf(now(), zone());
  const reason = () => props.reasons.find((one) => one.id === reasonId()) ?? props.reasons[0];
  const isPast = () => values().until !== "" && values().until < today();
  let form: HTMLFormElement | undefined;

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (busy()) return;
    setTried(true);
    setProblem(undefined);
    const [who, why] = [patient(), reason()];
    if (!who || !why || isPast()) {
      queueMicrotask(() => form?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
      return;
    }
    setBusy(true);
    const body = { doctorId: props.doctorId, reasonId: why.id, patientId: who.id, ...criteriaOf(values()) };
    const result = await call(joinWaitlist, { body });
    setBusy(false);
    if (result.ok) props.onAdded(twl("add.done", { name: patientName(who) }));
    else setProblem(result.problem);
  }
  return (
    <form ref={form} class="h-form w-add" onSubmit={(event) => void submit(event)} noValidate>
      <PatientChoice
        patient={patient()}
        clinicId={props.clinicId}
        today={today()}
        error={tried() && !patient() ? twl("add.patientNeeded") : undefined}
        onPick={(chosen) => {
          if (chosen) names.add(chosen);
          setPatient(chosen);
        }}
        onCalling={setCalling}
      />
      <Show when={!isCalling()}>
        <div class="field">
          <label for={`${id}-reason`}>{twl("add.reason")}</label>
          <span class="c-select">
            <select
              id={`${id}-reason`}
              class="input"
              value={reason()?.id}
              onChange={(event) => setReasonId(props.reasons.find((one) => one.id === event.currentTarget.value)?.id)}
            >
              <For each={props.reasons}>{(one) => <option value={one.id}>{reasonWords(one)}</option>}</For>
            </select>
          </span>
        </div>
        <CriteriaFields
          id={id}
          values={values()}
          onChange={setValues}
          today={today()}
          fault={tried() && isPast() ? tcr("untilPast") : undefined}
        />
        <Show when={problem()}>
          {(found) => (
            <Show when={found().code === "wrong-state"} fallback={<ProblemBanner problem={found()} />}>
              <p class="error" role="alert">
                {twl("add.refused")}
              </p>
            </Show>
          )}
        </Show>
        <Button type="submit" wide busy={busy()}>
          {twl("add.submit")}
        </Button>
      </Show>
    </form>
  );
}
