import { listAlerts } from "@episante/contracts/alert";
import { deleteRule, putRule, type Rule } from "@episante/contracts/rule";
import type { PatientGroup } from "@episante/contracts/rule-layers";
import { A } from "@solidjs/router";
import { createSignal, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { Dialog } from "../../../shared/components/Dialog.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { SeverityMark } from "../../../shared/components/SeverityMark.tsx";
import { type CallProblem, type CallResult, call } from "../../../shared/lib/call.ts";
import { dateOnly } from "../../../shared/lib/format.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { tr } from "../../i18n/rule-texts.ts";
import { t } from "../../i18n/text.ts";
import { useConsole } from "../../shell/console-context.tsx";
import { RuleHistory } from "./RuleHistory.tsx";
import { ruleLevel, ruleSentences, ruleTitle, scopeWords } from "./rule-words.ts";

type Step = "stop" | "retire";

/** One rule: what it does, for whom, since when; to change, stop or retire. */
export function RuleCard(props: { rule: Rule; groups: readonly PatientGroup[]; onChanged: (said: string) => void }) {
  const { names, zone } = useConsole();
  const [asking, setAsking] = createSignal<Step | undefined>();
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  const [busy, setBusy] = createSignal(false);
  const title = () => ruleTitle(props.rule);

  async function send(act: () => Promise<CallResult<unknown>>, said: string): Promise<void> {
    if (busy()) return;
    setBusy(true);
    setProblem(undefined);
    const result = await act();
    setBusy(false);
    if (!result.ok) {
      setProblem(result.problem);
      return;
    }
    setAsking(undefined);
    props.onChanged(said);
  }
  const setEnabled = (enabled: boolean) => {
    const { id, name, scope, rule } = props.rule;
    return call(putRule, { params: { id }, body: { name, scope, rule, enabled } });
  };
  const steps = {
    stop: {
      title: () => tr("stop.title", { name: title() }),
      what: () => tr("stop.what"),
      act: () => tr("stop.do"),
      done: () => tr("stop.done", { name: title() }),
      send: () => setEnabled(false),
    },
    retire: {
      title: () => tr("retire.title", { name: title() }),
      what: () => tr("retire.what"),
      act: () => tr("retire.do"),
      done: () => tr("retire.done", { name: title() }),
      send: () => call(deleteRule, { params: { id: props.rule.id } }),
    },
  } satisfies Record<Step, unknown>;
  return (
    <section class="c-card" aria-label={title()}>
      <h2 class="c-row">
        <SeverityMark level={ruleLevel(props.rule.rule)} />
        {title()}
        <span class="c-tag">{scopeWords(props.rule.scope, { names, groups: props.groups })}</span>
        <Show when={!props.rule.enabled}>
          <span class="c-tag" data-tone="bad">
            {t("rules.disabled")}
          </span>
        </Show>
      </h2>
      <p class="r-sentence">{ruleSentences(props.rule.rule).join(" ")}</p>
      <div class="c-split">
        <p class="s-note">
          {t("rules.version", { n: props.rule.version, date: dateOnly(props.rule.changedAt, zone()) })}
          <Show when={props.rule.reason}>
            {(reason) => (
              <>
                <br />
                {tr("effective.reason", { reason: reason() })}
              </>
            )}
          </Show>
        </p>
        <div class="c-row">
          <Show
            when={props.rule.enabled}
            fallback={
              <Button variant="quiet" busy={busy()} onClick={() => void send(() => setEnabled(true), tr("resume.done", { name: title() }))}>
                {tr("resume")}
                <span class="sr"> : {title()}</span>
              </Button>
            }
          >
            <Button variant="quiet" onClick={() => setAsking("stop")}>
              {tr("stop")}
              <span class="sr"> : {title()}</span>
            </Button>
          </Show>
          <Button variant="quiet" tone="danger" onClick={() => setAsking("retire")}>
            {tr("retire")}
            <span class="sr"> : {title()}</span>
          </Button>
          <A class="btn" data-variant="secondary" href={`/rules/${props.rule.id}`}>
            {t("rules.edit")}
            <span class="sr"> : {title()}</span>
          </A>
        </div>
      </div>
      <RuleHistory rule={props.rule} />
      <Show when={!asking() && problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
      <Show when={asking()}>
        {(step) => (
          <Dialog open onClose={() => setAsking(undefined)} title={steps[step()].title()}>
            <p>{steps[step()].what()}</p>
            <OpenAlerts ruleId={props.rule.id} />
            <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
            <div class="d-answers">
              <Button variant="danger" busy={busy()} onClick={() => void send(steps[step()].send, steps[step()].done())}>
                {steps[step()].act()}
              </Button>
            </div>
          </Dialog>
        )}
      </Show>
    </section>
  );
}

/** How many alerts the step leaves behind, of patients the doctor treats. */
function OpenAlerts(props: { ruleId: string }) {
  const open = createLoad(
    () => props.ruleId,
    async (ruleId, signal) => {
      const lists = await Promise.all(
        (["open", "acked"] as const).map((status) => call(listAlerts, { query: { status, limit: 200 }, signal })),
      );
      const refused = lists.find((list) => !list.ok);
      if (refused && !refused.ok) return refused;
      return {
        ok: true as const,
        value: lists.flatMap((list) => (list.ok ? list.value.items : [])).filter(({ rule }) => rule.id === ruleId).length,
      };
    },
  );
  return (
    <p role="status">
      <Show when={open.value() !== undefined}>{open.value() === 0 ? tr("open.none") : tr("open.count", { n: open.value() ?? 0 })}</Show>
    </p>
  );
}
