import { type Alert, listAlerts } from "@episante/contracts/alert";
import { effectiveRules } from "@episante/contracts/rule-layers";
import { isCoded, type Signal, signals, toldOf } from "@episante/contracts/signals";
import { useSearchParams } from "@solidjs/router";
import { createEffect, createMemo, createSignal, For, on, onCleanup, onMount, Show } from "solid-js";
import { prepareSeries, type Span } from "../../../shared/charts/series.ts";
import { tch } from "../../../shared/charts/texts.ts";
import { type ChartNavigation, VitalsChart } from "../../../shared/charts/VitalsChart.tsx";
import { panView, spanOf, type View, zoomView } from "../../../shared/charts/view.ts";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { call } from "../../../shared/lib/call.ts";
import { clock, dateOnly, dateShort, quantity, toldReading, unit } from "../../../shared/lib/format.ts";
import { createInterval, createLoad } from "../../../shared/lib/load.ts";
import { serverNow } from "../../../shared/lib/server-clock.ts";
import { tpc } from "../../i18n/patient-chart-texts.ts";
import { t } from "../../i18n/text.ts";
import { levelWord, shortSpan, signalWord } from "../../lib/words.ts";
import { useConsole } from "../../shell/console-context.tsx";
import { isOpen, levelOf } from "../alerts/alert-board.ts";
import { limitOf } from "../alerts/alert-words.ts";
import { isJudged } from "../alerts/kind-words.ts";
import { bandsOf, episodesOf, panelsOf } from "./chart-facts.ts";
import { createHistory } from "./create-history.ts";
import { type LatestReading, staleAfterMs } from "./create-latest.ts";

const hourMs = 3_600_000;
const spans = {
  "1h": hourMs,
  "6h": 6 * hourMs,
  "24h": 24 * hourMs,
  "7d": 168 * hourMs,
  "30d": 720 * hourMs,
  "365d": 8760 * hourMs,
} as const;
type SpanName = keyof typeof spans;
const spanNames = Object.keys(spans) as SpanName[];
/** The view is at rest, and its readings are fetched, when it has not moved for this long. */
const restMs = 180;
const rank = { critical: 0, warning: 1, notice: 2, technical: 3 } as const;

