import { analyticsAlerts, analyticsAppointments, analyticsOverview, analyticsVitals } from "@episante/contracts/doctor";
import type { AnswerOf } from "@episante/contracts/endpoint";
import { useSearchParams } from "@solidjs/router";
import { createMemo, For, type JSX, Show } from "solid-js";
import { BarChart, RangeChart } from "../../shared/charts/Bars.tsx";
import { DataTable } from "../../shared/components/DataTable.tsx";
import { Icon } from "../../shared/components/Icon.tsx";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { type CallResult, call } from "../../shared/lib/call.ts";
import { addDays, dateShort, dateTime, dayInstant, dayNumber, dayOf, mondayOf, number, quantity } from "../../shared/lib/format.ts";
import { createLoad } from "../../shared/lib/load.ts";
import { t } from "../i18n/text.ts";
import { levelWord, longSpan, signalWord } from "../lib/words.ts";
import { ConsolePage } from "../shell/ConsolePage.tsx";
import { useConsole } from "../shell/console-context.tsx";

const periods = { last7: 7, last30: 30, last90: 90 } as const;
type Period = keyof typeof periods;
const severities = ["critical", "warning", "notice"] as const;
/** Weeks ahead of the current one: what is booked lies mostly in the future. */
const weeksAhead = 4;
const day = (value: string) => dateShort(dayInstant(value), "UTC");
/** Last day of the weeks ahead. */
const endOfWeeks = (today: string) => addDays(mondayOf(today), 7 * (weeksAhead + 1) - 1);
/** Every day of a period, so that a day without anything is seen as such. */
function everyDay(from: string, to: string): string[] {
  const days: string[] = [];
  for (let at = from; at <= to; at = addDays(at, 1)) days.push(at);
  return days;
}

/** All together, so that the page shows one state of the warehouse. Visits reach ahead; nothing else has a future. */
async function loadAll(query: { from: string; to: string }, signal: AbortSignal) {
  const ahead = { from: query.from, to: endOfWeeks(query.to) };
  const [overview, vitals, alerts, appointments] = await Promise.all([
    call(analyticsOverview, { query: ahead, signal }),
    call(analyticsVitals, { query, signal }),
    call(analyticsAlerts, { query, signal }),
    call(analyticsAppointments, { query: ahead, signal }),
  ]);
  if (!overview.ok) return overview;
  if (!vitals.ok) return vitals;
  if (!alerts.ok) return alerts;
  if (!appointments.ok) return appointments;
  const value = { period: query, overview: overview.value, vitals: vitals.value, alerts: alerts.value, appointments: appointments.value };
  return { ok: true, value } satisfies CallResult<typeof value>;
}

/** Figures of the doctor's own patients, all from the gold layer of the warehouse. */
export function AnalyticsRoute() {
  const { zone, now } = useConsole();
  const [search, setSearch] = useSearchParams<{ period?: string }>();
  const period = (): Period => (search.period === "last7" || search.period === "last90" ? search.period : "last30");
  const load = createLoad(
    () => {
      const to = dayOf(now(), zone());
      return `${addDays(to, 1 - periods[period()])} ${to}`;
    },
    (range, signal) => {
      const [from = "", to = ""] = range.split(" ");
      return loadAll({ from, to }, signal);
    },
  );
  return (
    <ConsolePage title={t("analytics.title")}>
      <Show when={load.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void load.reload()} />}</Show>
      <Show when={load.value()}>
        {(found) => (
          <Show when={found().overview.asOf} fallback={<Empty />}>
            {(asOf) => (
              <>
                <div class="c-split">
                  <p class="s-note">{t("analytics.asOf", { time: dateTime(asOf(), zone()) })}</p>
                  <div class="c-seg" role="group" aria-label={t("analytics.period")}>
                    <For each={Object.keys(periods) as Period[]}>
                      {(name) => (
                        <button
                          type="button"
                          aria-pressed={period() === name}
                          onClick={() => setSearch({ period: name }, { replace: true })}
                        >
                          {t(`analytics.${name}`)}
                        </button>
                      )}
                    </For>
                  </div>
                </div>
                <h2 class="sr">{t("analytics.overview")}</h2>
                <Figures overview={found().overview} />
                <div class="n-grid">
                  <AlertFigures items={found().alerts.items} period={found().period} />
                  <AckFigures items={found().alerts.items} period={found().period} />
                  <VisitFigures items={found().appointments.items} period={found().period} />
                </div>
                <VitalFigures items={found().vitals.items} period={found().period} />
              </>
            )}
          </Show>
        )}
      </Show>
    </ConsolePage>
  );
}

