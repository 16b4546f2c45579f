import "../features/rules/rules.css";
import { listRules, type Rule } from "@episante/contracts/rule";
import { A, useNavigate, useParams, useSearchParams } from "@solidjs/router";
import { createEffect, For, Show } from "solid-js";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { call } from "../../shared/lib/call.ts";
import { createLoad } from "../../shared/lib/load.ts";
import { RuleForm } from "../features/rules/RuleForm.tsx";
import { kindNames, kindOf } from "../features/rules/rule-kinds.ts";
import { ruleTitle } from "../features/rules/rule-words.ts";
import { tr } from "../i18n/rule-texts.ts";
import { ConsolePage } from "../shell/ConsolePage.tsx";
import { useConsole } from "../shell/console-context.tsx";
import { RulesNav } from "./rules-nav.tsx";

/** Adds a rule: first its kind, then its values. `?kind=` is the kind, `?patient=` whom it is for, `?adjust=` the rule it stands in place of. */
export function NewRuleRoute() {
  const { names } = useConsole();
  const [search] = useSearchParams<{ kind?: string; patient?: string; adjust?: string }>();
  const rules = createLoad(
    () => search.adjust,
    (_, signal) => call(listRules, { signal }),
    { keep: false },
  );
  const adjusted = () => rules.value()?.items.find((rule) => rule.id === search.adjust);
  const done = (rule: Rule) => navigate("/rules", { state: { said: tr("published.new", { name: ruleTitle(rule) }) } });
  const navigate = useNavigate();
  const kind = () => kindNames.find((name) => name === search.kind);
  const patient = () => search.patient;
  createEffect(() => void names.want(patient() ? [patient() ?? ""] : []));
  const withPatient = () => (patient() ? `&patient=${encodeURIComponent(patient() ?? "")}` : "");
  return (
    <ConsolePage title={tr("page.new")}>
      <RulesNav />
      <Show when={rules.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void rules.reload()} />}</Show>
      <Show when={rules.value() && !adjusted()}>
        <p class="c-empty">{tr("gone")}</p>
      </Show>
      <Show when={adjusted()} keyed>
        {(rule) => (
          <RuleForm
            begin={{ rule: rule.rule, scope: { kind: "patient", id: patient() ?? "" }, name: rule.name, replaces: rule }}
            onDone={done}
          />
        )}
      </Show>
      <Show when={!search.adjust && kind()} keyed fallback={search.adjust ? undefined : <KindChoice query={withPatient()} />}>
        {(chosen) => (
          <>
            <p class="r-back">
              <A href={`/rules/new${withPatient().replace("&", "?")}`}>{tr("new.other")}</A>
            </p>
            <RuleForm
              begin={{
                rule: kindOf(chosen).start,
                scope: patient() ? { kind: "patient", id: patient() ?? "" } : { kind: "clinic" },
              }}
              onDone={done}
            />
          </>
        )}
      </Show>
    </ConsolePage>
  );
}

function KindChoice(props: { query: string }) {
  return (
    <nav class="c-narrow" aria-labelledby="rule-kinds">
      <h2 id="rule-kinds" class="c-h2">
        {tr("new.which")}
      </h2>
      <ul class="r-kinds">
        <For each={kindNames}>
          {(name) => (
            <li>
              <A href={`/rules/new?kind=${name}${props.query}`}>
                <b>{tr(kindOf(name).title)}</b>
                <span>{tr(kindOf(name).about)}</span>
              </A>
            </li>
          )}
        </For>
      </ul>
    </nav>
  );
}

/** Changes a rule: publishes its next version. */
export function RuleRoute() {
  const { names } = useConsole();
  const params = useParams<{ id: string }>();
  const navigate = useNavigate();
  const rules = createLoad(
    () => params.id,
    (_, signal) => call(listRules, { signal }),
    { keep: false },
  );
  const found = () => rules.value()?.items.find((rule) => rule.id === params.id);
  createEffect(() => {
    const scope = found()?.scope;
    if (scope?.kind === "patient" && scope.id) void names.want([scope.id]);
  });
  const title = () => {
    const rule = found();
    return rule ? tr("page.edit", { name: ruleTitle(rule) }) : tr("nav.rules");
  };
  const done = (rule: Rule) => navigate("/rules", { state: { said: tr("published.version", { name: ruleTitle(rule), n: rule.version }) } });
  return (
    <ConsolePage title={title()}>
      <RulesNav />
      <p class="r-back">
        <A href="/rules">{tr("back")}</A>
      </p>
      <Show when={rules.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void rules.reload()} />}</Show>
      <Show when={rules.value() && !found()}>
        <p class="c-empty">{tr("gone")}</p>
      </Show>
      <Show when={found()} keyed>
        {(rule) => <RuleForm begin={{ rule: rule.rule, scope: rule.scope, name: rule.name, existing: rule }} onDone={done} />}
      </Show>
    </ConsolePage>
  );
}
