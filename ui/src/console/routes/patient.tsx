import { type Alert, listAlerts } from "@episante/contracts/alert";
import { getPatient } from "@episante/contracts/patient";
import { type Signal, signals } from "@episante/contracts/signals";
import { A, useParams, useSearchParams } from "@solidjs/router";
import { createEffect, createMemo, createSignal, For, on, Show } from "solid-js";
import { prepareSeries, type Span } from "../../shared/charts/series.ts";
import { tch } from "../../shared/charts/texts.ts";
import { VitalsChart } from "../../shared/charts/VitalsChart.tsx";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { SeverityMark } from "../../shared/components/SeverityMark.tsx";
import { call } from "../../shared/lib/call.ts";
import { clock, dateShort, quantity, toldReading, unit } from "../../shared/lib/format.ts";
import { createInterval, createLoad } from "../../shared/lib/load.ts";
import { isOpen, levelOf } from "../features/alerts/alert-board.ts";
import { limitOf, ruleWords } from "../features/alerts/alert-words.ts";
import { isJudged } from "../features/alerts/kind-words.ts";
import { createLatest, staleAfterMs } from "../features/patient/create-latest.ts";
import { createReadings } from "../features/patient/create-readings.ts";
import { PatientBanner } from "../features/patient/PatientBanner.tsx";
import { tf } from "../i18n/fleet-texts.ts";
import { t } from "../i18n/text.ts";
import { alertHeadline, alertLevel, patientName, shortSpan, signalWord } from "../lib/words.ts";
import { ConsolePage } from "../shell/ConsolePage.tsx";
import { useConsole } from "../shell/console-context.tsx";

const hourMs = 3_600_000;
/** Length, what is asked of the server, and from when a hole is a gap. */
const spans = {
  "1h": { ms: hourMs, resolution: "raw", gapMs: 60_000 },
  "6h": { ms: 6 * hourMs, resolution: "1m", gapMs: 150_000 },
  "24h": { ms: 24 * hourMs, resolution: "1m", gapMs: 180_000 },
  "7d": { ms: 168 * hourMs, resolution: "1h", gapMs: 2.5 * hourMs },
} as const;
type SpanName = keyof typeof spans;
const spanNames = Object.keys(spans) as SpanName[];
/** Signals on one axis of time, the ones a ward looks at first. */
const panelOrder: readonly Signal[] = [
  "spo2",
  "heart-rate",
  "pulse-rate",
  "respiratory-rate",
  "systolic-pressure",
  "diastolic-pressure",
  "body-temperature",
  "interstitial-glucose",
  "blood-glucose",
];

export function PatientRoute() {
  const params = useParams<{ id: string }>();
  return (
    <Show when={params.id} keyed>
      {(id) => <PatientPage id={id as `pat_${string}`} />}
    </Show>
  );
}

function PatientPage(props: { id: `pat_${string}` }) {
  const { names } = useConsole();
  const profile = createLoad(
    () => props.id,
    (id, signal) => call(getPatient, { params: { id }, signal }),
  );
  createEffect(() => {
    const known = profile.value();
    if (known) names.add(known);
  });
  // Somebody without a care relationship may still be told the name: it is on the clinic's lists.
  createEffect(on(profile.problem, (problem) => problem?.code === "care-relationship-required" && void names.want([props.id])));
  const patient = () => profile.value() ?? names.get(props.id);
  return (
    <ConsolePage title={patient() ? patientName(patient()) : t("patients.title")}>
      <Show when={profile.problem()}>
        {(problem) => (
          <Show
            when={problem().code === "care-relationship-required"}
            fallback={<ProblemBanner problem={problem()} onRetry={() => void profile.reload()} />}
          >
            <section class="c-card c-narrow" data-testid="care-required">
              <h2>{t("patient.careRequired")}</h2>
              <p>{t("patient.careRequiredWhy")}</p>
            </section>
          </Show>
        )}
      </Show>
      <Show when={profile.value()}>
        {(known) => (
          <>
            <div class="c-card">
              <PatientBanner patient={known()} />
              <p>
                <A href={`/patients/devices?patient=${props.id}`}>{tf("title")}</A>
              </p>
            </div>
            <Vitals id={props.id} />
          </>
        )}
      </Show>
    </ConsolePage>
  );
}

