import type { Appointment } from "@episante/contracts/appointment";
import { visitHistory } from "@episante/contracts/visit";
import { For, Show } from "solid-js";
import { Icon } from "../../../shared/components/Icon.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { call } from "../../../shared/lib/call.ts";
import { capital, dateTime, machineTime } from "../../../shared/lib/format.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { tv } from "../../i18n/visit-texts.ts";
import { historyLines } from "./history-lines.ts";

/** Who booked the visit and what changed since, newest first. Asked again whenever the visit has changed. */
export function History(props: { visit: Appointment; isOwn: boolean }) {
  const history = createLoad(
    () => `${props.visit.id}|${props.visit.version ?? 0}|${props.visit.status}`,
    (_, signal) => call(visitHistory, { params: { id: props.visit.id }, signal }),
  );
  const lines = () => historyLines(history.value()?.items ?? [], props.visit.zone, props.isOwn);
  return (
    <section class="section" aria-labelledby="history">
      <h2 id="history">{tv("history")}</h2>
      <Show when={history.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void history.reload()} />}</Show>
      <Show when={lines().length > 0}>
        <ol class="card history">
          <For each={lines()}>
            {(line) => (
              <li>
                <Icon name={line.isRefused ? "close" : "clock"} size={18} />
                <span>
                  <span class="block">{line.what}</span>
                  <span class="block small muted">
                    <time datetime={machineTime(line.at, props.visit.zone)}>{capital(dateTime(line.at, props.visit.zone))}</time>
                    {line.more ? ` · ${line.more}` : ""}
                  </span>
                </span>
              </li>
            )}
          </For>
        </ol>
      </Show>
    </section>
  );
}
