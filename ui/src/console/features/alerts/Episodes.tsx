import { type Alert, listAlerts } from "@episante/contracts/alert";
import { A } from "@solidjs/router";
import { createMemo, For, Show } from "solid-js";
import { SeverityMark } from "../../../shared/components/SeverityMark.tsx";
import { call } from "../../../shared/lib/call.ts";
import { clock, dateShort, quantity } from "../../../shared/lib/format.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { t } from "../../i18n/text.ts";
import { alertHeadline, alertLevel, shortSpan } from "../../lib/words.ts";
import { useConsole } from "../../shell/console-context.tsx";
import { isOpen, levelOf } from "./alert-board.ts";

const spanMs = 7 * 86_400_000;

/** What happened to the same patient in the seven days before this alert, newest first. */
export function Episodes(props: { alert: Alert }) {
  const { zone } = useConsole();
  const source = createMemo(() => `${props.alert.patientId} ${props.alert.firedAt}`);
  const load = createLoad(source, (key, signal) => {
    const [patientId = "", firedAt = ""] = key.split(" ");
    const from = new Date(Date.parse(firedAt) - spanMs).toISOString();
    return call(listAlerts, { query: { patientId: patientId as Alert["patientId"], from, to: firedAt, limit: 20 }, signal });
  });
  const episodes = () =>
    (load.value()?.items ?? [])
      .filter((other) => other.id !== props.alert.id && other.firedAt <= props.alert.firedAt)
      .sort((a, b) => (a.firedAt < b.firedAt ? 1 : -1));
  return (
    <section class="d-part">
      <h3>{t("alerts.episodes")}</h3>
      <Show when={load.value() && episodes().length === 0}>
        <p class="d-small">{t("alerts.noEpisodes")}</p>
      </Show>
      <ul class="d-episodes">
        <For each={episodes()}>
          {(other) => (
            <li>
              <time datetime={other.firedAt}>{dateShort(other.firedAt, zone())}</time>
              <SeverityMark level={levelOf(other)} size={14} />
              <A href={`/alerts/${other.id}`}>
                <span class="sr">{alertLevel(other)}, </span>
                {episodeWords(other, clock(other.firedAt, zone()))}
              </A>
            </li>
          )}
        </For>
      </ul>
    </section>
  );
}

/** `22:40, SpO₂ basse, mesure 88 %, 6 min, Résolue`. */
function episodeWords(alert: Alert, at: string): string {
  const lasted = alert.clearedAt ? shortSpan(Date.parse(alert.clearedAt) - Date.parse(alert.onsetAt)) : undefined;
  const state = isOpen(alert)
    ? (alert.owner?.name ?? t("alerts.nobody"))
    : t(alert.status === "withdrawn" ? "alerts.status.withdrawn" : "alerts.status.resolved");
  return [at, alertHeadline(alert), t("alerts.episodeValue", { value: quantity(alert.value, alert.unit) }), lasted, state]
    .filter((part) => part !== undefined)
    .join(", ");
}
