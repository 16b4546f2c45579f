import { For, type JSX, Show } from "solid-js";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { SeverityMark } from "../../../shared/components/SeverityMark.tsx";
import type { Load } from "../../../shared/lib/load.ts";

/** A card around a list that is loaded: its problem, its emptiness, or its content. */
export function Section<T extends { items: readonly unknown[] }>(props: {
  title: string;
  note?: string;
  load: Load<T>;
  empty: string;
  tools?: JSX.Element;
  children: JSX.Element;
}) {
  return (
    <section class="c-card">
      <div class="c-split">
        <h2 class="c-h2">{props.title}</h2>
        {props.tools}
      </div>
      <Show when={props.note}>
        <p class="s-note">{props.note}</p>
      </Show>
      <Show when={props.load.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void props.load.reload()} />}</Show>
      <Show when={props.load.value()?.items.length === 0}>
        <p class="c-empty">{props.empty}</p>
      </Show>
      <Show when={(props.load.value()?.items.length ?? 0) > 0}>{props.children}</Show>
    </section>
  );
}

/** Column heads of a table. */
export function Head(props: { names: string[] }) {
  return (
    <thead>
      <tr>
        <For each={props.names}>{(name) => <th scope="col">{name}</th>}</For>
      </tr>
    </thead>
  );
}

/** A state as a word, with the shape of its weight in front where it has one. Normal is quiet. */
export function StateTag(props: { weight?: "critical" | "warning" | undefined; children: JSX.Element }) {
  return (
    <span class="o-state" data-weight={props.weight}>
      <Show when={props.weight}>{(weight) => <SeverityMark level={weight()} size={14} />}</Show>
      {props.children}
    </span>
  );
}
