import { type CancelReason, type CancelReasons, getCancelReasons, putCancelReasons } from "@episante/contracts/cancel-reason";
import { createEffect, createSignal, createUniqueId, For, Index, Show } from "solid-js";
import { createStore, produce } from "solid-js/store";
import { Button } from "../../../shared/components/Button.tsx";
import { Field } from "../../../shared/components/Field.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { tcr } from "../../i18n/cancel-reason-texts.ts";
import { Saved } from "./Saved.tsx";

/** Who is asked. The lists are what the API takes: 1 to 12 reasons of 80 characters at most, in both languages. */
const asked = ["patient", "staff"] as const;
const most = 12;
const longest = 80;

/** What a clinic offers when a visit is cancelled: a list for patients, one for its members. */
export function CancelReasonsForm(props: { clinicId: `cli_${string}`; title: string }) {
  const id = createUniqueId();
  const known = createLoad(
    () => props.clinicId,
    (clinicId, signal) => call(getCancelReasons, { query: { clinicId }, signal }),
  );
  const [lists, setLists] = createStore<CancelReasons>({ patient: [], staff: [] });
  const [isFaulty, setFaulty] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [saved, setSaved] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  let form: HTMLFormElement | undefined;
  createEffect(() => {
    const value = known.value();
    if (value) setLists(structuredClone(value));
  });
  const fault = (text: string) => (isFaulty() && text.trim() === "" ? tcr("needed") : undefined);
  function change(who: (typeof asked)[number], act: (list: CancelReason[]) => void): void {
    setSaved(false);
    setLists(who, produce(act));
  }
  function add(who: (typeof asked)[number]): void {
    change(who, (list) => void list.push({ fr: "", en: "" }));
    queueMicrotask(() => form?.querySelector<HTMLElement>(`[data-list=${who}] li:last-child input`)?.focus());
  }
  function remove(who: (typeof asked)[number], index: number): void {
    change(who, (list) => void list.splice(index, 1));
    form?.querySelector<HTMLElement>(`[data-list=${who}] .h-more`)?.focus();
  }
  async function save(event: Event): Promise<void> {
    event.preventDefault();
    if (busy()) return;
    setSaved(false);
    setProblem(undefined);
    setFaulty(asked.some((who) => lists[who].some(({ fr, en }) => fr.trim() === "" || en.trim() === "")));
    if (isFaulty()) {
      form?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
      return;
    }
    setBusy(true);
    const result = await call(putCancelReasons, { query: { clinicId: props.clinicId }, body: lists });
    setBusy(false);
    setProblem(result.ok ? undefined : result.problem);
    if (!result.ok) return;
    known.set(result.value);
    setSaved(true);
  }
  return (
    <section class="c-card" aria-labelledby={id}>
      <h2 id={id}>{props.title}</h2>
      <p>{tcr("why")}</p>
      <Show when={known.problem()}>{(found) => <ProblemBanner problem={found()} onRetry={() => void known.reload()} />}</Show>
      <Show when={known.value()}>
        <form ref={form} class="h-form" onSubmit={save} noValidate>
          <For each={asked}>
            {(who) => (
              <fieldset data-list={who}>
                <legend>{tcr(`list.${who}`)}</legend>
                <ol class="h-reasons">
                  <Index each={lists[who]}>
                    {(reason, index) => (
                      <li>
                        <Field
                          label={tcr("fr", { n: index + 1 })}
                          maxlength={longest}
                          lang="fr"
                          value={reason().fr}
                          onInput={(fr) => change(who, (list) => list.splice(index, 1, { ...reason(), fr }))}
                          error={fault(reason().fr)}
                        />
                        <Field
                          label={tcr("en", { n: index + 1 })}
                          maxlength={longest}
                          lang="en"
                          value={reason().en}
                          onInput={(en) => change(who, (list) => list.splice(index, 1, { ...reason(), en }))}
                          error={fault(reason().en)}
                        />
                        <Show when={lists[who].length > 1}>
                          <button type="button" class="c-link" onClick={() => remove(who, index)}>
                            {tcr("remove")}
                            <span class="sr"> {tcr("removeOf", { n: index + 1, list: tcr(`list.${who}`) })}</span>
                          </button>
                        </Show>
                      </li>
                    )}
                  </Index>
                </ol>
                <Button variant="secondary" icon="plus" class="h-more" unavailable={lists[who].length >= most} onClick={() => add(who)}>
                  {tcr("add")}
                  <span class="sr"> {tcr(`list.${who}`)}</span>
                </Button>
              </fieldset>
            )}
          </For>
          <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
          <div class="c-row">
            <Button type="submit" busy={busy()}>
              {tcr("save")}
            </Button>
            <Saved when={saved()} />
          </div>
        </form>
      </Show>
    </section>
  );
}
