import { listPatients } from "@episante/contracts/patient";
import { createEffect, createSignal, For, onCleanup, Show } from "solid-js";
import { Field } from "../../../shared/components/Field.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { call } from "../../../shared/lib/call.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { tr } from "../../i18n/rule-texts.ts";
import { ageAndSex, type PatientMin, patientName } from "../../lib/words.ts";
import { useConsole } from "../../shell/console-context.tsx";

const shortest = 3;
const pauseMs = 250;
const most = 6;

/** Finds a patient by name; each one found is a button. */
export function PatientFind(props: { id?: string; error?: string | undefined; onPick: (patient: PatientMin) => void }) {
  const { now, names } = useConsole();
  const [typed, setTyped] = createSignal("");
  const [asked, setAsked] = createSignal("");
  createEffect(() => {
    const q = typed().trim();
    const timer = setTimeout(() => setAsked(q), pauseMs);
    onCleanup(() => clearTimeout(timer));
  });
  const found = createLoad(
    () => (asked().length >= shortest ? asked() : undefined),
    (q, signal) => call(listPatients, { query: { q, limit: most }, signal }),
    { keep: false },
  );
  function pick(patient: PatientMin): void {
    names.add(patient);
    setTyped("");
    setAsked("");
    props.onPick(patient);
  }
  const items = () => (asked().length >= shortest ? found.value()?.items : undefined);
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
