import { type EffectiveRule, effectiveRules } from "@episante/contracts/rule-layers";
import { A } from "@solidjs/router";
import { For, Show } from "solid-js";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { SeverityMark } from "../../../shared/components/SeverityMark.tsx";
import { call } from "../../../shared/lib/call.ts";
import { dateTime } from "../../../shared/lib/format.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { tr } from "../../i18n/rule-texts.ts";
import { t } from "../../i18n/text.ts";
import { useConsole } from "../../shell/console-context.tsx";
import { ruleLevel, ruleSentences, ruleTitle } from "./rule-words.ts";

type Published = EffectiveRule["replaces"][number];

/** Rules that judge one patient now: each with its layer, author, date and reason, and what it stands in place of. */
export function PatientRules(props: { patientId: `pat_${string}` }) {
  const rules = createLoad(
    () => props.patientId,
    (patientId, signal) => call(effectiveRules, { query: { patientId }, signal }),
    { keep: false },
  );
  return (
    <>
      <Show when={rules.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void rules.reload()} />}</Show>
      <Show when={rules.value()?.items.length === 0}>
        <p class="c-empty">{tr("effective.none")}</p>
      </Show>
      <For each={rules.value()?.items}>
        {(rule) => (
          <section class="c-card" aria-label={ruleTitle(rule)}>
            <h2 class="c-row">
              <SeverityMark level={ruleLevel(rule.rule)} />
              {ruleTitle(rule)}
              <span class="c-tag">{layerWords(rule)}</span>
            </h2>
            <p class="r-sentence">{ruleSentences(rule.rule).join(" ")}</p>
            <div class="c-split">
              <Origin rule={rule} />
              <A
                class="btn"
                data-variant="secondary"
                href={rule.layer === "patient" ? `/rules/${rule.id}` : `/rules/new?adjust=${rule.id}&patient=${props.patientId}`}
              >
                {rule.layer === "patient" ? t("rules.edit") : tr("effective.adjust")}
                <span class="sr"> : {ruleTitle(rule)}</span>
              </A>
            </div>
            <Show when={rule.replaces.length > 0}>
              <h3 class="r-behind">{tr("effective.replaces")}</h3>
              <ul class="r-versions">
                <For each={rule.replaces}>
                  {(behind) => (
                    <li>
                      <b>{ruleTitle(behind)}</b> <span class="c-tag">{layerWords(behind)}</span>
                      <Show when={!behind.enabled}>
                        {" "}
                        <span class="c-tag">{t("rules.disabled")}</span>
                      </Show>
                      <p>{ruleSentences(behind.rule).join(" ")}</p>
                      <Origin rule={behind} />
                    </li>
                  )}
                </For>
              </ul>
            </Show>
          </section>
        )}
      </For>
    </>
  );
}

function layerWords({ layer, group }: Published): string {
  if (layer === "clinic") return tr("scope.clinic");
  return layer === "group" ? tr("scope.ofGroup", { name: group?.name ?? "" }) : tr("scope.this");
}

/** Who published it, when and why. */
function Origin(props: { rule: Published }) {
  const { zone, me } = useConsole();
  const by = () => (props.rule.by?.accountId === me().accountId ? t("alerts.you").toLocaleLowerCase() : props.rule.by?.name);
  const when = () => dateTime(props.rule.at, zone());
  return (
    <p class="s-note">
      {tr("versions.n", { n: props.rule.version })}, {by() ? tr("versions.by", { when: when(), name: by() ?? "" }) : when()}
      <Show when={props.rule.reason}>
        {(reason) => (
          <>
            <br />
            {tr("effective.reason", { reason: reason() })}
          </>
        )}
      </Show>
    </p>
  );
}
