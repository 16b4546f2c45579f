import type { OnCall, OnCallSettings } from "@episante/contracts/on-call";
import { createMemo, For, Show } from "solid-js";
import { Banner } from "../../../shared/components/Banner.tsx";
import { Icon } from "../../../shared/components/Icon.tsx";
import { toc } from "../../i18n/on-call-texts.ts";
import { useConsole } from "../../shell/console-context.tsx";
import { planOf, severities } from "./call-plan.ts";
import { planSentence, shortTime } from "./on-call-words.ts";
import { holesOf } from "./rota.ts";

const mostHoles = 5;

/** Who is on call now, as the server says; and, of what is being edited, the holes of the coming week and what an alert would set going. */
export function OnCallNow(props: { known: OnCall; setting: OnCallSettings | undefined }) {
  const { now } = useConsole();
  // Minutes are enough: nothing here is told by the second.
  const minute = createMemo(() => Math.floor(now() / 60_000) * 60_000);
  const zone = () => props.known.zone;
  const hasRota = () => props.setting !== undefined && props.setting.rota.weekly.length + props.setting.rota.exceptions.length > 0;
  const holes = createMemo(() => (props.setting && hasRota() ? holesOf(props.setting, minute()) : []));
  const at = (ms: number) => shortTime(ms, zone(), minute());
  return (
    <section class="c-card oc-part" aria-labelledby="on-call-now">
      <h2 id="on-call-now">{toc("now.title")}</h2>
      <p class="oc-now" role="status" data-testid="on-call-now">
        <Icon name={props.known.onCallNow ? "user" : "alert"} />
        <Show when={props.known.onCallNow} fallback={toc("now.nobody")}>
          {(person) => toc("now.is", { name: person().name || toc("person.unnamed"), until: at(Date.parse(person().until)) })}
        </Show>
      </p>
      <Show when={props.setting && !hasRota()}>
        <p class="s-note">{toc("now.noRota")}</p>
      </Show>
      <Show when={holes().length > 0}>
        <Banner tone="warning" icon="alert">
          <p>{toc("holes", { n: holes().length })}</p>
          <ul class="oc-holes">
            <For each={holes().slice(0, mostHoles)}>
              {({ startMs, endMs }) => (
                <li>{endMs === undefined ? toc("holeOpen", { from: at(startMs) }) : toc("hole", { from: at(startMs), to: at(endMs) })}</li>
              )}
            </For>
            <Show when={holes().length > mostHoles}>
              <li>{toc("holesMore", { n: holes().length - mostHoles })}</li>
            </Show>
          </ul>
        </Banner>
      </Show>
      <h3 class="c-h2">{toc("plan.title")}</h3>
      <Show when={props.setting} fallback={<p class="s-note">{toc("plan.faulty")}</p>}>
        {(setting) => (
          <ul class="oc-plan" data-testid="call-plan">
            <For each={severities}>
              {(severity) => (
                <li>
                  {planSentence(severity, planOf(setting(), severity, minute()), {
                    people: props.known.people,
                    zone: zone(),
                    nowMs: minute(),
                  })}
                </li>
              )}
            </For>
          </ul>
        )}
      </Show>
      <p class="s-note">{toc("plan.taken")}</p>
    </section>
  );
}
