import type { Ops } from "@episante/contracts/ops";
import { For, Show } from "solid-js";
import { number } from "../../../shared/lib/format.ts";
import { shortSpan } from "../../lib/words.ts";
import { o } from "./ops-texts.ts";
import { bytes } from "./ops-words.ts";
import { Head, StateTag } from "./Section.tsx";

/** Time since a moment, on the gateway's clock: neither this device's nor the test clock counts. */
export function Since(props: { at: string | undefined; now: string }) {
  return (
    <Show when={props.at} fallback="–">
      {(at) => <time datetime={at()}>{shortSpan(Date.parse(props.now) - Date.parse(at()))}</time>}
    </Show>
  );
}

const weights = { ready: undefined, "not-ready": "critical", down: "critical" } as const;

/** Every process: whether it does its work, why not, and since when it runs. */
export function Processes(props: { ops: Ops }) {
  return (
    <section class="c-card">
      <h2 class="c-h2">{o("ops.processes")}</h2>
      <div class="c-table" tabindex="0" role="region" aria-label={o("ops.processes")}>
        <table>
          <Head names={[o("ops.process"), o("ops.status"), o("ops.since"), o("ops.memory"), o("ops.outbox"), o("ops.version")]} />
          <tbody>
            <For each={props.ops.processes}>
              {(process) => (
                <tr>
                  <th scope="row">{process.name}</th>
                  <td>
                    <StateTag weight={weights[process.state]}>{o(`ops.process.${process.state}`)}</StateTag>
                    <Show when={process.reasons.length > 0}>
                      {" "}
                      <small>{process.reasons.map((reason) => o(`ops.reason.${reason}`)).join(", ")}</small>
                    </Show>
                  </td>
                  <td class="o-num">
                    <Since at={process.startedAt} now={props.ops.at} />
                  </td>
                  <td class="o-num">{process.memoryBytes === undefined ? "–" : bytes(process.memoryBytes)}</td>
                  <td class="o-num">{process.outboxPending === undefined ? "–" : number(process.outboxPending)}</td>
                  <td>{process.version ?? "–"}</td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </div>
    </section>
  );
}
