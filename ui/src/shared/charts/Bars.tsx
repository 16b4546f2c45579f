import { type Accessor, createMemo, createSignal, For, onCleanup, Show } from "solid-js";
import { number } from "../lib/format.ts";
import { barScale, type Column, columnPlace, isLabelled, type RangeColumn, rangeScale } from "./bars.ts";
import "./charts.css";

const box = { height: 168, left: 4, right: 44, top: 8, bottom: 22 };
const plotHeight = box.height - box.top - box.bottom;

/** Width of the drawing in px, measured: text keeps its size on a phone. */
function createWidth(): [Accessor<number>, (host: HTMLElement) => void] {
  const [width, setWidth] = createSignal(480);
  function watch(host: HTMLElement): void {
    const sized = new ResizeObserver(() => setWidth(Math.max(200, host.clientWidth)));
    sized.observe(host);
    onCleanup(() => sized.disconnect());
  }
  return [width, watch];
}

/** Stacked columns. The same figures stand in a table beside it, so the drawing only needs one sentence. */
export function BarChart(props: { columns: readonly Column[]; summary: string }) {
  const scale = createMemo(() => barScale(props.columns));
  const [width, watch] = createWidth();
  const place = (index: number) => columnPlace(index, props.columns.length, width() - box.left - box.right);
  const y = (value: number) => box.top + plotHeight - (value / scale().top) * plotHeight;
  return (
    <div class="bars" ref={watch}>
      <svg viewBox={`0 0 ${width()} ${box.height}`} role="img" aria-label={props.summary}>
        <Lines lines={scale().lines} y={y} width={width()} />
        <For each={props.columns}>
          {(column, index) => {
            const middle = () => box.left + place(index()).x + place(index()).width / 2;
            const wide = () => Math.min(28, place(index()).width * 0.7);
            const below = (at: number) => column.parts.slice(0, at).reduce((sum, part) => sum + part.value, 0);
            return (
              <>
                <For each={column.parts}>
                  {(part, at) => (
                    <rect
                      class="bar"
                      data-tone={part.tone}
                      x={middle() - wide() / 2}
                      width={wide()}
                      y={y(below(at()) + part.value)}
                      height={Math.max(0, y(below(at())) - y(below(at()) + part.value))}
                    />
                  )}
                </For>
                <Label show={isLabelled(index(), props.columns.length, width())} width={width()} x={middle()} text={column.label} />
              </>
            );
          }}
        </For>
      </svg>
    </div>
  );
}

/** Minimum to maximum of each day, with its mean. */
export function RangeChart(props: { columns: readonly RangeColumn[]; summary: string }) {
  const scale = createMemo(() => rangeScale(props.columns));
  const [width, watch] = createWidth();
  const place = (index: number) => columnPlace(index, props.columns.length, width() - box.left - box.right);
  const y = (value: number) => box.top + plotHeight - ((value - scale().bottom) / (scale().top - scale().bottom)) * plotHeight;
  return (
    <div class="bars" ref={watch}>
      <svg viewBox={`0 0 ${width()} ${box.height}`} role="img" aria-label={props.summary}>
        <Lines lines={scale().lines} y={y} width={width()} />
        <For each={props.columns}>
          {(column, index) => {
            const x = () => box.left + place(index()).x + place(index()).width / 2;
            const wide = () => Math.min(16, place(index()).width * 0.6);
            return (
              <>
                <Show when={column.range}>
                  {(range) => (
                    <>
                      <rect
                        class="reach"
                        x={x() - wide() / 2}
                        width={wide()}
                        y={y(range().high)}
                        height={Math.max(2, y(range().low) - y(range().high))}
                        rx={Math.min(3, wide() / 2)}
                      />
                      <path class="middle" d={`M${x() - wide() / 2} ${y(range().middle)}h${wide()}`} />
                    </>
                  )}
                </Show>
                <Label show={isLabelled(index(), props.columns.length, width())} width={width()} x={x()} text={column.label} />
              </>
            );
          }}
        </For>
      </svg>
    </div>
  );
}

function Lines(props: { lines: readonly number[]; y: (value: number) => number; width: number }) {
  return (
    <For each={props.lines}>
      {(line, index) => (
        <>
          <path class={index() === 0 ? "axis" : "grid"} d={`M${box.left} ${props.y(line)}H${props.width - box.right}`} />
          <text x={props.width - box.right + 8} y={props.y(line) + 4}>
            {number(line)}
          </text>
        </>
      )}
    </For>
  );
}

function Label(props: { show: boolean; x: number; width: number; text: string }) {
  return (
    <Show when={props.show}>
      <text class="under" x={Math.min(props.width - box.right - 12, Math.max(28, props.x))} y={box.height - 6}>
        {props.text}
      </text>
    </Show>
  );
}
