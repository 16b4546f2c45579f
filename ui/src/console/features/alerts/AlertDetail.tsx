import type { Alert } from "@episante/contracts/alert";
import { type Signal, signalNames, signals } from "@episante/contracts/signals";
import { A } from "@solidjs/router";
import { createMemo, createSignal, For, Index, lazy, Show, Suspense } from "solid-js";
import { Sparkline } from "../../../shared/charts/Sparkline.tsx";
import { prepareSeries, type Span } from "../../../shared/charts/series.ts";
import { tch } from "../../../shared/charts/texts.ts";
import { Button } from "../../../shared/components/Button.tsx";
import { Icon } from "../../../shared/components/Icon.tsx";
import { SeverityMark } from "../../../shared/components/SeverityMark.tsx";
import { tc } from "../../../shared/i18n/common.ts";
import { clock, quantity, time, toldReading } from "../../../shared/lib/format.ts";
import { tk } from "../../i18n/rule-kind-texts.ts";
import { t } from "../../i18n/text.ts";
import { alertHeadline, alertLevel, exactSpan, longSpan, patientName, shortSpan, signalWord } from "../../lib/words.ts";
import { useConsole } from "../../shell/console-context.tsx";
import { createLatest, type LatestReading, staleAfterMs } from "../patient/create-latest.ts";
import { createReadings } from "../patient/create-readings.ts";
import { PatientBanner } from "../patient/PatientBanner.tsx";
import { AlertQuestion, type Asked } from "./AlertQuestion.tsx";
import { isOpen, isQuiet, levelOf } from "./alert-board.ts";
import { historyWords, limitOf, nextCallWords, trendGapMs, trendPoints, whyWords } from "./alert-words.ts";
import { Episodes } from "./Episodes.tsx";
import { isJudged, judgedAxis } from "./kind-words.ts";
import { isOfDevice } from "./technical-words.ts";

const VitalsChart = lazy(() => import("../../../shared/charts/VitalsChart.tsx").then((module) => ({ default: module.VitalsChart })));
const windowMs = 30 * 60_000;
const contextSignals: readonly Signal[] = ["pulse-rate", "heart-rate", "respiratory-rate", "spo2", "body-temperature", "systolic-pressure"];

function axisOf(signal: string): readonly [number, number] {
  const known = signalNames.find((name) => name === signal);
  return known ? signals[known].axis : [0, 100];
}

