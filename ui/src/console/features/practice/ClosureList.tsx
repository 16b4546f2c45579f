import { type Closure, getClosures, putClosures } from "@episante/contracts/appointment";
import { createSignal, For, Show } from "solid-js";
import { createStore } from "solid-js/store";
import { Button } from "../../../shared/components/Button.tsx";
import { Field } from "../../../shared/components/Field.tsx";
import { Icon } from "../../../shared/components/Icon.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { dateLong, dayInstant } from "../../../shared/lib/format.ts";
import { tp } from "../../i18n/practice-texts.ts";
import { closureFaults, withClosure } from "./closures-form.ts";
import { Saved } from "./Saved.tsx";

const longDay = (day: string) => dateLong(dayInstant(day), "UTC");

/** Days on which the clinic is closed; each change is saved at once. Who may not change them reads them. */
export function ClosureList(props: {
  clinicId: `cli_${string}`;
  items: readonly Closure[];
  mayChange: boolean;
  onSaved: (items: Closure[]) => void;
}) {
  const [typed, setTyped] = createStore<Closure>({ day: "", name: "" });
  const [faulty, setFaulty] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [saved, setSaved] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  let section: HTMLElement | undefined;
  const faults = () => (faulty() ? closureFaults(typed, props.items) : {});
  const words = (key: "day" | "name") => {
    const fault = faults()[key];
    return fault && tp(`closures.fault.${fault}`);
  };
  /** The list is replaced whole: the change is made to the newest one, so that nothing a colleague added meanwhile is lost. */
  async function save(change: (known: readonly Closure[]) => Closure[]): Promise<boolean> {
    if (busy()) return false;
    setBusy(true);
    setSaved(false);
    setProblem(undefined);
    const query = { clinicId: props.clinicId };
    const newest = await call(getClosures, { query });
    const result = newest.ok ? await call(putClosures, { query, body: { items: change(newest.value.items) } }) : newest;
    setBusy(false);
    setSaved(result.ok);
    if (result.ok) props.onSaved(result.value.items);
    else setProblem(result.problem);
    return result.ok;
  }
  async function add(event: Event): Promise<void> {
    event.preventDefault();
    setFaulty(true);
    if (Object.keys(faults()).length > 0) {
      queueMicrotask(() => section?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
      return;
    }
    if (!(await save((known) => withClosure(known, typed)))) return;
    setFaulty(false);
    setTyped({ day: "", name: "" });
  }
  return (
    <section class="c-card" aria-labelledby="closures-title" ref={section}>
      <h2 id="closures-title" tabindex="-1">
        {tp("closures.heading")}
      </h2>
      <p class="s-note">{tp("closures.why")}</p>
      <Show when={props.items.length > 0} fallback={<p>{tp("closures.none")}</p>}>
        <ul class="x-links h-closed">
          <For each={props.items}>
            {(closure) => (
              <li class="c-split">
                <span>
                  <time datetime={closure.day}>{longDay(closure.day)}</time> · {closure.name}
                </span>
                <Show when={props.mayChange}>
                  <button
                    type="button"
                    class="c-sq"
                    onClick={() => {
                      void save((known) => known.filter(({ day }) => day !== closure.day));
                      section?.querySelector<HTMLElement>("h2")?.focus();
                    }}
                  >
                    <Icon name="close" size={16} />
                    <span class="sr">{tp("closures.remove", { day: longDay(closure.day), name: closure.name })}</span>
                  </button>
                </Show>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
      <Show when={props.mayChange}>
        <form class="h-form" onSubmit={(event) => void add(event)} noValidate>
          <div class="m-fields">
            <Field label={tp("closures.day")} type="date" value={typed.day} onInput={(day) => setTyped({ day })} error={words("day")} />
            <Field
              label={tp("closures.name")}
              maxlength="100"
              value={typed.name}
              onInput={(name) => setTyped({ name })}
              error={words("name")}
            />
          </div>
          <div class="c-row">
            <Button type="submit" busy={busy()}>
              {tp("closures.add")}
            </Button>
            <Saved when={saved()} />
          </div>
        </form>
      </Show>
    </section>
  );
}