function Empty() {
  return (
    <section class="c-card c-narrow" data-testid="analytics-empty">
      <h2 class="c-row">
        <Icon name="chart" />
        {t("analytics.empty")}
      </h2>
      <p>{t("analytics.emptyWhy")}</p>
    </section>
  );
}

function Figures(props: { overview: AnswerOf<typeof analyticsOverview> }) {
  const rows = (): [string, string][] => [
    [t("analytics.patients"), number(props.overview.patients)],
    [t("analytics.readings"), number(props.overview.readings)],
    [t("analytics.alerts"), number(props.overview.alerts)],
    [t("analytics.medianAck"), props.overview.medianAckSeconds === undefined ? "–" : longSpan(props.overview.medianAckSeconds * 1000)],
    [t("analytics.appointmentsAhead", { n: weeksAhead }), number(props.overview.appointments)],
  ];
  return (
    <dl class="n-figures">
      <For each={rows()}>
        {([name, value]) => (
          <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        )}
      </For>
    </dl>
  );
}

/** A card with a drawing and, under it, the same figures as a table. */
function Card(props: { title: string; note?: string; head: string[]; rows: string[][]; children: JSX.Element }) {
  return (
    <section class="c-card">
      <h2>{props.title}</h2>
      <Show when={props.note}>
        <p class="s-note">{props.note}</p>
      </Show>
      <Show when={props.rows.length > 0} fallback={<p class="c-empty">{t("analytics.noRows")}</p>}>
        {props.children}
        <Table title={props.title} head={props.head} rows={props.rows} />
      </Show>
    </section>
  );
}

function Table(props: { title: string; head: string[]; rows: string[][] }) {
  return (
    <details class="m-mail">
      <summary>
        {t("analytics.table")}
        <span class="sr"> : {props.title}</span>
      </summary>
      <div class="c-table">
        <DataTable head={props.head} rows={props.rows} />
      </div>
    </details>
  );
}

type Days = { from: string; to: string };
type AlertRows = AnswerOf<typeof analyticsAlerts>["items"];
const daysOf = (items: readonly { day: string }[]) => [...new Set(items.map((item) => item.day))].sort();

function AlertFigures(props: { items: AlertRows; period: Days }) {
  const days = createMemo(() => daysOf(props.items));
  const count = (on: string, severity: string) =>
    props.items.filter((item) => item.day === on && item.severity === severity).reduce((sum, item) => sum + item.n, 0);
  const total = (severity: string) => props.items.filter((item) => item.severity === severity).reduce((sum, item) => sum + item.n, 0);
  const words = () => severities.map((name) => t("analytics.pair", { name: levelWord(name), n: total(name) })).join(", ");
  return (
    <Card
      title={t("analytics.alertsBySeverity")}
      note={words()}
      head={[t("analytics.day"), ...severities.map(levelWord)]}
      rows={days().map((on) => [day(on), ...severities.map((name) => number(count(on, name)))])}
    >
      <BarChart
        summary={`${t("analytics.alertsBySeverity")}. ${words()}`}
        columns={everyDay(props.period.from, props.period.to).map((on) => ({
          label: day(on),
          parts: severities.map((tone) => ({ value: count(on, tone), tone })),
        }))}
      />
    </Card>
  );
}

