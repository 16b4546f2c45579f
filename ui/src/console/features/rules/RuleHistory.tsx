import { listRuleVersions, type Rule } from "@episante/contracts/rule";
import { createSignal, For, Show } from "solid-js";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { call } from "../../../shared/lib/call.ts";
import { dateTime } from "../../../shared/lib/format.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { tr } from "../../i18n/rule-texts.ts";
import { t } from "../../i18n/text.ts";
import { useConsole } from "../../shell/console-context.tsx";
import { ruleSentences } from "./rule-words.ts";

/** Every version of a rule: what it said, who published it and when. Read when it is opened. */
export function RuleHistory(props: { rule: Rule }) {
  const { zone, me } = useConsole();
  const [open, setOpen] = createSignal(false);
  const versions = createLoad(
    () => (open() ? { id: props.rule.id, version: props.rule.version } : undefined),
    ({ id }, signal) => call(listRuleVersions, { params: { id }, signal }),
  );
  return (
    <details class="m-mail" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {tr("versions")}
        <span class="sr"> : {props.rule.name}</span>
      </summary>
      <Show when={versions.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void versions.reload()} />}</Show>
      <ol class="r-versions">
        <For each={versions.value()?.items}>
          {(version) => {
            const by = () =>
              version.changedBy?.accountId === me().accountId ? t("alerts.you").toLocaleLowerCase() : version.changedBy?.name;
            const when = () => dateTime(version.changedAt, zone());
            return (
              <li>
                <b>{tr("versions.n", { n: version.version })}</b>{" "}
                <span class="s-note">{by() ? tr("versions.by", { when: when(), name: by() ?? "" }) : when()}</span>
                <Show when={!version.enabled}>
                  {" "}
                  <span class="c-tag">{t("rules.disabled")}</span>
                </Show>
                <p>{ruleSentences(version.rule).join(" ")}</p>
                <Show when={version.reason}>{(reason) => <p class="s-note">{tr("effective.reason", { reason: reason() })}</p>}</Show>
              </li>
            );
          }}
        </For>
      </ol>
    </details>
  );
}
