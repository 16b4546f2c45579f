import { createSignal, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { ta } from "../../i18n/agenda-texts.ts";
import { type PatientMin, patientName } from "../../lib/words.ts";
import { CallerForm } from "./CallerForm.tsx";
import { PatientPicker, patientLine } from "./PatientPicker.tsx";

/** Whom something is for: found among the clinic's patients, or a new file for a caller. `onCalling`: the file is being filled in. */
export function PatientChoice(props: {
  patient: PatientMin | undefined;
  clinicId: `cli_${string}` | undefined;
  /** `YYYY-MM-DD` at the clinic. */
  today: string;
  error: string | undefined;
  onPick: (patient: PatientMin | undefined) => void;
  onCalling: (isCalling: boolean) => void;
}) {
  const [caller, setCaller] = createSignal<string>();
  function call(typed: string | undefined): void {
    setCaller(typed);
    props.onCalling(typed !== undefined);
  }
  function pick(patient: PatientMin): void {
    call(undefined);
    props.onPick(patient);
  }
  return (
    <Show
      when={props.patient}
      fallback={
        <Show when={caller() !== undefined} fallback={<PatientPicker error={props.error} onPick={pick} onNew={(typed) => call(typed)} />}>
          <CallerForm typed={caller() ?? ""} clinicId={props.clinicId} today={props.today} onDone={pick} onBack={() => call(undefined)} />
        </Show>
      }
    >
      {(who) => (
        <p class="g-chosen">
          <b>{patientName(who())}</b> <span>{patientLine(who())}</span>
          <Button variant="quiet" onClick={() => props.onPick(undefined)}>
            {ta("book.patientChange")}
          </Button>
        </p>
      )}
    </Show>
  );
}
