import { For, Show } from "solid-js";
import { Field } from "../../../shared/components/Field.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { tr } from "../../i18n/rule-texts.ts";
import { createPatientSearch } from "../../lib/patient-search.ts";
import { ageAndSex, type PatientMin, patientName } from "../../lib/words.ts";
import { useConsole } from "../../shell/console-context.tsx";

/** Finds a patient by name; each one found is a button. */
export function PatientFind(props: { id?: string; error?: string | undefined; onPick: (patient: PatientMin) => void }) {
  const { now, names } = useConsole();
  const { typed, setTyped, found, items, clear } = createPatientSearch(6);
  function pick(patient: PatientMin): void {
    names.add(patient);
    clear();
    props.onPick(patient);
  }
  return (
    <div class="r-find">
      <Field
        {...(props.id ? { id: props.id } : {})}
        label={tr("find.label")}
        hint={tr("find.hint")}
        type="search"
        autocomplete="off"
        value={typed()}
        error={props.error}
        onInput={setTyped}
        // Enter would send the form around it.
        onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
      />
      <Show when={found.problem()}>{(problem) => <ProblemBanner problem={problem()} />}</Show>
      <p role="status" class="s-note">
        <Show when={items()}>{(list) => (list().length === 0 ? tr("find.none") : tr("find.found", { n: list().length }))}</Show>
      </p>
      <ul>
        <For each={items()}>
          {(patient) => (
            <li>
              <button type="button" onClick={() => pick(patient)}>
                <b>{patientName(patient)}</b> <span>{ageAndSex(patient, now())}</span>
              </button>
            </li>
          )}
        </For>
      </ul>
    </div>
  );
}
