import "../features/rules/rules.css";
import { listRules, type Rule } from "@episante/contracts/rule";
import { listGroups } from "@episante/contracts/rule-layers";
import { A, useLocation } from "@solidjs/router";
import { createEffect, createSignal, For, Show } from "solid-js";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { call } from "../../shared/lib/call.ts";
import { createLoad } from "../../shared/lib/load.ts";
import { RuleCard } from "../features/rules/RuleCard.tsx";
import { tr } from "../i18n/rule-texts.ts";
import { t } from "../i18n/text.ts";
import { ConsolePage } from "../shell/ConsolePage.tsx";
import { useConsole } from "../shell/console-context.tsx";
import { RulesNav } from "./rules-nav.tsx";

/** The rules of the clinic as sentences: those for everybody, then those for one patient. */
export function RulesRoute() {
  const { names } = useConsole();
  const location = useLocation<{ said?: string }>();
  const rules = createLoad(
    () => true,
    (_, signal) => call(listRules, { signal }),
  );
  const groups = createLoad(
    () => (rules.value()?.items.some(({ scope }) => scope.kind === "group") ? true : undefined),
    (_, signal) => call(listGroups, { signal }),
  );
  const [said, setSaid] = createSignal(location.state?.said ?? "");
  const items = (): readonly Rule[] => rules.value()?.items ?? [];
  createEffect(() => void names.want(items().flatMap(({ scope }) => (scope.kind === "patient" && scope.id ? [scope.id] : []))));
  const changed = (words: string) => {
    setSaid(words);
    void rules.reload();
  };
  return (
    <ConsolePage title={t("rules.title")}>
      <RulesNav />
      <div class="c-narrow">
        <div class="c-split">
          <p class="s-note">{t("rules.intro")}</p>
          <A class="btn" href="/rules/new">
            {tr("page.new")}
          </A>
        </div>
        <p role="status" class="r-said">
          {said()}
        </p>
        <Show when={rules.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void rules.reload()} />}</Show>
        <Show when={rules.value() && items().length === 0}>
          <p class="c-empty">{t("rules.none")}</p>
        </Show>
        <For each={items()}>{(rule) => <RuleCard rule={rule} groups={groups.value()?.items ?? []} onChanged={changed} />}</For>
      </div>
    </ConsolePage>
  );
}
