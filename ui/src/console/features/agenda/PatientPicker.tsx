import { createEffect, createSignal, createUniqueId, For, onMount, Show } from "solid-js";
import { FieldError } from "../../../shared/components/Field.tsx";
import { dateOnly, dayInstant } from "../../../shared/lib/format.ts";
import { ta } from "../../i18n/agenda-texts.ts";
import { createPatientSearch } from "../../lib/patient-search.ts";
import { type PatientMin, patientName } from "../../lib/words.ts";

const lineBy = { female: "book.patientLineF", male: "book.patientLineM", other: "book.patientLine", unknown: "book.patientLine" } as const;

/** Tells people of the same name apart: date of birth and file number. */
export const patientLine = (patient: PatientMin) =>
  ta(lineBy[patient.gender], { date: dateOnly(dayInstant(patient.birthDate), "UTC"), number: patient.fileNumber });

/** Finds a patient of the clinic by name, date of birth or phone; arrows and Enter choose. */
export function PatientPicker(props: {
  error?: string | undefined;
  onPick: (patient: PatientMin) => void;
  onNew: (typed: string) => void;
}) {
  const id = createUniqueId();
  const search = createPatientSearch(8);
  const { typed, setTyped, asked, isSettled } = search;
  const [active, setActive] = createSignal(0);
  let input: HTMLInputElement | undefined;
  // The dialog puts focus on its first button after this: the search is where one begins.
  onMount(() => setTimeout(() => input?.focus(), 0));
  createEffect(() => {
    asked();
    setActive(0);
  });
  const items = () => search.items() ?? [];
  function press(event: KeyboardEvent): void {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const count = items().length;
      if (count > 0) setActive((active() + (event.key === "ArrowDown" ? 1 : count - 1)) % count);
    } else if (event.key === "Enter") {
      // Enter chooses; it never sends the form from here.
      event.preventDefault();
      const patient = isSettled() ? items()[active()] : undefined;
      if (patient) props.onPick(patient);
    }
  }
  return (
    <div class="field g-picker">
      <label for={`${id}-q`}>{ta("book.patient")}</label>
      <p class="hint" id={`${id}-hint`}>
        {ta("book.patientHint")}
      </p>
      <FieldError id={`${id}-error`} text={props.error} />
      <input
        ref={input}
        id={`${id}-q`}
        class="input"
        type="text"
        role="combobox"
        autocomplete="off"
        aria-expanded={items().length > 0}
        aria-controls={`${id}-list`}
        aria-activedescendant={items().length > 0 ? `${id}-${active()}` : undefined}
        aria-describedby={props.error ? `${id}-hint ${id}-error` : `${id}-hint`}
        aria-invalid={props.error ? "true" : undefined}
        value={typed()}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={press}
      />
      <div role="status" class="g-count">
        <Show when={isSettled()}>{items().length === 0 ? ta("book.patientNone") : ta("book.patientFound", { n: items().length })}</Show>
      </div>
      <div role="listbox" id={`${id}-list`} aria-label={ta("book.patient")} class="g-found">
        <For each={items()}>
          {(patient, index) => (
            // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the field, which names the active option
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys
            <div
              role="option"
              id={`${id}-${index()}`}
              aria-selected={index() === active()}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => props.onPick(patient)}
            >
              <b>{patientName(patient)}</b>
              <span>{patientLine(patient)}</span>
            </div>
          )}
        </For>
      </div>
      <button type="button" class="btn" data-variant="quiet" onClick={() => props.onNew(typed().trim())}>
        {ta("book.patientNew")}
      </button>
    </div>
  );
}
