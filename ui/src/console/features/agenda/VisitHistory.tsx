import type { Appointment } from "@episante/contracts/appointment";
import { type VisitEntry, visitHistory } from "@episante/contracts/visit";
import { For, Show } from "solid-js";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { call } from "../../../shared/lib/call.ts";
import { clock, dateShort } from "../../../shared/lib/format.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { ta } from "../../i18n/agenda-texts.ts";
import { t } from "../../i18n/text.ts";
import { tse } from "./series/series-texts.ts";

/** Everything that happened to a visit, refused attempts too. Read again when the visit changes. */
export function VisitHistory(props: { visit: Appointment; zone: string }) {
  const history = createLoad(
    () => ({ id: props.visit.id, version: props.visit.version }),
    ({ id }, signal) => call(visitHistory, { params: { id }, signal }),
  );
  const when = (instant: string) => `${dateShort(instant, props.zone)} ${clock(instant, props.zone)}`;
  const status = (entry: VisitEntry) => {
    const state = entry.later?.state?.status;
    return state ? t(`agenda.status.${state}`) : "";
  };
  function words(entry: VisitEntry): string {
    switch (entry.kind) {
      case "booked":
        return ta(entry.imported ? "history.imported" : "history.booked");
      case "moved": {
        const [from, to] = [entry.former?.place?.start, entry.later?.place?.start];
        return ta("history.moved", { from: from ? when(from) : "", to: to ? when(to) : "" });
      }
      case "cancelled":
        return ta("history.cancelled");
      case "status":
        return ta("history.status", { state: status(entry) });
      case "undone":
        return ta("history.undone", { state: status(entry) });
      case "refused":
        return ta(entry.attempt === "cancel" ? "history.refused.cancel" : "history.refused.move");
    }
  }
  return (
    <div class="c-history">
      <h3>{ta("history.title")}</h3>
      <Show when={history.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void history.reload()} />}</Show>
      <Show when={history.value()?.items.length === 0}>
        <p>{ta("history.none")}</p>
      </Show>
      <ol>
        <For each={history.value()?.items}>
          {(entry) => (
            <li>
              <time datetime={entry.at}>{when(entry.at)}</time>
              <span>
                {words(entry)}
                <Show when={entry.ofSeries}>{`, ${tse("ofSeries")}`}</Show>
                <Show when={entry.by}>{(by) => `, ${ta(`history.by.${by()}`)}`}</Show>
                <Show when={entry.later?.reason}>{(reason) => ` : ${reason()}`}</Show>
              </span>
            </li>
          )}
        </For>
      </ol>
    </div>
  );
}
