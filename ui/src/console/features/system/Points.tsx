import { For, Show } from "solid-js";
import { SeverityMark } from "../../../shared/components/SeverityMark.tsx";
import { o } from "./ops-texts.ts";
import { type Point, pointAdvice, pointText } from "./ops-words.ts";

/** What needs somebody, each with what to do. */
export function Points(props: { points: readonly Point[] }) {
  return (
    <section class="c-card">
      <h2 class="c-h2">{o("ops.attention")}</h2>
      <Show when={props.points.length > 0} fallback={<p class="c-empty">{o("ops.nothing")}</p>}>
        <ul class="o-points">
          <For each={props.points}>
            {(point) => (
              <li data-level={point.level}>
                <SeverityMark level={point.level} />
                <div>
                  <p>
                    <b>{o(`ops.level.${point.level}`)}</b> · {pointText(point)}
                  </p>
                  <p class="s-note">{pointAdvice(point)}</p>
                </div>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </section>
  );
}
