import "../features/rules/rules.css";
import { alertLoad } from "@episante/contracts/alert-load";
import { useSearchParams } from "@solidjs/router";
import { createEffect, For, Show } from "solid-js";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { call } from "../../shared/lib/call.ts";
import { createLoad } from "../../shared/lib/load.ts";
import { serverNow } from "../../shared/lib/server-clock.ts";
import { AlarmLoad } from "../features/alarm-load/AlarmLoad.tsx";
import { HoldEffect } from "../features/alarm-load/HoldEffect.tsx";
import { tl } from "../i18n/alarm-load-texts.ts";
import { ConsolePage } from "../shell/ConsolePage.tsx";
import { useConsole } from "../shell/console-context.tsx";
import { RulesNav } from "./rules-nav.tsx";

const periods = { last1: 1, last7: 7, last30: 30 } as const;
type Period = keyof typeof periods;
const dayMs = 86_400_000;

/** What the alerts of a period asked of people. The period ends when the page asks. */
export function AlarmLoadRoute() {
  const { zone, names } = useConsole();
  const [search, setSearch] = useSearchParams<{ period?: string }>();
  const period = (): Period => (search.period === "last1" || search.period === "last30" ? search.period : "last7");
  const load = createLoad(
    () => ({ days: periods[period()], zone: zone() }),
    ({ days, zone: inZone }, signal) => {
      const to = serverNow();
      const range = { from: new Date(to - days * dayMs).toISOString(), to: new Date(to).toISOString() };
      return call(alertLoad, { query: { ...range, zone: inZone }, signal });
    },
  );
  createEffect(() => void names.want(load.value()?.topPatients.flatMap(({ patientId }) => patientId ?? []) ?? []));
  return (
    <ConsolePage title={tl("title")}>
      <RulesNav />
      <div class="c-split">
        <p class="s-note">{tl("intro")}</p>
        <div class="c-seg" role="group" aria-label={tl("period")}>
          <For each={Object.keys(periods) as Period[]}>
            {(name) => (
              <button type="button" aria-pressed={period() === name} onClick={() => setSearch({ period: name }, { replace: true })}>
                {tl(name)}
              </button>
            )}
          </For>
        </div>
      </div>
      <Show when={load.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void load.reload()} />}</Show>
      <Show when={load.value()}>
        {(value) => (
          <div classList={{ "r-outdated": load.pending() }}>
            <AlarmLoad load={value()} />
            <Show when={value().topRules.length > 0}>
              <HoldEffect load={value()} />
            </Show>
          </div>
        )}
      </Show>
    </ConsolePage>
  );
}
