import { createEffect, Match, on, Show, Switch } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { Icon } from "../../../shared/components/Icon.tsx";
import { announce } from "../../../shared/components/LiveRegion.tsx";
import { SeverityMark } from "../../../shared/components/SeverityMark.tsx";
import { age, clock } from "../../../shared/lib/format.ts";
import { useConsole } from "../../shell/console-context.tsx";
import type { OpsState } from "./create-ops.ts";
import { o } from "./ops-texts.ts";
import type { Point } from "./ops-words.ts";

/** One line: how the installation is, how old that is, and, where it is so, that nothing is known. It keeps its place and height. */
export function StateBar(props: { state: OpsState; points: readonly Point[] }) {
  const { zone } = useConsole();
  const needing = () => props.points.filter(({ level }) => level !== "notice");
  const worst = () => (props.state.blind() ? "critical" : needing()[0]?.level);
  // The gateway answers and will not say: it refuses everybody while it cannot know which sessions have ended.
  const isRefused = () => props.state.problem()?.code === "mirror-stale";
  const words = () => {
    if (props.state.blind()) return isRefused() ? o("ops.unknownSessions") : o("ops.unknown");
    if (!props.state.ops()) return o("ops.loading");
    if (needing().length > 0) return o("ops.found", { n: needing().length });
    return props.points.length > 0 ? o("ops.wellNoted") : o("ops.well");
  };
  // Said when it changes, not each time it is read: losing sight is the only thing that interrupts.
  createEffect(on(words, (text) => announce(text, props.state.blind() ? "assertive" : "polite"), { defer: true }));
  return (
    <section class="c-card o-bar" data-worst={worst()} data-blind={props.state.blind() ? "" : undefined} aria-label={o("ops.state")}>
      <span class="o-bar-mark">
        <Switch fallback={<Icon name="check" size={24} />}>
          <Match when={props.state.blind()}>
            <Icon name="offline" size={24} />
          </Match>
          <Match when={!props.state.ops()}>
            <Icon name="clock" size={24} />
          </Match>
          <Match when={needing()[0]}>{(first) => <SeverityMark level={first().level} size={24} />}</Match>
        </Switch>
      </span>
      <div class="o-bar-words">
        <p class="o-bar-state" data-testid="ops-state">
          {words()}
        </p>
        <p class="o-bar-age" data-testid="ops-age">
          <Show when={props.state.ops()} fallback={props.state.blind() ? o("ops.never") : o("ops.rhythm")}>
            {(ops) => (
              <Show
                when={props.state.blind()}
                fallback={
                  <>
                    {o("ops.age", { age: age(Date.now() - (props.state.ageMs() ?? 0), zone(), Date.now()) })}
                    <span class="o-wide"> · {o("ops.rhythm")}</span>
                  </>
                }
              >
                {isRefused() ? o("ops.unknownSessionsWhy") : o("ops.blind", { time: clock(ops().at, zone(), true) })}
              </Show>
            )}
          </Show>
        </p>
      </div>
      <Button variant="secondary" icon="refresh" onClick={() => props.state.reload()}>
        {o("ops.refresh")}
      </Button>
    </section>
  );
}