/** Every signal of a patient on one axis of time: live at its end, a year back, freely zoomed and moved. */
export function PatientCharts(props: { patientId: `pat_${string}`; latest: readonly LatestReading[]; alerts: readonly Alert[] }) {
  const { now, zone } = useConsole();
  const [search, setSearch] = useSearchParams<{ span?: string; from?: string; to?: string }>();
  const [view, setView] = createSignal<View>(viewOf(search));
  const [rest, setRest] = createSignal(view());
  const [width, setWidth] = createSignal(600);
  let box: HTMLElement | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const span = createMemo<Span>(() => spanOf(view(), now()), spanOf(view(), now()), {
    equals: (a, b) => a.from === b.from && a.to === b.to,
  });
  const preset = () => (view().end === undefined ? spanNames.find((name) => spans[name] === view().spanMs) : undefined);
  createEffect(
    on(
      view,
      (moved) => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          setRest(moved);
          const name = preset();
          const { from, to } = spanOf(moved, now());
          const free = { from: new Date(from).toISOString(), to: moved.end === undefined ? undefined : new Date(to).toISOString() };
          setSearch(name ? { span: name, from: undefined, to: undefined } : { span: undefined, ...free }, { replace: true, scroll: false });
        }, restMs);
      },
      { defer: true },
    ),
  );
  onMount(() => {
    const measure = () => {
      const wide = box?.clientWidth ?? 0;
      if (wide > 0) setWidth(wide - (wide > 700 ? 190 : 44));
    };
    const sized = new ResizeObserver(measure);
    if (box) sized.observe(box);
    onCleanup(() => sized.disconnect());
  });
  onCleanup(() => clearTimeout(timer));

  const navigate: ChartNavigation = {
    zoom: (factor, at) => setView((before) => zoomView(before, factor, at, now())),
    pan: (byMs) => setView((before) => panView(before, byMs, now())),
    live: () => setView((before) => ({ ...before, end: undefined })),
  };
  const zoomMiddle = (factor: number) => navigate.zoom(factor, view().end === undefined ? span().to : (span().from + span().to) / 2);

  const rules = createLoad(
    () => props.patientId,
    (patientId, signal) => call(effectiveRules, { query: { patientId }, signal }),
    { keep: false },
  );
  createInterval(() => void rules.reload(), 60_000);
  // An alert is listed by when it fired: those that began a view earlier may reach into this one.
  const past = createLoad(
    () => ({ patientId: props.patientId, ...spanOf(rest(), now()) }),
    async ({ patientId, from, to }, signal) => {
      const items: Alert[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < 5; page++) {
        const result = await call(listAlerts, {
          query: {
            patientId,
            from: new Date(from - (to - from)).toISOString(),
            to: new Date(to).toISOString(),
            limit: 200,
            ...(cursor ? { cursor } : {}),
          },
          signal,
        });
        if (!result.ok) return result;
        items.push(...result.value.items);
        cursor = result.value.next;
        if (!cursor) break;
      }
      return { ok: true, value: items };
    },
  );
  const alerts = createMemo(() => [...new Map([...(past.value() ?? []), ...props.alerts].map((alert) => [alert.id, alert])).values()]);
  const panels = createMemo(() => panelsOf(props.latest.map((reading) => reading.signal)), [], {
    equals: (a, b) => a.join() === b.join(),
  });
  const period = () => {
    const { from, to } = span();
    if (to - from > 60 * 24 * hourMs) return `${dateOnly(from, zone())} – ${dateOnly(to, zone())}`;
    return `${dateShort(from, zone())} ${clock(from, zone())} – ${dateShort(to, zone())} ${clock(to, zone())}`;
  };
  return (
    <section class="c-card" ref={box} aria-labelledby="patient-charts">
      <div class="c-split">
        <h2 class="c-h2" id="patient-charts">
          {t("patient.vitals")}
        </h2>
        <div class="c-seg p-spans" role="group" aria-label={tch("span.label")}>
          <For each={spanNames}>
            {(name) => (
              <button type="button" aria-pressed={preset() === name} onClick={() => setView({ spanMs: spans[name], end: undefined })}>
                {tch(`span.${name}`)}
              </button>
            )}
          </For>
        </div>
      </div>
      <div class="c-split p-period">
        <p>
          {period()}{" "}
          <Show when={view().end === undefined}>
            <span class="c-tag">{tpc("live")}</span>
          </Show>
        </p>
        <div class="c-seg" role="group" aria-label={tpc("move")}>
          <button type="button" onClick={() => navigate.pan(-view().spanMs / 2)}>
            <span aria-hidden="true">←</span>
            <span class="sr">{tpc("earlier")}</span>
          </button>
          <button type="button" onClick={() => zoomMiddle(2)}>
            <span aria-hidden="true">−</span>
            <span class="sr">{tpc("zoomOut")}</span>
          </button>
          <button type="button" onClick={() => zoomMiddle(0.5)}>
            <span aria-hidden="true">+</span>
            <span class="sr">{tpc("zoomIn")}</span>
          </button>
          <button type="button" disabled={view().end === undefined} onClick={() => navigate.pan(view().spanMs / 2)}>
            <span aria-hidden="true">→</span>
            <span class="sr">{tpc("later")}</span>
          </button>
          <button type="button" disabled={view().end === undefined} onClick={() => navigate.live()}>
            {tpc("now")}
          </button>
        </div>
      </div>
      <Show when={rules.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void rules.reload()} />}</Show>
      <Show when={past.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void past.reload()} />}</Show>
      <div class="p-panels">
        <For each={panels()}>
          {(signal, index) => (
            <Panel
              patientId={props.patientId}
              signal={signal}
              newest={props.latest.find((reading) => reading.signal === signal)}
              span={span()}
              spanName={tch(`span.${preset() ?? "free"}`)}
              rest={rest()}
              width={width()}
              navigate={navigate}
              last={index() === panels().length - 1}
              rules={rules.value()?.items ?? []}
              alerts={alerts()}
            />
          )}
        </For>
      </div>
    </section>
  );
}

