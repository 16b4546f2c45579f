import type { AnswerOf } from "@episante/contracts/endpoint";
import { latestReadings, listReadings } from "@episante/contracts/reading";
import { isCoded, isWithheld, type Signal, signalNames, signals } from "@episante/contracts/signals";
import { A } from "@solidjs/router";
import { createMemo, createSignal, For, lazy, Show, Suspense } from "solid-js";
import { prepareSeries, toPoints } from "../../shared/charts/series.ts";
import { Banner } from "../../shared/components/Banner.tsx";
import { Icon } from "../../shared/components/Icon.tsx";
import { Page } from "../../shared/components/Page.tsx";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { Skeleton } from "../../shared/components/Waiting.tsx";
import { tc } from "../../shared/i18n/common.ts";
import { type CallResult, call } from "../../shared/lib/call.ts";
import { age, dateTime, machineTime, ownZone, toldReading } from "../../shared/lib/format.ts";
import { createInterval, createLoad } from "../../shared/lib/load.ts";
import { serverNow } from "../../shared/lib/server-clock.ts";
import type { Me } from "../../shared/lib/session.ts";
import { RequireSession } from "../features/account/RequireSession.tsx";
import { MainFrame } from "../features/shell/Shell.tsx";
import { t } from "../i18n/t.ts";

const VitalsChart = lazy(() => import("../../shared/charts/VitalsChart.tsx").then((module) => ({ default: module.VitalsChart })));

type Latest = AnswerOf<typeof latestReadings>["items"][number];
const refreshMs = 5_000;
/** A value older than this is not current any more, and says so. */
const staleMs = 15 * 60_000;

export function VitalsRoute() {
  return (
    <MainFrame secondary={false}>
      <RequireSession title={t("vitals.title")} own>
        {(me) => <Vitals me={me} />}
      </RequireSession>
    </MainFrame>
  );
}

const isSignal = (name: string): name is Signal => signalNames.some((known) => known === name);

function Vitals(props: { me: Me }) {
  const latest = createLoad(
    () => props.me.patientId,
    (patientId, signal): Promise<CallResult<AnswerOf<typeof latestReadings>>> => call(latestReadings, { query: { patientId }, signal }),
  );
  const [nowMs, setNowMs] = createSignal(serverNow());
  createInterval(() => void latest.reload(), refreshMs);
  createInterval(() => setNowMs(serverNow()), 1_000);
  const names = createMemo(() => (latest.value()?.items ?? []).map((item) => item.signal).filter(isSignal), [], {
    equals: (a, b) => a.join() === b.join(),
  });
  const item = (name: string) => latest.value()?.items.find((entry) => entry.signal === name);
  return (
    <Page title={t("vitals.title")}>
      <div class="flex flex-wrap items-center justify-between gap-2 mt-2">
        <p class="muted small">{t("vitals.noDiagnosis")}</p>
        <A class="quiet -mx-3" href="/devices">
          <Icon name="watch" />
          {t("vitals.devices")}
        </A>
      </div>
      <Banner tone="neutral" class="mt-2">
        {tc("app.secondary")}
      </Banner>
      <Show when={latest.problem()}>
        {(problem) => <ProblemBanner problem={problem()} class="mt-4" onRetry={() => void latest.reload()} />}
      </Show>
      <Show when={latest.waiting()}>
        <div class="vitals mt-5">
          <For each={[1, 2, 3]}>{() => <Skeleton class="h-36" />}</For>
        </div>
      </Show>
      <Show when={latest.value()}>
        <Show
          when={names().length > 0}
          fallback={
            <div class="card empty mt-5">
              <Icon name="heart" size={32} />
              <p>
                <b class="font-bold">{t("vitals.none")}</b>
                <br />
                {t("vitals.noneHint")}
              </p>
              <A class="btn" href="/devices">
                {t("devices.add")}
              </A>
            </div>
          }
        >
          <ul class="vitals mt-5">
            <For each={names()}>
              {(name) => (
                <Show when={item(name)}>
                  {(known) => (
                    <Measure item={known()} patientId={props.me.patientId as NonNullable<Me["patientId"]>} name={name} nowMs={nowMs()} />
                  )}
                </Show>
              )}
            </For>
          </ul>
        </Show>
      </Show>
    </Page>
  );
}

const dayMs = 24 * 3_600_000;
/** Roll-ups are one minute wide; more than five of them missing is a gap, and a gap is never joined. */
const gapMs = 5 * 60_000;

/** One signal: its last value with unit and age, and the last 24 hours. A value that is not current is struck through and says so. */
function Measure(props: { item: Latest; patientId: NonNullable<Me["patientId"]>; name: Signal; nowMs: number }) {
  const old = () => props.nowMs - Date.parse(props.item.at) > staleMs;
  const [window, setWindow] = createSignal({ from: serverNow() - dayMs, to: serverNow() });
  createInterval(() => setWindow({ from: serverNow() - dayMs, to: serverNow() }), 60_000);
  const day = createLoad(window, ({ from, to }, signal) => {
    const range = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    return call(listReadings, { query: { patientId: props.patientId, code: props.item.code, resolution: "1m", ...range }, signal });
  });
  const series = createMemo(() => prepareSeries(toPoints(day.value()?.items ?? [], props.item.code), window(), gapMs));
  return (
    <li class="card measure">
      <div>
        <h2>{tc(`signal.${props.name}`)}</h2>
        <p class="value mt-2" data-old={old() || isWithheld(props.item.flag) ? "" : undefined}>
          <span>{toldReading(props.item)[0]}</span> <small>{toldReading(props.item)[1]}</small>
        </p>
        <p class="small muted mt-1">
          <time datetime={machineTime(props.item.at, ownZone())}>{age(props.item.at, ownZone(), props.nowMs)}</time>
        </p>
        <Show when={isWithheld(props.item.flag)}>
          <p class="small muted">{t("vitals.flagged")}</p>
        </Show>
        <Show when={old()}>
          <p class="small mt-1">{t("vitals.silent", { time: dateTime(props.item.at, ownZone()) })}</p>
        </Show>
      </div>
      <Show when={!isCoded(props.name)}>
        <div class="chartbox">
          <Show when={day.value()}>
            <Suspense>
              <VitalsChart
                label={tc(`signal.${props.name}`)}
                span={t("vitals.chart")}
                unit={props.item.unit}
                zone={ownZone()}
                series={series()}
                window={window()}
                axis={signals[props.name].axis}
                height={140}
                timeAxis
                now={props.nowMs}
              />
            </Suspense>
          </Show>
        </div>
      </Show>
    </li>
  );
}
