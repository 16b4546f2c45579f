import { backtest, listRules, putRule, type Rule } from "@episante/contracts/rule";
import { signalOf } from "@episante/contracts/signals";
import { createSignal, For, Show } from "solid-js";
import { Button } from "../../shared/components/Button.tsx";
import { Dialog } from "../../shared/components/Dialog.tsx";
import { Field } from "../../shared/components/Field.tsx";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { SeverityMark } from "../../shared/components/SeverityMark.tsx";
import { type CallProblem, call } from "../../shared/lib/call.ts";
import { dateOnly, number, unit } from "../../shared/lib/format.ts";
import { createLoad } from "../../shared/lib/load.ts";
import { serverNow } from "../../shared/lib/server-clock.ts";
import { kindSentence } from "../features/alerts/kind-words.ts";
import { t } from "../i18n/text.ts";
import { exactSpan, headline, levelWord, neutralName, operatorSign, signalWord, type ThresholdBody } from "../lib/words.ts";
import { ConsolePage } from "../shell/ConsolePage.tsx";
import { useConsole } from "../shell/console-context.tsx";

const trialMs = 24 * 3_600_000;

/** The clinic's rules as sentences; threshold and hold time can be changed after a trial on stored readings. */
export function RulesRoute() {
  const { zone } = useConsole();
  const rules = createLoad(
    () => true,
    (_, signal) => call(listRules, { signal }),
  );
  const [editing, setEditing] = createSignal<ThresholdRule | undefined>();
  const [published, setPublished] = createSignal("");
  return (
    <ConsolePage title={t("rules.title")}>
      <div class="c-narrow">
        <p class="s-note">{t("rules.intro")}</p>
        <p role="status" class="s-note">
          {published()}
        </p>
        <Show when={rules.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void rules.reload()} />}</Show>
        <Show when={rules.value()?.items.length === 0}>
          <p class="c-empty">{t("rules.none")}</p>
        </Show>
        <For each={rules.value()?.items}>
          {(entry) => (
            <section class="c-card">
              <h2 class="c-row">
                <SeverityMark level={entry.rule.kind === "news2" ? "critical" : entry.rule.severity} />
                {title(entry)}
                <span class="c-tag">{entry.scope.kind === "clinic" ? t("rules.scope.clinic") : t("rules.scope.patient")}</span>
                <Show when={!entry.enabled}>
                  <span class="c-tag">{t("rules.disabled")}</span>
                </Show>
              </h2>
              <p class="r-sentence">{entry.rule.kind === "threshold" ? sentence(entry.rule) : kindSentence(entry.rule)}</p>
              <Show when={entry.rule.kind === "threshold" && entry.rule}>{(rule) => <p class="s-note">{clearSentence(rule())}</p>}</Show>
              <div class="c-split">
                <p class="s-note">{t("rules.version", { n: entry.version, date: dateOnly(entry.changedAt, zone()) })}</p>
                <Show when={entry.rule.kind === "threshold" && { ...entry, rule: entry.rule }}>
                  {(threshold) => (
                    <Button variant="secondary" onClick={() => setEditing(threshold())}>
                      {t("rules.edit")}
                      <span class="sr"> : {title(entry)}</span>
                    </Button>
                  )}
                </Show>
              </div>
            </section>
          )}
        </For>
        <Show when={editing()} keyed>
          {(entry) => (
            <Dialog open onClose={() => setEditing(undefined)} title={t("rules.editTitle", { name: title(entry) })}>
              <Editor
                entry={entry}
                onDone={(next) => {
                  setEditing(undefined);
                  setPublished(t("rules.published", { n: next.version }));
                  void rules.reload();
                }}
              />
            </Dialog>
          )}
        </Show>
      </div>
    </ConsolePage>
  );
}

/** Rules of other kinds are told, and changed over the API. */
type ThresholdRule = Rule & { readonly rule: ThresholdBody };

const signalIn = (rule: ThresholdBody) => signalOf(rule.code) ?? rule.code;
const title = ({ name, rule }: Rule) => (rule.kind === "threshold" ? headline({ signal: signalIn(rule), op: rule.op, name }) : name);