/** The view a link names: a period with its ends, one that lasts until now, or a preset; an hour otherwise. */
function viewOf(search: { span?: string; from?: string; to?: string }): View {
  const from = Date.parse(search.from ?? "");
  const to = search.to === undefined ? serverNow() : Date.parse(search.to);
  if (to - from >= 60_000) return { spanMs: to - from, end: search.to === undefined ? undefined : to };
  const name = spanNames.find((one) => one === search.span) ?? "1h";
  return { spanMs: spans[name], end: undefined };
}

function Panel(props: {
  patientId: `pat_${string}`;
  signal: Signal;
  newest: LatestReading | undefined;
  span: Span;
  spanName: string;
  rest: View;
  width: number;
  navigate: ChartNavigation;
  last: boolean;
  rules: Parameters<typeof bandsOf>[1];
  alerts: readonly Alert[];
}) {
  const { now, zone } = useConsole();
  const facts = () => signals[props.signal];
  const history = createHistory(
    () => ({ patientId: props.patientId, code: facts().codes[0], view: props.rest, widthPx: props.width }),
    5000,
  );
  const series = () => history.series() ?? prepareSeries([], { from: 0, to: 0 }, 1);
  const bands = createMemo(() => bandsOf(props.signal, props.rules));
  const episodes = createMemo(() => episodesOf(props.signal, props.alerts));
  const open = () => props.alerts.find((alert) => alert.signal === props.signal && isOpen(alert) && !isJudged(alert));
  /** The limit the line is coloured by: of an open alert, else the weightiest in force. */
  const limit = createMemo(() => {
    const calling = open();
    if (calling) return { ...limitOf(calling), level: levelOf(calling) };
    return bands().toSorted((a, b) => rank[a.level] - rank[b.level])[0];
  });
  const stale = () => props.newest !== undefined && now() - Date.parse(props.newest.at) > staleAfterMs;
  const isEmpty = () => history.series() !== undefined && !series().points.some(({ at }) => at >= props.span.from && at <= props.span.to);
  const told = (value: number) => {
    const word = isCoded(props.signal) ? toldOf(props.signal, value) : value;
    if (typeof word === "string") return toldReading({ value: word, unit: "" })[0];
    return isCoded(props.signal) && !Number.isInteger(value) ? "" : undefined;
  };
  return (
    <div class="p-panel">
      <div>
        <h3>{signalWord(props.signal)}</h3>
        <Show when={props.newest}>
          {(newest) => (
            <p class="p-newest">
              <b classList={{ old: stale() }}>{toldReading(newest())[0]}</b> {toldReading(newest())[1] || unit(facts().unit)}
              <small>
                {t("patient.ago", { age: shortSpan(now() - Date.parse(newest().at)) })}
                {stale() ? ` · ${t("patient.stale")}` : ""}
              </small>
            </p>
          )}
        </Show>
        <For each={bands()}>
          {(band) => (
            <p>
              {levelWord(band.level)} {band.side === "below" ? "<" : ">"} {quantity(band.value, facts().unit)}
            </p>
          )}
        </For>
        <Show when={isEmpty()}>
          <p>{t("patient.noVitalsSpan")}</p>
        </Show>
        <Show when={history.problem()}>{(problem) => <ProblemBanner problem={problem()} />}</Show>
      </div>
      <VitalsChart
        label={signalWord(props.signal)}
        span={props.spanName}
        unit={facts().unit}
        zone={zone()}
        series={series()}
        window={props.span}
        axis={facts().axis}
        limit={limit()}
        level={limit()?.level}
        bands={bands()}
        episodes={episodes()}
        navigate={props.navigate}
        told={told}
        height={props.last ? 156 : 132}
        timeAxis={props.last}
        now={now()}
      />
    </div>
  );
}
