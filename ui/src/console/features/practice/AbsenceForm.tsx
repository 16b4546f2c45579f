import { createEffect, createMemo, createUniqueId, For, on, Show } from "solid-js";
import { Field, FieldError } from "../../../shared/components/Field.tsx";
import { tp } from "../../i18n/practice-texts.ts";
import { type AbsenceDraft, type AbsenceFaults, equalReasons, plans } from "./absence-form.ts";
import type { ClinicDoctor } from "./create-doctors.ts";
import { createReasons, reasonWords } from "./create-reasons.ts";

/** Period, note, and what happens to the visits. Nothing is sent from here. */
export function AbsenceFields(props: {
  doctorId: `doc_${string}`;
  draft: AbsenceDraft;
  faults: AbsenceFaults;
  colleagues: readonly ClinicDoctor[];
  onChange: (part: Partial<AbsenceDraft>) => void;
}) {
  const words = (key: keyof AbsenceDraft) => {
    const fault = props.faults[key];
    return fault && tp(`absence.fault.${fault}`);
  };
  const needsPlace = () => props.draft.plan === "move" || props.draft.plan === "colleague";
  const mayCancel = () => props.draft.plan === "cancel" || (needsPlace() && props.draft.otherwise === "cancel");
  return (
    <>
      <div class="m-fields">
        <Field
          label={tp("absence.firstDay")}
          type="date"
          value={props.draft.firstDay}
          error={words("firstDay")}
          onInput={(firstDay) => {
            // A later first day takes the last one along.
            const lastDay = [firstDay, props.draft.lastDay].toSorted().at(-1) ?? firstDay;
            props.onChange({ firstDay, lastDay });
          }}
        />
        <Field
          label={tp("absence.lastDay")}
          type="date"
          value={props.draft.lastDay}
          error={words("lastDay")}
          onInput={(lastDay) => props.onChange({ lastDay })}
        />
      </div>
      <label class="s-choice">
        <input
          type="checkbox"
          checked={props.draft.isPartial}
          onChange={(event) => props.onChange({ isPartial: event.currentTarget.checked })}
        />
        {tp("absence.partial")}
      </label>
      <Show when={props.draft.isPartial}>
        <div class="m-fields">
          <Field
            label={tp("absence.from")}
            inputmode="numeric"
            autocomplete="off"
            value={props.draft.from}
            error={words("from")}
            onInput={(from) => props.onChange({ from })}
          />
          <Field
            label={tp("absence.to")}
            inputmode="numeric"
            autocomplete="off"
            value={props.draft.to}
            error={words("to")}
            onInput={(to) => props.onChange({ to })}
          />
        </div>
      </Show>
      <div class="m-fields">
        <Field
          label={tp("absence.note")}
          hint={tp("absence.noteWhy")}
          maxlength="200"
          value={props.draft.note}
          onInput={(note) => props.onChange({ note })}
        />
      </div>
      <fieldset>
        <legend>{tp("absence.plan")}</legend>
        <For each={plans}>
          {(plan) => (
            <label class="s-choice">
              <input type="radio" name="plan" checked={props.draft.plan === plan} onChange={() => props.onChange({ plan })} />
              {tp(`absence.plan.${plan}`)}
            </label>
          )}
        </For>
      </fieldset>
      <Show when={props.draft.plan === "move"}>
        <div class="m-fields">
          <Field
            label={tp("absence.moveToDay")}
            hint={tp("absence.moveToDayWhy")}
            type="date"
            value={props.draft.moveToDay}
            error={words("moveToDay")}
            onInput={(moveToDay) => props.onChange({ moveToDay })}
          />
        </div>
      </Show>
      <Show when={props.draft.plan === "colleague"}>
        <Colleague {...props} error={words("toDoctorId")} />
      </Show>
      <Show when={needsPlace()}>
        <fieldset>
          <legend>{tp("absence.otherwise")}</legend>
          <For each={["keep", "cancel"] as const}>
            {(otherwise) => (
              <label class="s-choice">
                <input
                  type="radio"
                  name="otherwise"
                  checked={props.draft.otherwise === otherwise}
                  onChange={() => props.onChange({ otherwise })}
                />
                {tp(`absence.otherwise.${otherwise}`)}
              </label>
            )}
          </For>
        </fieldset>
      </Show>
      <Show when={mayCancel()}>
        <div class="m-fields">
          <Field
            label={tp("absence.reason")}
            hint={tp("absence.reasonWhy")}
            maxlength="300"
            value={props.draft.reason}
            onInput={(reason) => props.onChange({ reason })}
          />
        </div>
      </Show>
    </>
  );
}

/** Which colleague, and which of the colleague's reasons stands for each of the doctor's. Equal names and lengths are proposed. */
function Colleague(props: {
  doctorId: `doc_${string}`;
  draft: AbsenceDraft;
  colleagues: readonly ClinicDoctor[];
  error: string | undefined;
  onChange: (part: Partial<AbsenceDraft>) => void;
}) {
  const id = createUniqueId();
  const own = createReasons(() => props.doctorId);
  const toDoctorId = createMemo(() => (props.draft.toDoctorId || undefined) as `doc_${string}` | undefined);
  const theirs = createReasons(toDoctorId);
  createEffect(
    on([own.value, theirs.value], ([mine, others]) => {
      if (mine && others) props.onChange({ reasons: equalReasons(mine.items, others.items) });
    }),
  );
  return (
    <Show when={props.colleagues.length > 0} fallback={<p>{tp("absence.noColleague")}</p>}>
      <div class="m-fields h-pairs">
        <div class="field">
          <label for={id}>{tp("absence.toDoctor")}</label>
          <FieldError id={`${id}-error`} text={props.error} />
          <span class="c-select">
            <select
              id={id}
              class="input"
              value={props.draft.toDoctorId}
              aria-invalid={props.error ? "true" : undefined}
              aria-describedby={props.error ? `${id}-error` : undefined}
              onChange={(event) => props.onChange({ toDoctorId: event.currentTarget.value, reasons: {} })}
            >
              <option value="">–</option>
              <For each={props.colleagues}>{(doctor) => <option value={doctor.id}>{doctor.name}</option>}</For>
            </select>
          </span>
        </div>
        <Show when={toDoctorId() && theirs.value()}>
          {(others) => (
            <For each={own.value()?.items ?? []}>
              {(reason, index) => (
                <div class="field">
                  <label for={`${id}-${index()}`}>{tp("absence.reasonFor", { reason: reasonWords(reason) })}</label>
                  <span class="c-select">
                    <select
                      id={`${id}-${index()}`}
                      class="input"
                      value={props.draft.reasons[reason.id] ?? ""}
                      onChange={(event) => props.onChange({ reasons: { ...props.draft.reasons, [reason.id]: event.currentTarget.value } })}
                    >
                      <option value="">{tp("absence.noReason")}</option>
                      <For each={others().items}>{(other) => <option value={other.id}>{reasonWords(other)}</option>}</For>
                    </select>
                  </span>
                </div>
              )}
            </For>
          )}
        </Show>
      </div>
    </Show>
  );
}
