import { type Accessor, createEffect, createMemo, createSignal, createUniqueId, For, on, onCleanup, onMount, Show } from "solid-js";
import uPlot from "uplot";
import { locale } from "../i18n/i18n.ts";
import { clock, dateShort, quantity } from "../lib/format.ts";
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
type ChartLevel = "critical" | "warning" | "notice" | "technical";
/** A limit that a rule in force sets. */
export interface ChartBand extends Limit {
  readonly level: ChartLevel;
}
/** An alert from its onset until it cleared; without an end it lasts. Technical ones have a lane of their own. */
export interface ChartEpisode {
  readonly from: number;
  readonly to: number | undefined;
  readonly level: ChartLevel;
  readonly name: string;
  /** Name and level in words. */
  readonly label: string;
}
/** Moves the time axis; given, the chart is zoomed and panned by wheel, drag, pinch and keys. */
export interface ChartNavigation {
  zoom(factor: number, at: number): void;
  pan(byMs: number): void;
  live(): void;
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
  level?: ChartLevel | undefined;
  /** All limits in force; without them only `limit` is drawn. */
  bands?: readonly ChartBand[];
  episodes?: readonly ChartEpisode[];
  navigate?: ChartNavigation;
  /** A value that is told as a word. */
  told?: (value: number) => string | undefined;
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
/** Of alerts above the plot. CSS pixels. */
const laneHeight = 18;

/** One signal on a time axis. Gaps are hatched and never joined; the part beyond the limit is thick and in the level's colour. */
export function VitalsChart(props: VitalsChartProps) {
  const id = createUniqueId();
  const [table, setTable] = createSignal(false);
  const [cursor, setCursor] = createSignal<number | undefined>();
  let host: HTMLDivElement | undefined;
  let plot: uPlot | undefined;
  let colours: ChartColours | undefined;
  let range: [number, number] | undefined;
  let fontFamily = "sans-serif";

  const shown = createMemo<Span>(() => props.zoom ?? props.window);
  /** What can be moved holds more than is on screen; the sentence tells what is. */
  const seen = createMemo<Series>(() => {
    if (!props.navigate) return props.series;
    const { from, to } = shown();
    const points = props.series.points.filter(({ at }) => at >= from && at <= to);
    return { ...props.series, points, gaps: props.series.gaps.filter((gap) => gap.to > from && gap.from < to) };
  });
  const summary = createMemo(() =>
    summarySentence({
      label: props.label,
      span: props.span,
      unit: props.unit,
      zone: props.zone,
      now: props.now,
      limit: props.limit,
      summary: summarise(seen(), props.axis, props.limit),
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
    const time = momentText(x * 1000, shown(), props.zone);
    const text = (of: number) => props.told?.(of) ?? valueText(of, props.unit);
    const { mins, maxs } = props.series;
    const reading = mins
      ? tch("chart.sampleRange", { time, value: text(y), min: text(mins[at] ?? y), max: text(maxs?.[at] ?? y) })
      : tch("chart.sample", { time, value: text(y) });
    return [reading, ...episodesAt(x * 1000)].join(" · ");
  });

  function colourOf(level: ChartLevel | undefined): string {
    if (!colours) return "";
    if (level === "critical") return colours.critical;
    if (level === "warning") return colours["warning-edge"];
    if (level === "technical" && props.episodes) return colours.tech;
    return level === "notice" ? colours.notice : colours.ink;
  }
  const levelColour = () => colourOf(props.level);
  const bands = createMemo<readonly (Limit & { level: ChartLevel | undefined })[]>(
    () => props.bands ?? (props.limit ? [{ ...props.limit, level: props.level }] : []),
  );
  /** Clinical alerts above, technical ones below them. */
  const lanes = createMemo(() => {
    const all = props.episodes ?? [];
    return [all.filter(({ level }) => level !== "technical"), all.filter(({ level }) => level === "technical")].filter(
      (lane) => lane.length > 0,
    );
  });
  const episodesAt = (ms: number) =>
    (props.episodes ?? []).filter(({ from, to }) => from <= ms && (to ?? Number.POSITIVE_INFINITY) >= ms).map(({ label }) => label);
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
    for (const limit of bands()) {
      const colour = colourOf(limit.level);
      const at = Math.min(top + height, Math.max(top, self.valToPos(limit.value, "y", true)));
      const box = limit.side === "below" ? { x: left, y: at, w: width, h: top + height - at } : { x: left, y: top, w: width, h: at - top };
      context.save();
      context.globalAlpha = 0.07;
      context.fillStyle = colour;
      context.fillRect(box.x, box.y, box.w, box.h);
      context.restore();
      hatch(context, box, colour, 7, 0.25);
      context.save();
      context.strokeStyle = colour;
      context.lineWidth = 1.2 * devicePixelRatio;
      context.setLineDash([5 * devicePixelRatio, 3 * devicePixelRatio]);
      context.beginPath();
      context.moveTo(left, at);
      context.lineTo(left + width, at);
      context.stroke();
      context.restore();
    }
    const words = tch("chart.noReading");
    context.font = `${11 * devicePixelRatio}px ${fontFamily}`;
    const wide = context.measureText(words).width;
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
      context.save();
      context.font = `${11 * devicePixelRatio}px ${fontFamily}`;
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
    paintEpisodes(self);
    const last = props.series.points.at(-1);
    if (last && last.at >= shown().from && last.at <= shown().to) {
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
  /** Above the plot: a bar from onset to clearing, the level's shape at its begin, its name where there is room. */
  function paintEpisodes(self: uPlot): void {
    if (!colours) return;
    const context = self.ctx;
    const { left, top, width } = self.bbox;
    const px = devicePixelRatio;
    const clamp = (ms: number) => Math.min(left + width, Math.max(left, self.valToPos(ms / 1000, "x", true)));
    context.save();
    context.font = `${11 * px}px ${fontFamily}`;
    context.textAlign = "left";
    context.textBaseline = "middle";
    const count = lanes().length;
    for (const [index, lane] of lanes().entries()) {
      const y = top - (count - index) * laneHeight * px;
      const visible = lane
        .filter(({ from, to }) => from < shown().to && (to ?? props.now) > shown().from)
        .toSorted((a, b) => a.from - b.from);
      let free = left;
      for (const [at, episode] of visible.entries()) {
        const begin = clamp(episode.from);
        const end = Math.max(clamp(episode.to ?? props.now), begin + 2 * px);
        const colour = colourOf(episode.level);
        context.strokeStyle = colour;
        context.fillStyle = colour;
        context.lineWidth = 1.5 * px;
        context.setLineDash([]);
        if (episode.level === "technical") {
          context.setLineDash([4 * px, 2 * px]);
          context.beginPath();
          context.moveTo(begin, y + 15 * px);
          context.lineTo(end, y + 15 * px);
          context.stroke();
          context.setLineDash([]);
        } else context.fillRect(begin, y + 13 * px, end - begin, 3 * px);
        if (begin < free) continue;
        const next = visible[at + 1];
        const room = (next ? Math.max(begin, clamp(next.from)) : left + width) - begin;
        // Side by side too close for a shape: the bars alone tell that there were many.
        if (room < 11 * px) continue;
        drawLevel(context, episode.level, begin + 5 * px, y + 6 * px, 4.5 * px);
        free = begin + 11 * px;
        const wide = context.measureText(episode.name).width;
        if (wide + 16 * px > room) continue;
        context.fillStyle = colours["ink-2"];
        context.fillText(episode.name, begin + 13 * px, y + 6.5 * px);
        free = begin + wide + 16 * px;
      }
    }
    context.restore();
  }
  function build(): void {
    if (!host) return;
    plot?.destroy();
    const found = readColours(host);
    colours = found;
    fontFamily = getComputedStyle(host).fontFamily;
    range = axisRange(props.axis, props.series, range);
    const font = `12px ${fontFamily}`;
    const axis = { stroke: found["ink-2"], font, ticks: { show: false }, grid: { stroke: found.line, width: 1 } };
    const step = niceStep(range[1] - range[0]);
    plot = new uPlot(
      {
        width: Math.max(120, host.clientWidth),
        height: props.height ?? 176,
        padding: [() => Math.max(14, lanes().length * laneHeight + 4), () => 4, () => (props.timeAxis === false ? 8 : 2), () => 4],
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
              const limits: number[] = [];
              for (const { value } of bands()) {
                if (value >= min && value <= max && limits.every((other) => Math.abs(other - value) > (max - min) / 12)) limits.push(value);
              }
              const clear = lines.filter((at) => limits.every((limit) => Math.abs(at - limit) > (max - min) / 12));
              return [...clear, ...limits].sort((a, b) => a - b);
            },
            values: (_self, splits) => splits.map((at) => props.told?.(at) ?? at.toLocaleString(locale() === "fr" ? "fr-FR" : "en-GB")),
          },
        ],
        series: [
          {},
          {
            stroke: found.ink,
            width: 1.6,
            spanGaps: false,
            points: { show: (_self, _series, first, last) => last - first < 40, size: 4, fill: found.ink },
          },
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
  const shape = createMemo(() =>
    [props.limit?.value, props.limit?.side, props.level, props.series.mins === undefined, locale(), props.marks?.length].join(),
  );
  createEffect(on(shape, build, { defer: true }));
  createEffect(
    on(
      columns,
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
  createEffect(on(shown, ({ from, to }) => plot?.setScale("x", { min: from / 1000, max: to / 1000 }), { defer: true }));
  createEffect(on([bands, lanes], () => plot?.redraw(false, true), { defer: true }));

  const timeAt = (clientX: number) => {
    const box = plot?.over.getBoundingClientRect();
    const { from, to } = shown();
    return box && box.width > 0 ? from + ((clientX - box.left) / box.width) * (to - from) : to;
  };
  const msPerPx = () => (shown().to - shown().from) / Math.max(1, plot?.over.clientWidth ?? 1);
  const center = () => {
    const at = cursor();
    const x = at === undefined ? undefined : props.series.xs[at];
    const { from, to } = shown();
    return x !== undefined && x * 1000 >= from && x * 1000 <= to ? x * 1000 : (from + to) / 2;
  };
  let scrolledAt = 0;
  /** A wheel that is scrolling the page goes on doing so when a chart comes under the pointer. */
  function wheel(event: WheelEvent): void {
    if (!props.navigate || (event.timeStamp - scrolledAt < 300 && !event.ctrlKey)) return;
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) props.navigate.pan(event.deltaX * lines * msPerPx());
    else props.navigate.zoom(Math.exp(Math.max(-240, Math.min(240, event.deltaY * lines)) / 300), timeAt(event.clientX));
  }
  const fingers = new Map<number, number>();
  function drag(event: PointerEvent): void {
    const before = fingers.get(event.pointerId);
    if (before === undefined || !props.navigate) return;
    const others = [...fingers].filter(([id]) => id !== event.pointerId).map(([, x]) => x);
    const other = others[0];
    if (other === undefined) {
      if (Math.abs(event.clientX - before) < 1) return;
      if (!host?.hasPointerCapture(event.pointerId)) host?.setPointerCapture(event.pointerId);
      props.navigate.pan((before - event.clientX) * msPerPx());
    } else {
      const apart = Math.max(10, Math.abs(before - other));
      props.navigate.zoom(apart / Math.max(10, Math.abs(event.clientX - other)), timeAt((event.clientX + other) / 2));
    }
    fingers.set(event.pointerId, event.clientX);
  }
  const lift = (event: PointerEvent) => void fingers.delete(event.pointerId);
  onMount(() => {
    if (!host || !props.navigate) return;
    const box = host;
    const scrolled = (event: Event) => {
      scrolledAt = event.timeStamp;
    };
    addEventListener("scroll", scrolled, { capture: true, passive: true });
    box.addEventListener("wheel", wheel, { passive: false });
    box.addEventListener("pointerdown", (event) => event.button === 0 && fingers.set(event.pointerId, event.clientX));
    box.addEventListener("pointermove", drag);
    box.addEventListener("pointerup", lift);
    box.addEventListener("pointercancel", lift);
    box.addEventListener("lostpointercapture", lift);
    onCleanup(() => removeEventListener("scroll", scrolled, { capture: true }));
  });

  function point(to: number | undefined): void {
    const x = to === undefined ? undefined : props.series.xs[to];
    const y = to === undefined ? undefined : props.series.ys[to];
    if (!plot || to === undefined || x === undefined || y === null || y === undefined) return;
    plot.setCursor({ left: plot.valToPos(x, "x"), top: plot.valToPos(y, "y") });
    setCursor(to);
  }
  function toMark(by: 1 | -1): void {
    const at = cursor();
    const here = at === undefined ? shown().to : (props.series.xs[at] ?? 0) * 1000;
    const marked = (props.marks ?? []).map((mark) => mark.at);
    const edges = [...(props.episodes ?? []), ...props.series.gaps].flatMap(({ from, to }) => (to === undefined ? [from] : [from, to]));
    const stops = [...marked, ...edges].sort((a, b) => a - b);
    const target = by > 0 ? stops.find((stop) => stop > here + 500) : stops.findLast((stop) => stop < here - 500);
    if (target === undefined) return;
    if (target < shown().from || target > shown().to) props.navigate?.pan(target - (shown().from + shown().to) / 2);
    const index = props.series.xs.findIndex((x, i) => x * 1000 >= target && props.series.ys[i] !== null);
    point(index < 0 ? stepSample(props.series, undefined, -1) : index);
  }
  function zoomBy(factor: number): void {
    if (props.navigate) {
      props.navigate.zoom(factor, center());
      return;
    }
    const { from, to } = shown();
    const at = cursor();
    const middle = at === undefined ? to : (props.series.xs[at] ?? to / 1000) * 1000;
    const length = Math.min(props.window.to - props.window.from, Math.max(60_000, (to - from) * factor));
    const start = Math.min(props.window.to - length, Math.max(props.window.from, middle - length / 2));
    props.onZoom?.(length >= props.window.to - props.window.from ? undefined : { from: start, to: start + length });
  }
  /** A chart that can be moved moves; with Shift, and always where it cannot, the cursor goes from reading to reading. */
  function arrow(by: 1 | -1, shift: boolean): void {
    if (props.navigate && !shift) {
      props.navigate.pan((by * (shown().to - shown().from)) / 8);
      return;
    }
    const step = shift && !props.navigate ? 10 * by : by;
    const here = cursor();
    const x = here === undefined ? undefined : props.series.xs[here];
    const isSeen = x !== undefined && x * 1000 >= shown().from && x * 1000 <= shown().to;
    if (!props.navigate || isSeen) {
      point(stepSample(props.series, here, step));
      return;
    }
    const { from, to } = shown();
    const edge = props.series.xs.findIndex((at) => at * 1000 >= (by < 0 ? to : from));
    if (by < 0) point(stepSample(props.series, edge < 0 ? undefined : edge, -1));
    else if (edge >= 0) point(stepSample(props.series, edge, 0));
  }
  const keys: Record<string, (event: KeyboardEvent) => void> = {
    ArrowLeft: (event) => arrow(-1, event.shiftKey),
    ArrowRight: (event) => arrow(1, event.shiftKey),
    PageUp: () => toMark(-1),
    PageDown: () => toMark(1),
    "+": () => zoomBy(0.5),
    "=": () => zoomBy(0.5),
    "-": () => zoomBy(2),
    "0": () => {
      if (props.navigate) return props.navigate.live();
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
        data-moves={props.navigate ? "" : undefined}
      >
        <div ref={host} class="chart-canvas" />
      </div>
      <p class="sr" id={`${id}-help`}>
        {tch(props.navigate ? "chart.helpMove" : "chart.help")}
      </p>
      <Show when={table()}>
        <SeriesTable
          series={props.series}
          shown={shown()}
          unit={props.unit}
          zone={props.zone}
          label={props.label}
          episodesAt={episodesAt}
          told={props.told}
        />
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

function SeriesTable(props: {
  series: Series;
  shown: Span;
  unit: string;
  zone: string;
  label: string;
  episodesAt: (ms: number) => readonly string[];
  told: ((value: number) => string | undefined) | undefined;
}) {
  const all = createMemo(() =>
    [...props.series.points, ...props.series.rejected]
      .filter(({ at }) => at >= props.shown.from && at <= props.shown.to)
      .sort((a, b) => b.at - a.at),
  );
  const value = (of: number) => props.told?.(of) ?? quantity(of, props.unit);
  const note = (row: { at: number; flag?: string }) =>
    [...(row.flag ? [tch("chart.rejected")] : []), ...props.episodesAt(row.at)].join(", ");
  const rows = createMemo(() =>
    all()
      .slice(0, rowsInTable)
      .map((row) => ({ ...row, note: note(row) })),
  );
  const hasNotes = () => rows().some((row) => row.note !== "");
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
            <Show when={hasNotes()}>
              <th scope="col">{tch("chart.col.note")}</th>
            </Show>
          </tr>
        </thead>
        <tbody>
          <For each={rows()}>
            {(row) => (
              <tr>
                <th scope="row">{momentText(row.at, props.shown, props.zone)}</th>
                <Show when={rolled()}>
                  <td>{row.min === undefined ? "" : value(row.min)}</td>
                </Show>
                <td>{value(row.value)}</td>
                <Show when={rolled()}>
                  <td>{row.max === undefined ? "" : value(row.max)}</td>
                </Show>
                <Show when={hasNotes()}>
                  <td>{row.note}</td>
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
  const steps = [10, 30, 60, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 172800, 604800, 1209600, 2592000];
  const step = steps.find((size) => (max - min) / size <= 6) ?? 5184000;
  const splits: number[] = [];
  for (let at = Math.ceil(min / step) * step; at <= max; at += step) splits.push(at);
  return splits;
}
function timeLabel(ms: number, shown: Span, zone: string): string {
  if (shown.to - shown.from <= 6 * 60_000) return clock(ms, zone, true);
  if (shown.to - shown.from <= 30 * 3_600_000) return clock(ms, zone);
  return new Intl.DateTimeFormat(locale() === "fr" ? "fr-FR" : "en-GB", { timeZone: zone, day: "numeric", month: "short" }).format(ms);
}
/** Any computed colour with an alpha. Chromium answers `oklch(L C H)` or `rgb(…)`; both take a slash. */
function withAlpha(colour: string, alpha: number): string {
  const open = colour.indexOf("(");
  const inner = colour.slice(open + 1, -1);
  return colour.startsWith("rgb(") && inner.includes(",") ? `rgba(${inner}, ${alpha})` : `${colour.slice(0, open)}(${inner} / ${alpha})`;
}
/** Time of a reading: with its day where the axis is longer than one. */
function momentText(ms: number, shown: Span, zone: string): string {
  if (shown.to - shown.from <= 86_400_000) return clock(ms, zone, true);
  return `${dateShort(ms, zone)} ${clock(ms, zone)}`;
}
/** The shape that stands for a level, so that none is told by colour alone. */
function drawLevel(context: CanvasRenderingContext2D, level: ChartLevel, x: number, y: number, half: number): void {
  context.beginPath();
  if (level === "technical") {
    context.rect(x - half * 0.8, y - half * 0.8, half * 1.6, half * 1.6);
    context.stroke();
    return;
  }
  if (level === "notice") context.arc(x, y, half * 0.9, 0, 2 * Math.PI);
  else {
    context.moveTo(x, y - half);
    context.lineTo(x + half, level === "critical" ? y : y + half);
    if (level === "critical") context.lineTo(x, y + half);
    context.lineTo(x - half, level === "critical" ? y : y + half);
    context.closePath();
  }
  context.fill();
}
