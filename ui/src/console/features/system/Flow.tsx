import type { Ops } from "@episante/contracts/ops";
import { createMemo, For, Show } from "solid-js";
import { number } from "../../../shared/lib/format.ts";
import { shortSpan } from "../../lib/words.ts";
import { o } from "./ops-texts.ts";
import { Head, StateTag } from "./Section.tsx";

type Partition = Ops["readers"][number];
const weights = { current: undefined, "catching-up": "warning", still: "critical" } as const;

function worstOf(partitions: readonly Partition[]): Partition["state"] {
  return (["still", "catching-up"] as const).find((state) => partitions.some((one) => one.state === state)) ?? "current";
}

function stateWords(state: Partition["state"], quietSeconds?: number): string {
  if (state !== "still") return o(`ops.reader.${state}`);
  return quietSeconds === undefined ? o("ops.stillShort") : o("ops.reader.still", { span: shortSpan(quietSeconds * 1000) });
}

/** How far the readers of the readings are, by partition, and whether they move. */
export function Readers(props: { ops: Ops }) {
  const lines = createMemo(() => {
    const byReader = new Map<string, Partition[]>();
    for (const one of props.ops.readers) {
      const name = `${one.service} · ${one.reader}`;
      byReader.set(name, [...(byReader.get(name) ?? []), one]);
    }
    return [...byReader].map(([name, partitions]) => ({
      name,
      partitions,
      lag: partitions.reduce((sum, { lag }) => sum + lag, 0),
      state: worstOf(partitions),
      quietSeconds: Math.max(...partitions.map((one) => one.quietSeconds)),
    }));
  });
  return (
    <section class="c-card">
      <h2 class="c-h2">{o("ops.readers")}</h2>
      <p class="s-note">{o("ops.readersWhy")}</p>
      <Show when={lines().length > 0} fallback={<p class="c-empty">{o("ops.noReaders")}</p>}>
        <div class="c-table" tabindex="0" role="region" aria-label={o("ops.readers")}>
          <table>
            <Head names={[o("ops.reader"), o("ops.status"), o("ops.lag"), o("ops.lagBy")]} />
            <tbody>
              <For each={lines()}>
                {(line) => (
                  <tr>
                    <th scope="row">{line.name}</th>
                    <td>
                      <StateTag weight={weights[line.state]}>{stateWords(line.state, line.quietSeconds)}</StateTag>
                    </td>
                    <td class="o-num">{number(line.lag)}</td>
                    <td>
                      <ul class="o-parts">
                        <For each={line.partitions}>
                          {(one) => (
                            <li>
                              {o("ops.partition", { n: one.partition })} <b>{number(one.lag)}</b>
                              <Show when={one.state === "still"}> {o("ops.stillShort")}</Show>
                            </li>
                          )}
                        </For>
                      </ul>
                    </td>
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

/** The queues of events: only those that are behind are listed. */
export function Consumers(props: { ops: Ops }) {
  const behind = () => props.ops.consumers.behind;
  return (
    <section class="c-card">
      <h2 class="c-h2">{o("ops.consumers")}</h2>
      <Show
        when={behind().length > 0}
        fallback={
          <p class="c-empty">{props.ops.broker.up ? o("ops.consumersUp", { n: props.ops.consumers.total }) : o("ops.consumersUnknown")}</p>
        }
      >
        <div class="c-table" tabindex="0" role="region" aria-label={o("ops.consumers")}>
          <table>
            <Head names={[o("ops.consumer"), o("ops.status"), o("ops.lag")]} />
            <tbody>
              <For each={behind()}>
                {(one) => (
                  <tr>
                    <th scope="row">{one.name}</th>
                    <td>
                      <StateTag weight={one.state === "still" ? "warning" : undefined}>{stateWords(one.state)}</StateTag>
                    </td>
                    <td class="o-num">{number(one.lag)}</td>
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

/** Facts of one service that another keeps, because it decides by them. */
export function Mirrors(props: { ops: Ops }) {
  return (
    <section class="c-card">
      <h2 class="c-h2">{o("ops.mirrors")}</h2>
      <Show when={props.ops.mirrors.length > 0} fallback={<p class="c-empty">{o("ops.noMirrors")}</p>}>
        <ul class="o-lines">
          <For each={props.ops.mirrors}>
            {(mirror) => (
              <li>
                <span>{o("ops.mirror", { service: mirror.service, owner: mirror.owner })}</span>
                <StateTag weight={mirror.fresh ? undefined : "warning"}>
                  {o(mirror.fresh ? "ops.mirror.fresh" : "ops.mirror.stale")}
                </StateTag>
                <small>
                  <Show when={mirror.heardSecondsAgo !== undefined}>
                    {o("ops.heard", { span: shortSpan((mirror.heardSecondsAgo ?? 0) * 1000) })}
                  </Show>
                </small>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </section>
  );
}