function Vitals(props: { id: `pat_${string}` }) {
  const { now, zone } = useConsole();
  const [search, setSearch] = useSearchParams<{ span?: string }>();
  const span = () => spanNames.find((name) => name === search.span) ?? "1h";
  const [zoom, setZoom] = createSignal<Span | undefined>();
  createEffect(on(span, () => setZoom(undefined)));
  const latest = createLatest(() => props.id);
  const alerts = createLoad(
    () => props.id,
    (patientId, signal) => call(listAlerts, { query: { patientId, limit: 50 }, signal }),
  );
  createInterval(() => void alerts.reload(), 10_000);
  const measured = createMemo(() => panelOrder.filter((name) => latest.value()?.items.some((item) => item.signal === name)), [], {
    equals: (a, b) => a.join() === b.join(),
  });
  return (
    <>
      <section class="c-card">
        <h2>{t("patient.live")}</h2>
        <Show when={latest.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void latest.reload()} />}</Show>
        <Show when={latest.value()?.items.length === 0}>
          <p>{t("patient.noVitals")}</p>
        </Show>
        <ul class="p-live">
          <For each={latest.value()?.items}>
            {(reading) => {
              const stale = () => now() - Date.parse(reading.at) > staleAfterMs || latest.problem() !== undefined;
              return (
                <li>
                  <span>{signalWord(reading.signal)}</span>
                  <b classList={{ old: stale() }}>
                    {toldReading(reading)[0]}
                    <i>{toldReading(reading)[1]}</i>
                  </b>
                  <span>
                    {t("patient.ago", { age: shortSpan(now() - Date.parse(reading.at)) })}
                    {stale() ? ` · ${t("patient.stale")}` : ""}
                  </span>
                </li>
              );
            }}
          </For>
        </ul>
      </section>
      <Show when={measured().length > 0}>
        <section class="c-card">
          <div class="c-split">
            <h2 class="c-h2">{t("patient.vitals")}</h2>
            <div class="c-seg" role="group" aria-label={tch("span.label")}>
              <For each={spanNames}>
                {(name) => (
                  <button type="button" aria-pressed={span() === name} onClick={() => setSearch({ span: name }, { replace: true })}>
                    {tch(`span.${name}`)}
                  </button>
                )}
              </For>
            </div>
          </div>
          <div class="p-panels">
            <For each={measured()}>
              {(name, index) => (
                <Panel
                  patientId={props.id}
                  signal={name}
                  span={span()}
                  zoom={zoom()}
                  onZoom={setZoom}
                  last={index() === measured().length - 1}
                  alerts={alerts.value()?.items ?? []}
                />
              )}
            </For>
          </div>
        </section>
      </Show>
      <section class="c-card">
        <h2>{t("patient.alerts")}</h2>
        <Show when={alerts.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void alerts.reload()} />}</Show>
        <Show when={alerts.value()?.items.length === 0}>
          <p>{t("patient.noAlerts")}</p>
        </Show>
        <ul class="p-list">
          <For each={alerts.value()?.items}>
            {(alert) => (
              <li>
                <A href={`/alerts/${alert.id}`}>
                  <span class="lvl">
                    <SeverityMark level={levelOf(alert)} size={18} />
                    {alertLevel(alert)}
                  </span>
                  <b>{alertHeadline(alert)}</b>
                  <span>{ruleWords(alert)}</span>
                  <span>{quantity(alert.value, alert.unit)}</span>
                  <span>
                    {dateShort(alert.firedAt, zone())} {clock(alert.firedAt, zone())}
                  </span>
                  <span class="c-tag">
                    {isOpen(alert)
                      ? (alert.owner?.name ?? t("alerts.nobody"))
                      : alert.status === "withdrawn"
                        ? t("alerts.status.withdrawn")
                        : t("alerts.status.resolved")}
                  </span>
                </A>
              </li>
            )}
          </For>
        </ul>
      </section>
    </>
  );
}

function Panel(props: {
  patientId: string;
  signal: Signal;
  span: SpanName;
  zoom: Span | undefined;
  onZoom: (zoom: Span | undefined) => void;
  last: boolean;
  alerts: readonly Alert[];
}) {
  const { now, zone } = useConsole();
  const plan = () => spans[props.span];
  const code = () => signals[props.signal].codes[0];
  const readings = createReadings(
    () => ({ patientId: props.patientId, code: code(), spanMs: plan().ms, resolution: plan().resolution }),
    5000,
  );
  const step = () => (props.span === "1h" ? 1000 : 60_000);
  const end = createMemo(() => Math.ceil(now() / step()) * step());
  const window = createMemo<Span>(() => ({ from: end() - plan().ms, to: end() }));
  const series = createMemo(() => prepareSeries(readings.points() ?? [], window(), plan().gapMs));
  const own = () => props.alerts.filter((alert) => alert.signal === props.signal && !isJudged(alert));
  const open = () => own().find(isOpen);
  const limit = () => ((open() ?? own()[0]) ? limitOf((open() ?? own()[0]) as Alert) : undefined);
  const marks = () =>
    own().flatMap((alert) => [
      { at: Date.parse(alert.onsetAt), kind: "onset" as const },
      { at: Date.parse(alert.firedAt), kind: "fired" as const },
      ...(alert.clearedAt ? [{ at: Date.parse(alert.clearedAt), kind: "cleared" as const }] : []),
    ]);
  return (
    <div class="p-panel">
      <div>
        <h3>{signalWord(props.signal)}</h3>
        <p>{unit(signals[props.signal].unit)}</p>
        <Show when={limit()}>
          {(found) => <p>{t("alerts.threshold", { value: quantity(found().value, signals[props.signal].unit) })}</p>}
        </Show>
        <Show when={readings.points()?.length === 0}>
          <p>{t("patient.noVitalsSpan")}</p>
        </Show>
      </div>
      <VitalsChart
        label={signalWord(props.signal)}
        span={tch(`span.${props.span}`)}
        unit={signals[props.signal].unit}
        zone={zone()}
        series={series()}
        window={window()}
        axis={signals[props.signal].axis}
        limit={limit()}
        level={open() ? levelOf(open() as Alert) : undefined}
        marks={marks()}
        zoom={props.zoom}
        onZoom={props.onZoom}
        height={props.last ? 140 : 116}
        timeAxis={props.last}
        now={now()}
      />
    </div>
  );
}