function sentence(rule: ThresholdBody): string {
  return t("rules.sentence", {
    signal: signalWord(signalIn(rule)),
    op: operatorSign(rule.op),
    value: number(rule.value),
    unit: unit(rule.unit),
    hold: exactSpan(rule.holdSeconds),
    gap: exactSpan(rule.gapSeconds),
    level: levelWord(rule.severity),
  });
}
function clearSentence(rule: ThresholdBody): string {
  return t("rules.clear", {
    value: number(rule.clear?.value ?? rule.value),
    unit: unit(rule.unit),
    seconds: exactSpan(rule.clear?.seconds ?? 0),
  });
}

function Editor(props: { entry: ThresholdRule; onDone: (rule: Rule) => void }) {
  const before = props.entry.rule;
  const [value, setValue] = createSignal(String(before.value));
  const [hold, setHold] = createSignal(String(before.holdSeconds));
  const [errors, setErrors] = createSignal<{ value?: string; hold?: string }>({});
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  const [busy, setBusy] = createSignal<"trial" | "publish" | undefined>();
  const [trial, setTrial] = createSignal("");

  /** The draft, or nothing when a field is no number: then the field says so. */
  function draft(): ThresholdBody | undefined {
    const next = { value: toNumber(value()), hold: toNumber(hold()) };
    setErrors({
      ...(next.value === undefined ? { value: t("rules.needNumber") } : {}),
      ...(next.hold === undefined || next.hold < 0 ? { hold: t("rules.needNumber") } : {}),
    });
    if (next.value === undefined || next.hold === undefined || next.hold < 0) return undefined;
    return { ...before, value: next.value, holdSeconds: next.hold };
  }
  async function tryOut(): Promise<void> {
    const rule = draft();
    if (!rule || busy()) return;
    setBusy("trial");
    const period = { from: new Date(serverNow() - trialMs).toISOString(), to: new Date(serverNow()).toISOString() };
    const [now, next] = await Promise.all([
      call(backtest, { body: { rule: before, ...period } }),
      call(backtest, { body: { rule, ...period } }),
    ]);
    setBusy(undefined);
    setProblem(!now.ok ? now.problem : !next.ok ? next.problem : undefined);
    if (now.ok && next.ok) {
      setTrial(t("rules.backtestResult", { now: number(now.value.perPatientDay), draft: number(next.value.perPatientDay) }));
    }
  }
  async function publish(event: Event): Promise<void> {
    event.preventDefault();
    const rule = draft();
    if (!rule || busy()) return;
    setBusy("publish");
    const { id, scope, enabled } = props.entry;
    // A name made from the condition follows the condition; a name somebody chose stays.
    const name = props.entry.name === neutralName(before) ? neutralName(rule) : props.entry.name;
    const result = await call(putRule, { params: { id }, body: { name, scope, enabled, rule } });
    setBusy(undefined);
    if (result.ok) props.onDone(result.value);
    else setProblem(result.problem);
  }
  return (
    <form class="r-form" onSubmit={publish} noValidate>
      <p>{sentence(props.entry.rule)}</p>
      <Field
        label={t("rules.threshold", { unit: unit(before.unit) })}
        inputmode="decimal"
        value={value()}
        onInput={setValue}
        error={errors().value}
      />
      <Field label={t("rules.hold")} inputmode="numeric" value={hold()} onInput={setHold} error={errors().hold} />
      <p class="s-note">{t("rules.backtestWhy")}</p>
      <p role="status">{trial()}</p>
      <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
      <div class="d-answers">
        <Button type="submit" busy={busy() === "publish"}>
          {t("rules.publish")}
        </Button>
        <Button variant="secondary" busy={busy() === "trial"} busyText={t("rules.backtestRunning")} onClick={() => void tryOut()}>
          {t("rules.backtest")}
        </Button>
      </div>
    </form>
  );
}

/** Reads a number as people type it: comma or point. */
function toNumber(text: string): number | undefined {
  const value = Number(text.trim().replace(",", "."));
  return text.trim() === "" || !Number.isFinite(value) ? undefined : value;
}
