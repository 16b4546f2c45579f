import { listReasons, putMyReasons, type Reason } from "@episante/contracts/doctor";
import { createSignal, Index, Show } from "solid-js";
import { createStore, produce } from "solid-js/store";
import { Button } from "../../../shared/components/Button.tsx";
import { Field } from "../../../shared/components/Field.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { t } from "../../i18n/text.ts";
import { ReasonRules } from "./ReasonRules.tsx";
import { emptyLine, faultOf, isRight, type Line, lineOf, ranges, toReason } from "./reason-form.ts";
import { createRoomTypes } from "./rooms/create-room-types.ts";
import { Saved } from "./Saved.tsx";

/** Why patients come: name in both languages, length, online or not. A removed reason can no longer be booked; past visits keep it. */
export function ReasonsForm(props: { doctorId: `doc_${string}`; onSaved: () => void }) {
  const reasons = createLoad(
    () => props.doctorId,
    async (id, signal) => {
      const result = await call(listReasons, { params: { id }, signal });
      // A doctor without a published profile has no public list yet.
      return !result.ok && result.problem.code === "not-found" ? { ok: true as const, value: { items: [] } } : result;
    },
    { keep: false },
  );
  return (
    <section class="c-card" aria-labelledby="reasons-title">
      <h2 id="reasons-title">{t("practice.reasons")}</h2>
      <p class="s-note">{t("practice.reasonsWhy")}</p>
      <Show when={reasons.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void reasons.reload()} />}</Show>
      <Show when={reasons.value()} keyed>
        {(known) => <Editor known={known.items} onSaved={props.onSaved} />}
      </Show>
    </section>
  );
}

function Editor(props: { known: readonly Reason[]; onSaved: () => void }) {
  const types = createRoomTypes();
  const [lines, setLines] = createStore<Line[]>(props.known.length === 0 ? [{ ...emptyLine }] : props.known.map(lineOf));
  const [faulty, setFaulty] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [saved, setSaved] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  let form: HTMLFormElement | undefined;
  const named = (line: Line, key: "fr" | "en") => (faulty() && faultOf(line, key) ? t("practice.nameMissing") : undefined);
  const [shortest, longest] = ranges.minutes;
  function change(index: number, part: Partial<Line>): void {
    setSaved(false);
    setLines(index, part);
  }
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (busy()) return;
    setFaulty(true);
    setProblem(undefined);
    if (!lines.every(isRight)) {
      queueMicrotask(() => form?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
      return;
    }
    setBusy(true);
    const body = { reasons: lines.map(toReason) };
    const result = await call(putMyReasons, { body });
    setBusy(false);
    if (!result.ok) {
      setProblem(result.problem);
      return;
    }
    // New reasons have their ids now: saving again must not make them twice.
    result.value.items.forEach((reason, index) => {
      setLines(index, "id", reason.id);
    });
    setSaved(true);
    props.onSaved();
  }
  return (
    <form ref={form} class="h-form" onSubmit={submit} noValidate>
      <Index each={lines}>
        {(line, index) => (
          <fieldset class="h-reason">
            <legend>{line().fr || t("practice.reasonNumber", { n: index + 1 })}</legend>
            <div class="m-fields">
              <Field
                label={t("practice.nameFr")}
                maxlength="120"
                value={line().fr}
                onInput={(fr) => change(index, { fr })}
                error={named(line(), "fr")}
              />
              <Field
                label={t("practice.nameEn")}
                maxlength="120"
                value={line().en}
                onInput={(en) => change(index, { en })}
                error={named(line(), "en")}
              />
              <Field
                label={t("practice.minutes")}
                inputmode="numeric"
                value={line().minutes}
                onInput={(minutes) => change(index, { minutes })}
                error={faulty() && faultOf(line(), "minutes") ? t("practice.between", { from: shortest, to: longest }) : undefined}
              />
            </div>
            <div class="c-split">
              <label class="s-choice">
                <input
                  type="checkbox"
                  checked={line().online}
                  onChange={(event) => change(index, { online: event.currentTarget.checked })}
                />
                {t("practice.online")}
              </label>
              <button
                type="button"
                class="c-link"
                onClick={() => {
                  setSaved(false);
                  setLines(produce((all) => void all.splice(index, 1)));
                  form?.querySelector<HTMLElement>(".h-more")?.focus();
                }}
              >
                {t("practice.removeReason")}
                <span class="sr"> : {line().fr || t("practice.reasonNumber", { n: index + 1 })}</span>
              </button>
            </div>
            <ReasonRules line={line()} types={types()} faulty={faulty()} onChange={(part) => change(index, part)} />
          </fieldset>
        )}
      </Index>
      <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
      <div class="c-row">
        <Button type="submit" busy={busy()}>
          {t("practice.saveReasons")}
        </Button>
        <Button
          class="h-more"
          variant="secondary"
          onClick={() => {
            setSaved(false);
            setLines(lines.length, { ...emptyLine });
            queueMicrotask(() => form?.querySelector<HTMLInputElement>(".h-reason:last-of-type input")?.focus());
          }}
        >
          {t("practice.addReason")}
        </Button>
        <Saved when={saved()} />
      </div>
    </form>
  );
}