/** Everything one decision needs on one screen; the actions keep their place at the bottom. */
export function AlertDetail(props: {
  alert: Alert;
  onClose: () => void;
  onStep: (by: number) => void;
  shortcuts: boolean;
  asking: Asked | undefined;
  onAsk: (asking: Asked | undefined) => void;
}) {
  const { now, zone, names, alerts, me } = useConsole();
  const [zoom, setZoom] = createSignal<Span | undefined>();
  const alert = () => props.alert;
  const patient = () => names.get(alert().patientId);
  const open = () => isOpen(alert());
  const end = () => (open() ? undefined : Date.parse(alert().clearedAt ?? alert().lastReadingAt) + 5 * 60_000);
  const readings = createReadings(
    () =>
      isOfDevice(alert())
        ? undefined
        : { patientId: alert().patientId, code: alert().code, spanMs: windowMs, resolution: "raw", until: end() },
    2000,
  );
  const latest = createLatest(() => alert().patientId);
  const window = createMemo<Span>(() => {
    const to = end() ?? Math.max(now(), Date.parse(alert().lastReadingAt));
    return { from: to - windowMs, to };
  });
  const isTechnical = () => alert().class === "technical";
  // Of a technical alert the readings themselves are drawn, without a limit.
  const drawsJudged = () => isJudged(alert()) && !isTechnical();
  // Until the readings are here, and when they are refused, the trend that came with the alert is drawn.
  const series = createMemo(() => {
    const points = readings.points();
    if (points && points.length > 0 && !drawsJudged())
      return prepareSeries(points, window(), Math.min(trendGapMs(alert()), alert().explanation.gapSeconds * 1000));
    return prepareSeries(trendPoints(alert()), window(), trendGapMs(alert()));
  });
  const live = createMemo(() => {
    const reading = latest.value()?.items.find((item) => item.signal === alert().signal && item.flag === undefined);
    return reading && !drawsJudged() && Date.parse(reading.at) >= Date.parse(alert().lastReadingAt)
      ? { value: reading.value, unit: reading.unit, at: reading.at }
      : { value: alert().value, unit: alert().unit, at: alert().lastReadingAt };
  });
  const current = () => open() && alerts?.link() === "live" && !alert().stale && now() - Date.parse(live().at) < staleAfterMs;
  const context = createMemo(() => {
    const items = latest.value()?.items ?? [];
    return contextSignals.flatMap((name) => items.find((item) => item.signal === name && item.signal !== alert().signal) ?? []).slice(0, 3);
  });
  const exact = (instant: string) => clock(instant, zone(), true);
  const key = (name: string) => (
    <Show when={props.shortcuts}>
      <span class="kbd" aria-hidden="true">
        {name}
      </span>
    </Show>
  );
  return (
    <aside class="d-panel" aria-labelledby="alert-heading" data-testid="alert-detail" data-id={alert().id}>
      <div class="d-bar">
        <button type="button" class="d-icon d-back" onClick={() => props.onClose()}>
          <Icon name="left" />
          <span class="sr">{tc("app.back")}</span>
        </button>
        <PatientBanner patient={patient()} />
        <A class="d-file" href={`/patients/${alert().patientId}`}>
          {t("alerts.openFile")}
        </A>
      </div>
      <div class="d-body" tabindex="0" role="group" aria-labelledby="alert-heading">
        <div class="d-headline" data-level={levelOf(alert())}>
          <h2 id="alert-heading" tabindex="-1">
            <SeverityMark level={levelOf(alert())} />
            {alertHeadline(alert())}
          </h2>
          <Show when={!isOfDevice(alert())}>
            <span class="d-now" classList={{ old: !current() }} data-testid="live-value">
              {toldReading(live())[0]}
              <i>{toldReading(live())[1]}</i>
            </span>
          </Show>
          <p>
            {open()
              ? t("alerts.since", { level: alertLevel(alert()), age: longSpan(now() - Date.parse(alert().firedAt)) })
              : t("alerts.resolvedAt", { level: alertLevel(alert()), time: time(resolvedAt(alert()), zone()) })}
            {" · "}
            {current()
              ? t("alerts.measured", { age: shortSpan(now() - Date.parse(live().at)) })
              : t("alerts.notLive", { time: exact(live().at) })}
          </p>
        </div>
        <Show when={alert().stale && open()}>
          <p class="d-note">{t("alert.stale", { age: shortSpan(now() - Date.parse(alert().lastReadingAt)) })}</p>
        </Show>
        <Show when={isQuiet(alert(), now()) && alert().snoozedUntil}>
          {(until) => <p class="d-note">{t("snooze.done", { time: clock(until(), zone()) })}</p>}
        </Show>
        <Show when={alert().late}>
          <p class="d-note">{t("alert.late", { age: shortSpan(alert().explanation.delaySeconds * 1000) })}</p>
        </Show>
        <Show when={!isOfDevice(alert())}>
          <div class="d-chart">
            <Suspense>
              <VitalsChart
                label={signalWord(alert().signal)}
                span={tch("span.30m")}
                unit={alert().unit}
                zone={zone()}
                series={series()}
                window={window()}
                axis={drawsJudged() ? judgedAxis(alert()) : axisOf(alert().signal)}
                limit={isTechnical() ? undefined : limitOf(alert())}
                level={levelOf(alert())}
                marks={[
                  { at: Date.parse(alert().onsetAt), kind: "onset" },
                  { at: Date.parse(alert().firedAt), kind: "fired" },
                  ...(alert().clearedAt ? [{ at: Date.parse(alert().clearedAt ?? ""), kind: "cleared" as const }] : []),
                ]}
                zoom={zoom()}
                onZoom={setZoom}
                now={now()}
              />
            </Suspense>
          </div>
        </Show>
        <p class="d-legend" data-level={levelOf(alert())}>
          <span>
            <svg width="10" height="12" aria-hidden="true">
              <path d="M5 0V12" stroke="var(--ink-3)" stroke-dasharray="2 2" />
            </svg>
            {t("alerts.onset", { time: exact(alert().onsetAt) })}
          </span>
          <span>
            <svg width="11" height="9" aria-hidden="true">
              <path class="d-tri" d="M0 0h11L5.5 9z" />
            </svg>
            {t("alerts.fired", { time: exact(alert().firedAt) })}
          </span>
          <Show when={alert().clearedAt}>
            {(cleared) => (
              <span>
                <svg width="11" height="9" aria-hidden="true">
                  <path class="d-tri" data-hollow="" d="M1 1h9L5.5 8z" />
                </svg>
                {t("alerts.clearedMark", { time: exact(cleared()) })}
              </span>
            )}
          </Show>
          <Show when={!isTechnical()}>
            <span>{t("alerts.threshold", { value: quantity(alert().threshold, alert().unit) })}</span>
          </Show>
        </p>
        <Show when={context().length > 0}>
          <ul class="d-minis" aria-label={t("alerts.context")}>
            <Index each={context()}>{(reading) => <Mini reading={reading()} patientId={alert().patientId} />}</Index>
          </ul>
        </Show>
        <section class="d-part">
          <h3>{t("alerts.why")}</h3>
          <p>
            {whyWords(alert(), exact)}{" "}
            <Show when={alert().explanation.delaySeconds >= 1}>
              {t("alert.delay", { seconds: shortSpan(alert().explanation.delaySeconds * 1000) })}
            </Show>
          </p>
          <p class="d-small">
            {isJudged(alert())
              ? tk("version", { name: alert().rule.name, version: alert().rule.version })
              : t("alerts.ruleVersion", {
                  name: alertHeadline(alert()),
                  version: String(alert().rule.version),
                  clear: quantity(alert().explanation.clearValue, alert().unit),
                  seconds: exactSpan(alert().explanation.clearSeconds),
                })}
          </p>
        </section>
        <section class="d-part">
          <h3>{t("alerts.history")}</h3>
          <Show when={alert().nextEscalation}>
            {(next) => (
              <p class="d-small" data-testid="next-call">
                {nextCallWords(next(), (instant) => clock(instant, zone()))}
              </p>
            )}
          </Show>
          <ol class="d-history" data-level={levelOf(alert())}>
            <For each={alert().history}>
              {(step) => (
                <li data-action={step.action}>
                  <time datetime={step.at}>{clock(step.at, zone())}</time>
                  <i aria-hidden="true" />
                  <span>
                    {historyWords(step, me().accountId, (instant) => clock(instant, zone()))}
                    <Show when={step.action === "commented" && step.text}>{(text) => <q>{text()}</q>}</Show>
                  </span>
                </li>
              )}
            </For>
          </ol>
        </section>
        <Episodes alert={alert()} />
      </div>
      <div class="d-actions">
        <div role="status" class="d-result">
          <Show when={alerts?.notices[alert().id]}>{(notice) => <p data-tone={notice().tone}>{notice().text}</p>}</Show>
        </div>
        <Show when={open()}>
          <Button
            class="d-take"
            busy={alerts?.busy() === alert().id}
            unavailable={alert().status === "acked"}
            onClick={() => void alerts?.ack(alert().id)}
            aria-keyshortcuts="A"
          >
            {t("alerts.take")} {key("A")}
          </Button>
          <Button variant="secondary" onClick={() => props.onAsk("resolve")} aria-keyshortcuts="R" data-testid="resolve">
            {t("alerts.resolve")} {key("R")}
          </Button>
        </Show>
        <div class="d-step">
          <button type="button" class="d-icon" onClick={() => props.onStep(-1)} aria-keyshortcuts="[">
            <Icon name="up" />
            <span class="sr">{t("alerts.previous")}</span>
          </button>
          <button type="button" class="d-icon" onClick={() => props.onStep(1)} aria-keyshortcuts="]">
            <Icon name="down" />
            <span class="sr">{t("alerts.next")}</span>
          </button>
        </div>
        <div class="d-more">
          <Show when={open()}>
            <Button variant="quiet" onClick={() => props.onAsk("snooze")} aria-keyshortcuts="S">
              {t("alerts.snooze")} {key("S")}
            </Button>
            <Show when={isQuiet(alert(), now())}>
              <Button variant="quiet" onClick={() => void alerts?.endSnooze(alert().id)} aria-keyshortcuts="Z">
                {t("alerts.endSnooze")} {key("Z")}
              </Button>
            </Show>
            <Button variant="quiet" onClick={() => props.onAsk("assign")} aria-keyshortcuts="G">
              {t("alerts.assign")} {key("G")}
            </Button>
          </Show>
          <Button variant="quiet" onClick={() => props.onAsk("comment")} aria-keyshortcuts="C">
            {t("alerts.comment")} {key("C")}
          </Button>
        </div>
      </div>
      <AlertQuestion alert={alert()} name={patientName(patient())} asked={props.asking} onClose={() => props.onAsk(undefined)} />
    </aside>
  );
}

function resolvedAt(alert: Alert): string {
  return (
    alert.history.findLast((step) => step.action === "resolved" || step.action === "withdrawn")?.at ?? alert.clearedAt ?? alert.firedAt
  );
}

/** Another signal of the patient: value, and its last half hour. */
function Mini(props: { reading: LatestReading; patientId: string }) {
  const { now, alerts } = useConsole();
  const readings = createReadings(
    () => ({ patientId: props.patientId, code: props.reading.code, spanMs: windowMs, resolution: "1m" }),
    30_000,
  );
  const current = () => alerts?.link() === "live" && now() - Date.parse(props.reading.at) < staleAfterMs;
  return (
    <li>
      <span>{signalWord(props.reading.signal)}</span>
      <b classList={{ old: !current() }}>
        {toldReading(props.reading)[0]}
        <i>{toldReading(props.reading)[1]}</i>
      </b>
      <small>{t("patient.ago", { age: shortSpan(now() - Date.parse(props.reading.at)) })}</small>
      <Sparkline points={readings.points() ?? []} window={{ from: now() - windowMs, to: now() }} gapMs={150_000} width={124} height={28} />
    </li>
  );
}
