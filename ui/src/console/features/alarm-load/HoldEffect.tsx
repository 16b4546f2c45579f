import { type AlertLoad, alertLoad } from "@episante/contracts/alert-load";
import { A } from "@solidjs/router";
import { createEffect, createMemo, createSignal, createUniqueId, For, onCleanup, Show } from "solid-js";
import { Field } from "../../../shared/components/Field.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { call } from "../../../shared/lib/call.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { tl } from "../../i18n/alarm-load-texts.ts";
import { durationText, parseDuration } from "../rules/duration.ts";
import { shareWords } from "./AlarmLoad.tsx";

const longestHold = 86_400;
/** While somebody types, nothing is asked for this long. */
const pauseMs = 300;

type Effect = NonNullable<AlertLoad["effectOfHold"]>;

/** How many alerts of one rule a longer hold would have spared, in the period on screen. */
export function HoldEffect(props: { load: AlertLoad }) {
  const id = createUniqueId();
  const [chosen, setChosen] = createSignal<string | undefined>();
  const [typed, setTyped] = createSignal("1 min");
  const ruleId = () => (props.load.topRules.find((rule) => rule.id === chosen()) ?? props.load.topRules[0])?.id;
  const seconds = createMemo(() => {
    const value = parseDuration(typed());
    return value !== undefined && value <= longestHold ? value : undefined;
  });
  const [asked, setAsked] = createSignal<{ ruleId: Effect["ruleId"]; holdSeconds: number; from: string; to: string } | undefined>();
  createEffect(() => {
    const [rule, holdSeconds, { from, to }] = [ruleId(), seconds(), props.load];
    const timer = setTimeout(
      () => setAsked(rule && holdSeconds !== undefined ? { ruleId: rule, holdSeconds, from, to } : undefined),
      pauseMs,
    );
    onCleanup(() => clearTimeout(timer));
  });
  const found = createLoad(asked, (query, signal) => call(alertLoad, { query, signal }), { keep: false });
  const effect = () => (seconds() === undefined ? undefined : found.value()?.effectOfHold);
  return (
    <section class="c-card">
      <h2>{tl("hold.title")}</h2>
      <p class="s-note">{tl("hold.why")}</p>
      <div class="r-fields">
        <div class="field">
          <label for={id}>{tl("hold.rule")}</label>
          <span class="c-select">
            <select id={id} class="input" value={ruleId()} onChange={(event) => setChosen(event.currentTarget.value)}>
              <For each={props.load.topRules}>{(rule) => <option value={rule.id}>{rule.name}</option>}</For>
            </select>
          </span>
        </div>
        <Field
          label={tl("hold.seconds")}
          hint={tl("hold.hint")}
          autocomplete="off"
          value={typed()}
          error={seconds() === undefined ? tl("hold.fault") : undefined}
          onInput={setTyped}
        />
      </div>
      <Show when={found.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void found.reload()} />}</Show>
      <p role="status" class="r-said">
        <Show when={effect()}>{(one) => effectWords(one())}</Show>
      </p>
      <Show when={effect()}>{(one) => <A href={`/rules/${one().ruleId}`}>{tl("hold.edit")}</A>}</Show>
    </section>
  );
}

function effectWords({ holdSeconds, alerts, spared, undecided }: Effect): string {
  if (alerts === 0) return tl("hold.none");
  const result = tl("hold.result", { hold: durationText(holdSeconds), spared, n: alerts, share: shareWords(spared / alerts) });
  return undecided > 0 ? `${result} ${tl("hold.undecided", { n: undecided })}` : result;
}
