import { createMemo, Show } from "solid-js";
import type { Limit, Point } from "./series.ts";
import { layoutSparkline } from "./sparkline.ts";
import "./charts.css";

/** A trend beside its number, never without it: hidden from assistive technology, the row's text carries the meaning. */
export function Sparkline(props: {
  points: readonly Point[];
  window: { from: number; to: number };
  gapMs: number;
  limit?: Limit;
  level?: string;
  width?: number;
  height?: number;
}) {
  const width = () => props.width ?? 128;
  const height = () => props.height ?? 34;
  const shape = createMemo(() =>
    layoutSparkline(props.points, { width: width(), height: height() }, props.window, props.gapMs, props.limit),
  );
  return (
    <svg class="spark" data-level={props.level} viewBox={`0 0 ${width()} ${height()}`} width={width()} height={height()} aria-hidden="true">
      <Show when={shape().band}>
        {(band) => <rect class="bd" x="0" y={band().y} width={width()} height={Math.max(0, band().height)} />}
      </Show>
      <Show when={shape().threshold !== undefined}>
        <path class="th" d={`M0 ${shape().threshold}H${width()}`} />
      </Show>
      <path class="ln" d={shape().line} />
      <path class="bad" d={shape().bad} />
      <Show when={shape().dot}>{(dot) => <circle class="dot" cx={dot().x} cy={dot().y} r="2.6" />}</Show>
    </svg>
  );
}