function AckFigures(props: { items: AlertRows; period: Days }) {
  const days = createMemo(() => daysOf(props.items.filter((item) => item.medianAckSeconds !== undefined && item.severity === "critical")));
  const seconds = (on: string) => props.items.find((item) => item.day === on && item.severity === "critical")?.medianAckSeconds ?? 0;
  return (
    <Card
      title={t("analytics.timeToAck")}
      note={`${levelWord("critical")}, ${t("analytics.inSeconds")}`}
      head={[t("analytics.day"), t("analytics.medianAck")]}
      rows={days().map((on) => [day(on), longSpan(seconds(on) * 1000)])}
    >
      <BarChart
        summary={t("analytics.timeToAck")}
        columns={everyDay(props.period.from, props.period.to).map((on) => ({
          label: day(on),
          parts: [{ value: seconds(on), tone: "plain" }],
        }))}
      />
    </Card>
  );
}

function VisitFigures(props: { items: AnswerOf<typeof analyticsAppointments>["items"]; period: Days }) {
  const weeks = createMemo(() => {
    const end = endOfWeeks(props.period.to);
    return everyDay(mondayOf(props.period.from), end)
      .filter((on) => mondayOf(on) === on)
      .map((weekStart) => props.items.find((week) => week.weekStart === weekStart) ?? { weekStart, booked: 0, cancelled: 0 });
  });
  const current = () => mondayOf(props.period.to);
  const words = () =>
    `${t("analytics.pair", { name: t("analytics.booked"), n: weeks().reduce((sum, week) => sum + week.booked, 0) })}, ${t("analytics.pair", { name: t("analytics.cancelled"), n: weeks().reduce((sum, week) => sum + week.cancelled, 0) })}`;
  return (
    <Card
      title={t("analytics.appointmentsPerWeek")}
      note={`${words()}. ${t("analytics.weeksAhead", { n: weeksAhead })}`}
      head={[t("analytics.week"), t("analytics.booked"), t("analytics.cancelled")]}
      rows={weeks().map((week) => [weekWords(week.weekStart, current()), number(week.booked), number(week.cancelled)])}
    >
      <BarChart
        summary={`${t("analytics.appointmentsPerWeek")}. ${words()}`}
        columns={weeks().map((week) => ({
          label:
            week.weekStart === current()
              ? t("analytics.thisWeek")
              : `${dayNumber(dayInstant(week.weekStart), "UTC")}/${Number(week.weekStart.slice(5, 7))}`,
          parts: [
            { value: week.booked, tone: "plain" },
            { value: week.cancelled, tone: "hollow" },
          ],
        }))}
      />
    </Card>
  );
}

/** A week by its Monday; the current one says so. */
function weekWords(weekStart: string, current: string): string {
  return weekStart === current ? `${day(weekStart)} (${t("analytics.thisWeek")})` : day(weekStart);
}

function VitalFigures(props: { items: AnswerOf<typeof analyticsVitals>["items"]; period: Days }) {
  const signals = createMemo(() => [...new Set(props.items.map((item) => item.signal))]);
  return (
    <section class="c-card n-vitals">
      <h2>{t("analytics.vitals")}</h2>
      <p class="s-note">{t("analytics.vitalsWhy")}</p>
      <Show when={props.items.length === 0}>
        <p class="c-empty">{t("analytics.noRows")}</p>
      </Show>
      <div class="n-grid">
        <For each={signals()}>
          {(signal) => {
            const rows = () => props.items.filter((item) => item.signal === signal).sort((a, b) => (a.day < b.day ? -1 : 1));
            return (
              <div class="n-signal">
                <h3>{signalWord(signal)}</h3>
                <RangeChart
                  summary={`${t("analytics.vitals")}, ${signalWord(signal)}`}
                  columns={everyDay(props.period.from, props.period.to).map((on) => {
                    const row = rows().find((found) => found.day === on);
                    return { label: day(on), range: row && { low: row.min, middle: row.mean, high: row.max } };
                  })}
                />
                <Table
                  title={signalWord(signal)}
                  head={[t("analytics.day"), t("analytics.minimum"), t("analytics.mean"), t("analytics.maximum"), t("analytics.count")]}
                  rows={rows().map((row) => [
                    day(row.day),
                    quantity(row.min, row.unit),
                    quantity(row.mean, row.unit),
                    quantity(row.max, row.unit),
                    number(row.n),
                  ])}
                />
              </div>
            );
          }}
        </For>
      </div>
    </section>
  );
}
