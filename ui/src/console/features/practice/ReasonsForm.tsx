import { listReasons, putMyReasons, type Reason } from "@episante/contracts/doctor";
import { createSignal, Index, Show } from "solid-js";
import { createStore, produce } from "solid-js/store";
import { Button } from "../../../shared/components/Button.tsx";
import { Field } from "../../../shared/components/Field.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { t } from "../../i18n/text.ts";
import { Saved } from "./Saved.tsx";

interface Line {
  id?: Reason["id"];
  fr: string;
  en: string;
  minutes: string;
  cancelHours: string;
  online: boolean;
}
const emptyLine: Line = { fr: "", en: "", minutes: "20", cancelHours: "24", online: true };

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
  const [lines, setLines] = createStore<Line[]>(
    props.known.length === 0
      ? [{ ...emptyLine }]
      : props.known.map((reason) => ({
          id: reason.id,
          fr: reason.name.fr,
          en: reason.name.en,
          minutes: String(reason.minutes),
          cancelHours: String(reason.cancelHours),
          online: reason.online,
        })),
  );
  const [faulty, setFaulty] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [saved, setSaved] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  let form: HTMLFormElement | undefined;
  const whole = (text: string, low: number, high: number) => /^\d+$/.test(text.trim()) && Number(text) >= low && Number(text) <= high;
  const named = (text: string) => (faulty() && text.trim() === "" ? t("practice.nameMissing") : undefined);
  const between = (text: string, from: number, to: number) =>
    faulty() && !whole(text, from, to) ? t("practice.between", { from, to }) : undefined;
  const isRight = (line: Line) =>
    line.fr.trim() !== "" && line.en.trim() !== "" && whole(line.minutes, 5, 240) && whole(line.cancelHours, 0, 168);
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
    const body = {
      reasons: lines.map((line) => ({
        ...(line.id ? { id: line.id } : {}),
        name: { fr: line.fr.trim(), en: line.en.trim() },
        minutes: Number(line.minutes),
        cancelHours: Number(line.cancelHours),
        online: line.online,
      })),
    };
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
                error={named(line().fr)}
              />
              <Field
                label={t("practice.nameEn")}
                maxlength="120"
                value={line().en}
                onInput={(en) => change(index, { en })}
                error={named(line().en)}
              />
              <Field
                label={t("practice.minutes")}
                inputmode="numeric"
                value={line().minutes}
                onInput={(minutes) => change(index, { minutes })}
                error={between(line().minutes, 5, 240)}
              />
              <Field
                label={t("practice.cancelHours")}
                inputmode="numeric"
                value={line().cancelHours}
                onInput={(cancelHours) => change(index, { cancelHours })}
                error={between(line().cancelHours, 0, 168)}
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
