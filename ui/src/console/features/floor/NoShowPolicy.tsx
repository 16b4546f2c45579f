import "./floor.css";
import { getNoShowPolicy, putNoShowPolicy } from "@episante/contracts/visit";
import { createEffect, createSignal, createUniqueId, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { Field } from "../../../shared/components/Field.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { tf } from "../../i18n/floor-texts.ts";
import { limitOf } from "./no-show-limit.ts";

/** When missed visits end online booking with a clinic. */
export function NoShowPolicy(props: { clinicId: `cli_${string}`; title: string }) {
  const id = createUniqueId();
  const policy = createLoad(
    () => props.clinicId,
    (clinicId, signal) => call(getNoShowPolicy, { query: { clinicId }, signal }),
  );
  const [isLimited, setLimited] = createSignal(false);
  const [text, setText] = createSignal("3");
  const [isFaulty, setFaulty] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [saved, setSaved] = createSignal("");
  const [problem, setProblem] = createSignal<CallProblem>();
  createEffect(() => {
    const known = policy.value();
    if (!known) return;
    setLimited(known.limit !== null);
    if (known.limit !== null) setText(String(known.limit));
  });
  async function save(event: Event): Promise<void> {
    event.preventDefault();
    if (busy()) return;
    const limit = isLimited() ? limitOf(text()) : null;
    setFaulty(limit === undefined);
    setSaved("");
    if (limit === undefined) {
      document.querySelector<HTMLElement>(`#${CSS.escape(id)} [aria-invalid=true]`)?.focus();
      return;
    }
    setBusy(true);
    const result = await call(putNoShowPolicy, { body: { clinicId: props.clinicId, limit } });
    setBusy(false);
    setProblem(result.ok ? undefined : result.problem);
    if (!result.ok) return;
    policy.set(result.value);
    setSaved(tf("policy.saved"));
  }
  return (
    <form id={id} class="c-card f-policy" onSubmit={save} noValidate>
      <h2>{props.title}</h2>
      <p>{tf("policy.why")}</p>
      <Show when={problem() ?? policy.problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
      <Show when={policy.value()}>
        <fieldset>
          <legend>{tf("policy.legend")}</legend>
          <label class="s-choice">
            <input type="radio" name={`${id}-kind`} checked={!isLimited()} onChange={() => setLimited(false)} />
            {tf("policy.never")}
          </label>
          <label class="s-choice">
            <input type="radio" name={`${id}-kind`} checked={isLimited()} onChange={() => setLimited(true)} />
            {tf("policy.after")}
          </label>
        </fieldset>
        <Show when={isLimited()}>
          <Field
            label={tf("policy.limit")}
            inputmode="numeric"
            autocomplete="off"
            value={text()}
            onInput={setText}
            error={isFaulty() && limitOf(text()) === undefined ? tf("policy.fault") : undefined}
          />
        </Show>
        <Button type="submit" busy={busy()}>
          {tf("policy.save")}
        </Button>
      </Show>
      <p role="status">{saved()}</p>
    </form>
  );
}
