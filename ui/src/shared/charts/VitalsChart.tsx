import { type Accessor, createEffect, createMemo, createSignal, createUniqueId, For, on, onCleanup, onMount, Show } from "solid-js";
import uPlot from "uplot";
import { locale } from "../i18n/i18n.ts";
import { clock, quantity } from "../lib/format.ts";
import { onThemeChange } from "../lib/theme.ts";
import { type ChartColours, readColours } from "./colours.ts";
import { axisRange, beyond, type Limit, niceStep, type Series, type Span, stepSample, summarise } from "./series.ts";
import { summarySentence, valueText } from "./summary.ts";
import { tch } from "./texts.ts";
import "uplot/dist/uPlot.min.css";
import "./charts.css";

export interface ChartMark {
  readonly at: number;
  readonly kind: "onset" | "fired" | "cleared";
}
export interface VitalsChartProps {
  /** Name of the signal, and of the period, for the summary. */
  label: string;
  span: string;
  unit: string;
  zone: string;
  series: Series;
  window: Span;
  /** The signal's own value range; it widens, never shrinks, while the chart is on screen. */
  axis: readonly [number, number];
  limit?: Limit | undefined;
  level?: "critical" | "warning" | "notice" | "technical" | undefined;
  marks?: readonly ChartMark[];
  /** Shared by the panels of one page: the part of the window on screen. */
  zoom?: Span | undefined;
  onZoom?: (zoom: Span | undefined) => void;
  height?: number;
  /** The last of a stack shows the time axis. */
  timeAxis?: boolean;
  now: number;
}

const rowsInTable = 200;

