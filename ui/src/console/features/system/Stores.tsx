import type { Ops } from "@episante/contracts/ops";
import { For, Show } from "solid-js";
import { number } from "../../../shared/lib/format.ts";
import { o } from "./ops-texts.ts";
import { bytes } from "./ops-words.ts";
import { Since } from "./Processes.tsx";
import { Head, StateTag } from "./Section.tsx";

const weights = { up: undefined, down: "critical", unknown: "warning" } as const;

/** The databases, as their services see them. */
export function Databases(props: { ops: Ops }) {
  return (
    <section class="c-card">
      <h2 class="c-h2">{o("ops.databases")}</h2>
      <div class="c-table" tabindex="0" role="region" aria-label={o("ops.databases")}>
        <table>
          <Head names={[o("ops.database"), o("ops.status"), o("ops.since"), o("ops.size"), o("ops.version")]} />
          <tbody>
            <For each={props.ops.databases}>
              {(database) => (
                <tr>
                  <th scope="row">{database.service}</th>
                  <td>
                    <StateTag weight={weights[database.state]}>{o(`ops.database.${database.state}`)}</StateTag>
                  </td>
                  <td class="o-num">
                    <Since at={database.startedAt} now={props.ops.at} />
                  </td>
                  <td class="o-num">{database.bytes === undefined ? "–" : bytes(database.bytes)}</td>
                  <td>{database.version ? `PostgreSQL ${database.version}` : "–"}</td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** The message broker: whether it answers, whether it writes before it confirms, and what its streams hold. */
export function Broker(props: { ops: Ops }) {
  const broker = () => props.ops.broker;
  return (
    <section class="c-card">
      <h2 class="c-h2">{o("ops.broker")}</h2>
      <ul class="o-facts">
        <li>
          <StateTag weight={broker().up ? undefined : "critical"}>{o(broker().up ? "ops.broker.up" : "ops.broker.down")}</StateTag>
        </li>
        <Show when={broker().up}>
          <li>
            <StateTag weight={broker().isDurable ? undefined : "critical"}>
              {o(broker().isDurable ? "ops.broker.durable" : "ops.broker.notDurable")}
            </StateTag>
          </li>
          <li>
            {o("ops.version")} {broker().version}
          </li>
          <li>
            {o("ops.since")} <Since at={broker().startedAt} now={props.ops.at} />
          </li>
          <li>
            {o("ops.memory")} {bytes(broker().memoryBytes ?? 0)}
          </li>
        </Show>
      </ul>
      <Show when={broker().streams.length > 0}>
        <div class="c-table" tabindex="0" role="region" aria-label={o("ops.broker")}>
          <table>
            <Head names={[o("ops.stream"), o("ops.messages"), o("ops.size")]} />
            <tbody>
              <For each={broker().streams}>
                {(stream) => (
                  <tr>
                    <th scope="row">{stream.name}</th>
                    <td class="o-num">{number(stream.messages)}</td>
                    <td class="o-num">{bytes(stream.bytes)}</td>
                  </tr>
                )}
              </For>
            </tbody>
          </table>
        </div>
      </Show>
    </section>
  );
}
