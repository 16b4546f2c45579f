import type { AlertLoad } from "@episante/contracts/alert-load";
import { severities } from "@episante/contracts/rule";
import { A } from "@solidjs/router";
import { For, type JSX, Show } from "solid-js";
import { BarChart } from "../../../shared/charts/Bars.tsx";
import { DataTable } from "../../../shared/components/DataTable.tsx";
import { number, quantity } from "../../../shared/lib/format.ts";
import { tl } from "../../i18n/alarm-load-texts.ts";
import { levelWord, longSpan, patientName } from "../../lib/words.ts";
import { useConsole } from "../../shell/console-context.tsx";

/** A share of 1 in percent. */
export const shareWords = (share: number) => quantity(Math.round(share * 100), "%");
const spanWords = (seconds: number | undefined) => (seconds === undefined ? "–" : longSpan(seconds * 1000));
/** An hour of day as an axis and a table have it: `07:00`. */
const hourWords = (hour: number) => `${String(hour).padStart(2, "0")}:00`;

/** How many alerts there were, who answered them, when, and where they come from. Every drawing has its table. */
export function AlarmLoad(props: { load: AlertLoad }) {
  return (
    <>
      <Figures load={props.load} />
      <Show when={props.load.alerts > 0} fallback={<p class="c-empty">{tl("none")}</p>}>
        <div class="n-grid">
          <Levels load={props.load} />
          <Hours load={props.load} />
        </div>
        <Rules load={props.load} />
        <People load={props.load} />
      </Show>
    </>
  );
}

function Figures(props: { load: AlertLoad }) {
  const rows = (): [string, string][] => [
    [tl("perPatientDay"), number(props.load.perPatientDay, 2)],
    [tl("alerts"), number(props.load.alerts)],
    [tl("patients"), number(props.load.patients)],
    [tl("ackedShare"), props.load.alerts > 0 ? shareWords(props.load.acked.share) : "–"],
    [tl("median"), spanWords(props.load.acked.medianSeconds)],
    [tl("p90"), spanWords(props.load.acked.p90Seconds)],
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

function Levels(props: { load: AlertLoad }) {
  const rows = (): string[][] => [
    ...severities.map((name) => [levelWord(name), number(props.load.bySeverity[name] ?? 0)]),
    [tl("levels.technical"), number(props.load.byClass.technical)],
  ];
  return (
    <section class="c-card">
      <h2>{tl("levels.title")}</h2>
      <Table label={tl("levels.title")} head={[tl("levels.level"), tl("alerts")]} rows={rows()} />
      <Show when={props.load.late > 0}>
        <p class="s-note">{tl("late", { n: props.load.late })}</p>
      </Show>
      <Show when={props.load.withdrawn > 0}>
        <p class="s-note">{tl("withdrawn", { n: props.load.withdrawn })}</p>
      </Show>
    </section>
  );
}

function Hours(props: { load: AlertLoad }) {
  const most = () => props.load.perHour.indexOf(Math.max(...props.load.perHour));
  const summary = () => tl("hours.summary", { hour: hourWords(most()), n: props.load.perHour[most()] ?? 0 });
  return (
    <section class="c-card">
      <h2>{tl("hours.title")}</h2>
      <p class="s-note">{summary()}</p>
      <BarChart
        summary={summary()}
        columns={props.load.perHour.map((value, hour) => ({ label: hourWords(hour), parts: [{ value, tone: "plain" }] }))}
      />
      <details class="m-mail">
        <summary>
          {tl("table")}
          <span class="sr"> : {tl("hours.title")}</span>
        </summary>
        <Table
          label={tl("hours.title")}
          head={[tl("hours.hour"), tl("alerts")]}
          rows={props.load.perHour.map((value, hour) => [hourWords(hour), number(value)])}
        />
      </details>
    </section>
  );
}

function Rules(props: { load: AlertLoad }) {
  return (
    <section class="c-card">
      <h2>{tl("rules.title")}</h2>
      <Table
        label={tl("rules.title")}
        head={[tl("rules.rule"), tl("alerts"), tl("rules.patients"), tl("rules.acked")]}
        rows={props.load.topRules.map((rule) => [
          <A href={`/rules/${rule.id}`}>{rule.name}</A>,
          number(rule.alerts),
          number(rule.patients),
          shareWords(rule.ackedShare),
        ])}
      />
    </section>
  );
}

function People(props: { load: AlertLoad }) {
  const { names } = useConsole();
  return (
    <section class="c-card">
      <h2>{tl("people.title")}</h2>
      <Show when={props.load.worstTenth.patients > 0}>
        <p class="s-note">{tl("people.worst", { n: props.load.worstTenth.patients, share: shareWords(props.load.worstTenth.share) })}</p>
      </Show>
      <Table
        label={tl("people.title")}
        head={[tl("people.patient"), tl("alerts"), tl("people.share")]}
        rows={props.load.topPatients.map(({ patientId, alerts, share }) => [
          patientId ? <A href={`/patients/${patientId}`}>{patientName(names.get(patientId))}</A> : tl("people.other"),
          number(alerts),
          shareWords(share),
        ])}
      />
    </section>
  );
}

/** Rows whose first cell names them. */
function Table(props: { label: string; head: readonly string[]; rows: readonly (readonly JSX.Element[])[] }) {
  return (
    <section class="c-table" tabindex="0" aria-label={props.label}>
      <DataTable head={props.head} rows={props.rows} />
    </section>
  );
}