/** One signal on a time axis. Gaps are hatched and never joined; the part beyond the limit is thick and in the level's colour. */
export function VitalsChart(props: VitalsChartProps) {
  const id = createUniqueId();
  const [table, setTable] = createSignal(false);
  const [cursor, setCursor] = createSignal<number | undefined>();
  let host: HTMLDivElement | undefined;
  let plot: uPlot | undefined;
  let colours: ChartColours | undefined;
  let range: [number, number] | undefined;

  const shown = createMemo<Span>(() => props.zoom ?? props.window);
  const summary = createMemo(() =>
    summarySentence({
      label: props.label,
      span: props.span,
      unit: props.unit,
      zone: props.zone,
      now: props.now,
      limit: props.limit,
      summary: summarise(props.series, props.axis, props.limit),
    }),
  );
  const columns = createMemo<uPlot.AlignedData>(() => {
    const { series, limit } = props;
    const bad = limit ? beyond(series, limit) : series.ys.map(() => null);
    return [
      series.xs,
      series.ys,
      bad,
      series.mins ?? series.ys.map(() => null),
      series.maxs ?? series.ys.map(() => null),
    ] as unknown as uPlot.AlignedData;
  });
  const status = createMemo(() => {
    const at = cursor();
    const x = at === undefined ? undefined : props.series.xs[at];
    const y = at === undefined ? undefined : props.series.ys[at];
    if (at === undefined || x === undefined || y === undefined || y === null) return "";
    const time = clock(x * 1000, props.zone, true);
    const value = valueText(y, props.unit);
    if (!props.series.mins) return tch("chart.sample", { time, value });
    return tch("chart.sampleRange", {
      time,
      value,
      min: valueText(props.series.mins[at] ?? y, props.unit),
      max: valueText(props.series.maxs?.[at] ?? y, props.unit),
    });
  });

  function levelColour(): string {
    if (!colours) return "";
    if (props.level === "critical") return colours.critical;
    if (props.level === "warning") return colours["warning-edge"];
    return props.level === "notice" ? colours.notice : colours.ink;
  }
  function hatch(
    context: CanvasRenderingContext2D,
    box: { x: number; y: number; w: number; h: number },
    colour: string,
    step: number,
    alpha: number,
  ): void {
    if (box.w <= 0 || box.h <= 0) return;
    context.save();
    context.beginPath();
    context.rect(box.x, box.y, box.w, box.h);
    context.clip();
    context.globalAlpha = alpha;
    context.strokeStyle = colour;
    context.lineWidth = devicePixelRatio;
    context.beginPath();
    for (let x = box.x - box.h; x < box.x + box.w; x += step * devicePixelRatio) {
      context.moveTo(x, box.y + box.h);
      context.lineTo(x + box.h, box.y);
    }
    context.stroke();
    context.restore();
  }
  /** Band beyond the limit, gaps and marks: under the line. */
  function paintUnder(self: uPlot): void {
    if (!colours) return;
    const context = self.ctx;
    const { left, top, width, height } = self.bbox;
    const x = (ms: number) => Math.min(left + width, Math.max(left, self.valToPos(ms / 1000, "x", true)));
    const { limit } = props;
    if (limit) {
      const at = Math.min(top + height, Math.max(top, self.valToPos(limit.value, "y", true)));
      const box = limit.side === "below" ? { x: left, y: at, w: width, h: top + height - at } : { x: left, y: top, w: width, h: at - top };
      context.save();
      context.globalAlpha = 0.07;
      context.fillStyle = levelColour();
      context.fillRect(box.x, box.y, box.w, box.h);
      context.restore();
      hatch(context, box, levelColour(), 7, 0.25);
      context.save();
      context.strokeStyle = levelColour();
      context.lineWidth = 1.2 * devicePixelRatio;
      context.setLineDash([5 * devicePixelRatio, 3 * devicePixelRatio]);
      context.beginPath();
      context.moveTo(left, at);
      context.lineTo(left + width, at);
      context.stroke();
      context.restore();
    }
    for (const gap of props.series.gaps) {
      const from = x(gap.from);
      const to = x(gap.to);
      if (to - from < 2 * devicePixelRatio) continue;
      context.save();
      context.globalAlpha = 0.75;
      context.fillStyle = colours.surface;
      context.fillRect(from, top, to - from, height);
      context.restore();
      hatch(context, { x: from, y: top, w: to - from, h: height }, colours["ink-3"], 5, 0.35);
      const words = tch("chart.noReading");
      context.save();
      context.font = `${11 * devicePixelRatio}px ${getComputedStyle(self.root).fontFamily}`;
      const wide = context.measureText(words).width;
      if (wide < to - from - 6 * devicePixelRatio || (wide < width && to - from > 24 * devicePixelRatio)) {
        const middle = Math.min(left + width - wide / 2 - 4, Math.max(left + wide / 2 + 4, (from + to) / 2));
        context.textAlign = "center";
        context.lineWidth = 4 * devicePixelRatio;
        context.strokeStyle = colours.surface;
        context.strokeText(words, middle, top + 12 * devicePixelRatio);
        context.fillStyle = colours["ink-2"];
        context.fillText(words, middle, top + 12 * devicePixelRatio);
      }
      context.restore();
    }
  }
  function paintOver(self: uPlot): void {
    if (!colours) return;
    const context = self.ctx;
    const { left, top, width, height } = self.bbox;
    for (const mark of props.marks ?? []) {
      const at = self.valToPos(mark.at / 1000, "x", true);
      if (at < left || at > left + width) continue;
      const tall = 7 * devicePixelRatio;
      const colour = mark.kind === "onset" ? colours["ink-3"] : levelColour();
      context.save();
      context.strokeStyle = colour;
      context.fillStyle = colour;
      context.lineWidth = devicePixelRatio;
      context.setLineDash(mark.kind === "onset" ? [2 * devicePixelRatio, 2 * devicePixelRatio] : []);
      context.beginPath();
      context.moveTo(at, top);
      context.lineTo(at, top + height);
      context.stroke();
      context.setLineDash([]);
      if (mark.kind !== "onset") {
        context.beginPath();
        context.moveTo(at - tall * 0.75, top - tall);
        context.lineTo(at + tall * 0.75, top - tall);
        context.lineTo(at, top);
        context.closePath();
        if (mark.kind === "fired") context.fill();
        else {
          context.fillStyle = colours.surface;
          context.fill();
          context.stroke();
        }
      }
      context.restore();
    }
    for (const point of props.series.rejected) {
      const px = self.valToPos(point.at / 1000, "x", true);
      const py = Math.min(top + height - 4, Math.max(top + 4, self.valToPos(point.value, "y", true)));
      if (px < left || px > left + width) continue;
      const arm = 3 * devicePixelRatio;
      context.save();
      context.strokeStyle = colours["ink-3"];
      context.lineWidth = devicePixelRatio;
      context.beginPath();
      context.moveTo(px - arm, py - arm);
      context.lineTo(px + arm, py + arm);
      context.moveTo(px + arm, py - arm);
      context.lineTo(px - arm, py + arm);
      context.stroke();
      context.restore();
    }
    const last = props.series.points.at(-1);
    if (last) {
      const bad = props.limit && (props.limit.side === "below" ? last.value < props.limit.value : last.value > props.limit.value);
      context.save();
      context.fillStyle = bad ? levelColour() : colours.ink;
      context.strokeStyle = colours.surface;
      context.lineWidth = 2 * devicePixelRatio;
      context.beginPath();
      context.arc(self.valToPos(last.at / 1000, "x", true), self.valToPos(last.value, "y", true), 4 * devicePixelRatio, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
      context.restore();
    }
  }
  function build(): void {
    if (!host) return;
    plot?.destroy();
    const found = readColours(host);
    colours = found;
    range = axisRange(props.axis, props.series, range);
    const font = `12px ${getComputedStyle(host).fontFamily}`;
    const axis = { stroke: found["ink-2"], font, ticks: { show: false }, grid: { stroke: found.line, width: 1 } };
    const step = niceStep(range[1] - range[0]);
    plot = new uPlot(
      {
        width: Math.max(120, host.clientWidth),
        height: props.height ?? 176,
        padding: [14, 4, props.timeAxis === false ? 8 : 2, 4],
        legend: { show: false },
        cursor: { drag: { setScale: false, x: false, y: false }, y: false, points: { size: 8 } },
        scales: {
          x: { time: false, range: () => [shown().from / 1000, shown().to / 1000] },
          y: { range: () => range ?? [0, 1] },
        },
        axes: [
          {
            ...axis,
            grid: { show: false },
            size: 24,
            show: props.timeAxis !== false,
            space: 90,
            splits: (_self, _axis, min, max) => timeSplits(min, max),
            values: (_self, splits) => splits.map((at) => timeLabel(at * 1000, shown(), props.zone)),
          },
          {
            ...axis,
            side: 1,
            size: 40,
            gap: 6,
            splits: (_self, _axis, min, max) => {
              const lines: number[] = [];
              for (let at = Math.ceil(min / step) * step; at <= max + 1e-9; at += step) lines.push(Number(at.toFixed(6)));
              const limit = props.limit?.value;
              if (limit === undefined || limit < min || limit > max) return lines;
              return [...lines.filter((at) => Math.abs(at - limit) > (max - min) / 12), limit].sort((a, b) => a - b);
            },
            values: (_self, splits) => splits.map((at) => at.toLocaleString(locale() === "fr" ? "fr-FR" : "en-GB")),
          },
        ],
        series: [
          {},
          { stroke: found.ink, width: 1.6, spanGaps: false, points: { show: props.series.points.length < 40, size: 4, fill: found.ink } },
          { stroke: levelColour(), width: 2.8, spanGaps: false, points: { show: false } },
          { stroke: "transparent", width: 0, spanGaps: false, points: { show: false } },
          { stroke: "transparent", width: 0, spanGaps: false, points: { show: false } },
        ],
        // Minimum to maximum of each interval of a roll-up.
        bands: props.series.mins ? [{ series: [4, 3], fill: withAlpha(found["ink-3"], 0.22) }] : [],
        hooks: { drawAxes: [paintUnder], draw: [paintOver], setCursor: [(self) => setCursor(self.cursor.idx ?? undefined)] },
      },
      columns(),
      host,
    );
  }
  onMount(() => {
    build();
    const sized = new ResizeObserver(() => {
      if (plot && host && Math.abs(plot.width - host.clientWidth) > 1)
        plot.setSize({ width: Math.max(120, host.clientWidth), height: props.height ?? 176 });
    });
    if (host) sized.observe(host);
    const unsubscribe = onThemeChange(() => requestAnimationFrame(build));
    onCleanup(() => {
      sized.disconnect();
      unsubscribe();
      plot?.destroy();
    });
  });
  // The limit, the level and the roll-up shape are part of the plot's set-up; data and zoom are not.
  createEffect(
    on(
      [
        () => props.limit?.value,
        () => props.limit?.side,
        () => props.level,
        () => props.series.mins === undefined,
        locale,
        () => props.marks?.length,
      ],
      build,
      { defer: true },
    ),
  );
  createEffect(
    on(
      [columns, shown],
      () => {
        if (!plot) return;
        range = axisRange(props.axis, props.series, range);
        plot.setData(columns(), false);
        plot.redraw(true, true);
        plot.setScale("x", { min: shown().from / 1000, max: shown().to / 1000 });
      },
      { defer: true },
    ),
  );

  function point(to: number | undefined): void {
    const x = to === undefined ? undefined : props.series.xs[to];
    const y = to === undefined ? undefined : props.series.ys[to];
    if (!plot || to === undefined || x === undefined || y === null || y === undefined) return;
    plot.setCursor({ left: plot.valToPos(x, "x"), top: plot.valToPos(y, "y") });
    setCursor(to);
  }
  function toMark(by: 1 | -1): void {
    const at = cursor();
    const here = at === undefined ? props.now : (props.series.xs[at] ?? 0) * 1000;
    const stops = [...(props.marks ?? []).map((mark) => mark.at), ...props.series.gaps.flatMap((gap) => [gap.from, gap.to])].sort(
      (a, b) => a - b,
    );
    const target = by > 0 ? stops.find((stop) => stop > here + 500) : stops.findLast((stop) => stop < here - 500);
    if (target === undefined) return;
    const index = props.series.xs.findIndex((x, i) => x * 1000 >= target && props.series.ys[i] !== null);
    point(index < 0 ? stepSample(props.series, undefined, -1) : index);
  }
  function zoomBy(factor: number): void {
    const { from, to } = shown();
    const at = cursor();
    const middle = at === undefined ? to : (props.series.xs[at] ?? to / 1000) * 1000;
    const length = Math.min(props.window.to - props.window.from, Math.max(60_000, (to - from) * factor));
    const start = Math.min(props.window.to - length, Math.max(props.window.from, middle - length / 2));
    props.onZoom?.(length >= props.window.to - props.window.from ? undefined : { from: start, to: start + length });
  }
  const keys: Record<string, (event: KeyboardEvent) => void> = {
    ArrowLeft: (event) => point(stepSample(props.series, cursor(), event.shiftKey ? -10 : -1)),
    ArrowRight: (event) => point(stepSample(props.series, cursor(), event.shiftKey ? 10 : 1)),
    PageUp: () => toMark(-1),
    PageDown: () => toMark(1),
    "+": () => zoomBy(0.5),
    "=": () => zoomBy(0.5),
    "-": () => zoomBy(2),
    "0": () => {
      props.onZoom?.(undefined);
      point(stepSample(props.series, undefined, -1));
    },
    t: () => setTable(!table()),
    T: () => setTable(!table()),
  };
  function press(event: KeyboardEvent): void {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    act(event);
  }
  return (
    <figure class="chart">
      <div
        class="chart-box"
        role="img"
        aria-label={summary()}
        aria-describedby={`${id}-help`}
        tabindex="0"
        onKeyDown={press}
        hidden={table()}
      >
        <div ref={host} class="chart-canvas" />
      </div>
      <p class="sr" id={`${id}-help`}>
        {tch("chart.help")}
      </p>
      <Show when={table()}>
        <SeriesTable series={props.series} unit={props.unit} zone={props.zone} label={props.label} />
      </Show>
      <figcaption class="chart-foot">
        <span role="status" class="chart-status">
          {status()}
        </span>
        <button type="button" class="chart-toggle" aria-pressed={table()} onClick={() => setTable(!table())} aria-keyshortcuts="T">
          {table() ? tch("chart.chart") : tch("chart.table")}
          <span class="sr"> : {props.label}</span>
        </button>
      </figcaption>
    </figure>
  );
}

function SeriesTable(props: { series: Series; unit: string; zone: string; label: string }) {
  const all = createMemo(() => [...props.series.points, ...props.series.rejected].sort((a, b) => b.at - a.at));
  const rolled: Accessor<boolean> = () => props.series.mins !== undefined;
  return (
    <section class="chart-table" tabindex="0" aria-label={tch("chart.tableOf", { signal: props.label })}>
      <table>
        <thead>
          <tr>
            <th scope="col">{tch("chart.col.time")}</th>
            <Show when={rolled()}>
              <th scope="col">{tch("chart.col.min")}</th>
            </Show>
            <th scope="col">{rolled() ? tch("chart.col.mean") : tch("chart.col.value")}</th>
            <Show when={rolled()}>
              <th scope="col">{tch("chart.col.max")}</th>
            </Show>
            <Show when={props.series.rejected.length > 0}>
              <th scope="col">{tch("chart.col.note")}</th>
            </Show>
          </tr>
        </thead>
        <tbody>
          <For each={all().slice(0, rowsInTable)}>
            {(row) => (
              <tr>
                <th scope="row">{clock(row.at, props.zone, true)}</th>
                <Show when={rolled()}>
                  <td>{row.min === undefined ? "" : quantity(row.min, props.unit)}</td>
                </Show>
                <td>{quantity(row.value, props.unit)}</td>
                <Show when={rolled()}>
                  <td>{row.max === undefined ? "" : quantity(row.max, props.unit)}</td>
                </Show>
                <Show when={props.series.rejected.length > 0}>
                  <td>{row.flag ? tch("chart.rejected") : ""}</td>
                </Show>
              </tr>
            )}
          </For>
        </tbody>
      </table>
      <Show when={all().length > rowsInTable}>
        <p>{tch("chart.tableLast", { n: rowsInTable })}</p>
      </Show>
    </section>
  );
}

/** Whole minutes, hours or days for about six labels. Seconds. */
function timeSplits(min: number, max: number): number[] {
  const steps = [60, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 172800];
  const step = steps.find((size) => (max - min) / size <= 6) ?? 604800;
  const splits: number[] = [];
  for (let at = Math.ceil(min / step) * step; at <= max; at += step) splits.push(at);
  return splits;
}
function timeLabel(ms: number, shown: Span, zone: string): string {
  if (shown.to - shown.from <= 30 * 3_600_000) return clock(ms, zone);
  return new Intl.DateTimeFormat(locale() === "fr" ? "fr-FR" : "en-GB", { timeZone: zone, day: "numeric", month: "short" }).format(ms);
}
/** Any computed colour with an alpha. Chromium answers `oklch(L C H)` or `rgb(…)`; both take a slash. */
function withAlpha(colour: string, alpha: number): string {
  const open = colour.indexOf("(");
  const inner = colour.slice(open + 1, -1);
  return colour.startsWith("rgb(") && inner.includes(",") ? `rgba(${inner}, ${alpha})` : `${colour.slice(0, open)}(${inner} / ${alpha})`;
}
