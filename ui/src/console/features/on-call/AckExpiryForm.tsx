import { type AckExpiry, getAckExpiry, putAckExpiry } from "@episante/contracts/alert";
import { createEffect, createSignal, createUniqueId, For, Show } from "solid-js";
import { createStore } from "solid-js/store";
import { Button } from "../../../shared/components/Button.tsx";
import { Field } from "../../../shared/components/Field.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { toc } from "../../i18n/on-call-texts.ts";
import { levelWord } from "../../lib/words.ts";
import { Saved } from "../practice/Saved.tsx";
import { Part } from "./fields.tsx";
import { minutesOf } from "./on-call-form.ts";

const levels = ["critical", "warning"] as const;

/** When an acknowledgement is forgotten while the alert lasts. */
export function AckExpiryForm(props: { clinicId: `cli_${string}` }) {
  const id = createUniqueId();
  const known = createLoad(
    () => props.clinicId,
    (clinicId, signal) => call(getAckExpiry, { query: { clinicId }, signal }),
  );
  const [typed, setTyped] = createStore({ critical: { never: false, text: "" }, warning: { never: false, text: "" } });
  const [isTried, setTried] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [saved, setSaved] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  const show = ({ criticalMinutes, warningMinutes }: AckExpiry) => {
    setTyped("critical", { never: criticalMinutes === null, text: String(criticalMinutes ?? 60) });
    setTyped("warning", { never: warningMinutes === null, text: String(warningMinutes ?? 240) });
  };
  createEffect(() => {
    const value = known.value();
    if (value) show(value);
  });
  const of = (level: (typeof levels)[number]) => (typed[level].never ? null : minutesOf(typed[level].text));
  async function save(event: Event): Promise<void> {
    event.preventDefault();
    if (busy()) return;
    setTried(true);
    setSaved(false);
    const [criticalMinutes, warningMinutes] = [of("critical"), of("warning")];
    if (criticalMinutes === undefined || warningMinutes === undefined) {
      queueMicrotask(() => document.querySelector<HTMLElement>(`#${CSS.escape(id)} [aria-invalid=true]`)?.focus());
      return;
    }
    setBusy(true);
    const result = await call(putAckExpiry, { body: { clinicId: props.clinicId, criticalMinutes, warningMinutes } });
    setBusy(false);
    setSaved(result.ok);
    setProblem(result.ok ? undefined : result.problem);
    if (result.ok) known.set(result.value);
  }
  return (
    <form id={id} onSubmit={(event) => void save(event)} onInput={() => setSaved(false)} noValidate>
      <Part title={toc("expiry.title")} why={toc("expiry.why")}>
        <Show when={problem() ?? known.problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
        <Show when={known.value()}>
          <div class="m-fields">
            <For each={levels}>
              {(level) => (
                <div>
                  <Show when={!typed[level].never}>
                    <Field
                      label={toc("expiry.minutes", { level: levelWord(level) })}
                      inputmode="numeric"
                      autocomplete="off"
                      value={typed[level].text}
                      onInput={(text) => setTyped(level, { text })}
                      error={isTried() && of(level) === undefined ? toc("expiry.fault") : undefined}
                    />
                  </Show>
                  <label class="s-choice">
                    <input
                      type="checkbox"
                      checked={typed[level].never}
                      onChange={(event) => setTyped(level, { never: event.currentTarget.checked })}
                    />
                    {toc("expiry.never", { level: levelWord(level) })}
                  </label>
                </div>
              )}
            </For>
          </div>
          <div class="c-row">
            <Button type="submit" variant="secondary" busy={busy()}>
              {toc("expiry.save")}
            </Button>
            <Saved when={saved()} />
          </div>
        </Show>
      </Part>
    </form>
  );
}
