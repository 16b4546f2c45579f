import "../features/rules/rules.css";
import { useSearchParams } from "@solidjs/router";
import { createEffect, Show } from "solid-js";
import { Button } from "../../shared/components/Button.tsx";
import { Groups } from "../features/rules/Groups.tsx";
import { PatientFind } from "../features/rules/PatientFind.tsx";
import { PatientRules } from "../features/rules/PatientRules.tsx";
import { tr } from "../i18n/rule-texts.ts";
import { patientName } from "../lib/words.ts";
import { ConsolePage } from "../shell/ConsolePage.tsx";
import { useConsole } from "../shell/console-context.tsx";
import { RulesNav } from "./rules-nav.tsx";

/** What judges one patient now. `?patient=` is whom. */
export function PatientRulesRoute() {
  const { names } = useConsole();
  const [search, setSearch] = useSearchParams<{ patient?: string }>();
  createEffect(() => void names.want(search.patient ? [search.patient] : []));
  return (
    <ConsolePage title={tr("page.patient")}>
      <RulesNav />
      <div class="c-narrow">
        <p class="s-note">{tr("effective.why")}</p>
        <Show when={search.patient} keyed fallback={<PatientFind onPick={({ id }) => setSearch({ patient: id })} />}>
          {(id) => (
            <>
              <p class="c-row">
                <b>{patientName(names.get(id))}</b>
                <Button variant="quiet" onClick={() => setSearch({ patient: undefined })}>
                  {tr("scope.other")}
                </Button>
              </p>
              <PatientRules patientId={id as `pat_${string}`} />
            </>
          )}
        </Show>
      </div>
    </ConsolePage>
  );
}

export function GroupsRoute() {
  return (
    <ConsolePage title={tr("page.groups")}>
      <RulesNav />
      <div class="c-narrow">
        <Groups />
      </div>
    </ConsolePage>
  );
}
