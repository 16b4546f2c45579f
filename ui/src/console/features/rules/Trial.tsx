import type { Rule, RuleBody } from "@episante/contracts/rule";
import { type Signal, signals } from "@episante/contracts/signals";
import { createEffect, createMemo, createSignal, createUniqueId, For, Show } from "solid-js";
import { prepareSeries } from "../../../shared/charts/series.ts";
import { VitalsChart } from "../../../shared/charts/VitalsChart.tsx";
import { Button } from "../../../shared/components/Button.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { SeverityMark } from "../../../shared/components/SeverityMark.tsx";
import { Spinner } from "../../../shared/components/Waiting.tsx";
import { clock, dateShort, number } from "../../../shared/lib/format.ts";
import { tr } from "../../i18n/rule-texts.ts";
import { levelWord, type PatientMin, patientName, shortSpan, signalWord } from "../../lib/words.ts";
import { useConsole } from "../../shell/console-context.tsx";
import { createReadings } from "../patient/create-readings.ts";
import { createTrial, type TrialSpan, trialSpans } from "./create-trial.ts";
import { PatientFind } from "./PatientFind.tsx";
import { kindOf } from "./rule-kinds.ts";
import { type TrialAlert, trialAlerts } from "./trial-alerts.ts";

const spanNames = Object.keys(trialSpans) as TrialSpan[];
/** How the chart of a period is asked for, and from when a hole in it is a gap. */
const drawnAs = { "24h": { resolution: "1m", gapMs: 180_000 }, "7d": { resolution: "1h", gapMs: 2.5 * 3_600_000 } } as const;
const rowsShown = 20;

interface TrialProps {
  rule: RuleBody | undefined;
  kind: RuleBody["kind"];
  patientId: string | undefined;
  /** The live rule it is compared with: the one that is changed, or that it will stand in place of. */
  against?: Rule["id"] | undefined;
}

/** What the rule in the fields would have found, drawn and listed; it follows the fields. Without a rule the fields have faults. */
export function Trial(props: TrialProps) {
  const why = () => kindOf(props.kind).untried;
  return (
    <Show when={why()} fallback={<TrialOf {...props} />}>
      {(reason) => (
        <section class="c-card r-trial">
          <h2>{tr("trial.title")}</h2>
          <p class="s-note">{tr(reason())}</p>
        </section>
      )}
    </Show>
  );
}

function TrialOf(props: TrialProps) {
  const { names, zone, alerts: live } = useConsole();
  const id = createUniqueId();
  const [span, setSpan] = createSignal<TrialSpan>("24h");
  const [chosen, setChosen] = createSignal<PatientMin | undefined>();
  const [choosing, setChoosing] = createSignal(false);
  const patientId = () => props.patientId ?? chosen()?.id;
  const trial = createTrial(() => props.rule && { rule: props.rule, span: span(), patientId: patientId(), against: props.against });
  const alerts = createMemo<readonly TrialAlert[]>(() => {
    const answer = trial.answer();
    return answer ? trialAlerts(answer.result) : [];
  });
  createEffect(() => void names.want([...new Set(alerts().map((alert) => alert.patientId))]));
  const nameOf = (of: string) => patientName(names.get(of));

  const [pointed, setPointed] = createSignal<string | undefined>();
  const called = () => Object.values(live?.alerts ?? {})[0]?.patientId;
  // The chosen patient's chart, else of whom the trial calls most, else of somebody who has an alert now: a limit is chosen by looking at readings.
  const drawn = createMemo(
    () => patientId() ?? (alerts().some((one) => one.patientId === pointed()) ? pointed() : busiest(alerts())) ?? called(),
  );
  return (
    <section class="c-card r-trial" aria-labelledby={`${id}-h`} aria-busy={trial.isBehind()}>
      <h2 id={`${id}-h`}>{tr("trial.title")}</h2>
      <p class="s-note">{tr("trial.why")}</p>
      <div class="r-trial-bar">
        <div class="c-seg" role="group" aria-label={tr("trial.span")}>
          <For each={spanNames}>
            {(name) => (
              <button type="button" aria-pressed={span() === name} onClick={() => setSpan(name)}>
                {tr(`trial.${name}`)}
              </button>
            )}
          </For>
        </div>
        <Show when={props.patientId === undefined} fallback={<span>{nameOf(props.patientId ?? "")}</span>}>
          <div class="c-seg" role="group" aria-label={tr("trial.for")}>
            <button
              type="button"
              aria-pressed={!choosing() && !chosen()}
              onClick={() => {
                setChosen(undefined);
                setChoosing(false);
              }}
            >
              {tr("trial.all")}
            </button>
            <button type="button" aria-pressed={choosing() || chosen() !== undefined} onClick={() => setChoosing(true)}>
              {chosen() ? patientName(chosen()) : tr("trial.choose")}
            </button>
          </div>
        </Show>
      </div>
      <Show when={choosing()}>
        <PatientFind
          onPick={(patient) => {
            setChosen(patient);
            setChoosing(false);
          }}
        />
      </Show>
      <p role="status" class="r-trial-state">
        <Show when={props.rule} fallback={tr("trial.waiting")}>
          <Show when={!trial.isBehind()} fallback={<Spinner text={tr("trial.running")} />}>
            <Show when={!trial.problem() && trial.answer()}>
              {(answer) => tr("trial.done", { n: answer().result.alerts.length, rate: number(answer().result.perPatientDay, 2) })}
            </Show>
          </Show>
        </Show>
      </p>
      <Show when={trial.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void trial.again()} />}</Show>
      <Show when={trial.answer()}>
        {(answer) => (
          <div classList={{ "r-outdated": trial.isBehind() || trial.problem() !== undefined || !props.rule }}>
            <dl class="n-figures r-figures">
              <Figure name={tr("trial.alerts")} value={number(answer().result.alerts.length)} />
              <Figure name={tr("trial.rate")} value={number(answer().result.perPatientDay, 2)} />
              <Figure name={tr("trial.people")} value={number(new Set(answer().result.alerts.map((one) => one.patientId)).size)} />
            </dl>
            <Show when={answer().result.diff}>
              {(diff) => (
                <p class="r-diff">
                  {tr("diff.words", { added: diff().onlyDraft.length, gone: diff().onlyLive.length, both: diff().both })}
                </p>
              )}
            </Show>
            <Show when={drawn()} fallback={<p class="s-note">{tr("trial.noChart")}</p>}>
              {(of) => (
                <TrialChart
                  kind={props.kind}
                  rule={props.rule}
                  patientId={of()}
                  name={nameOf(of())}
                  span={span()}
                  until={answer().to}
                  alerts={alerts().filter((one) => one.patientId === of() && one.change !== "gone")}
                />
              )}
            </Show>
            <Show when={alerts().length > 0} fallback={<p>{tr("trial.none")}</p>}>
              <h3>{tr("trial.list")}</h3>
              <div class="c-table">
                <table>
                  <thead>
                    <tr>
                      <th scope="col">{tr("trial.col.patient")}</th>
                      <th scope="col">{tr("trial.col.level")}</th>
                      <th scope="col">{tr("trial.col.fired")}</th>
                      <th scope="col">{tr("trial.col.lasted")}</th>
                      <Show when={patientId() === undefined}>
                        <td />
                      </Show>
                    </tr>
                  </thead>
                  <tbody>
                    <For each={alerts().slice(0, rowsShown)}>
                      {(alert) => (
                        <tr>
                          <th scope="row">
                            {nameOf(alert.patientId)}
                            <Show when={alert.change}>
                              {(change) => (
                                <>
                                  {" "}
                                  <span class="c-tag">{tr(`diff.${change()}`)}</span>
                                </>
                              )}
                            </Show>
                          </th>
                          <td>
                            <span class="r-level">
                              <SeverityMark level={alert.severity} size={16} />
                              {levelWord(alert.severity)}
                            </span>
                          </td>
                          <td>
                            {dateShort(alert.firedAt, zone())} {clock(alert.firedAt, zone(), true)}
                          </td>
                          <td>
                            {alert.clearedAt ? shortSpan(Date.parse(alert.clearedAt) - Date.parse(alert.onsetAt)) : tr("trial.lasts")}
                          </td>
                          <Show when={patientId() === undefined}>
                            <td>
                              <Button
                                variant="quiet"
                                aria-pressed={drawn() === alert.patientId}
                                onClick={() => setPointed(alert.patientId)}
                              >
                                {tr("trial.draw")}
                                <span class="sr"> : {nameOf(alert.patientId)}</span>
                              </Button>
                            </td>
                          </Show>
                        </tr>
                      )}
                    </For>
                  </tbody>
                </table>
              </div>
              <Show when={alerts().length > rowsShown}>
                <p class="s-note">{tr("trial.last", { n: rowsShown })}</p>
              </Show>
            </Show>
          </div>
        )}
      </Show>
    </section>
  );
}

/** The patient with the most alerts. */
function busiest(alerts: readonly TrialAlert[]): string | undefined {
  const counts = Map.groupBy(alerts, (alert) => alert.patientId);
  return [...counts].toSorted(([, a], [, b]) => b.length - a.length)[0]?.[0];
}

/** NEWS2 has its level in its score: its marks are those of a warning. */
const severityOf = (rule: RuleBody) => ("severity" in rule ? rule.severity : "warning");

function Figure(props: { name: string; value: string }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.value}</dd>
    </div>
  );
}

/** One patient's readings with the limit as it stands in the fields, and where the trial begins and ends its alerts. */
function TrialChart(props: {
  kind: RuleBody["kind"];
  rule: RuleBody | undefined;
  patientId: string;
  name: string;
  span: TrialSpan;
  until: number;
  alerts: readonly TrialAlert[];
}) {
  const { zone, now } = useConsole();
  const id = createUniqueId();
  const kind = () => kindOf(props.kind);
  const [picked, setPicked] = createSignal<Signal | undefined>();
  // While the fields have faults the chart stays as it was.
  const rule = createMemo<RuleBody>((before) => props.rule ?? before, kind().start);
  const offered = createMemo(() => kind().drawn(rule()));
  const signal = createMemo(() => offered().find((name) => name === picked()) ?? offered()[0]);
  return (
    <Show when={signal()} keyed>
      {(name) => {
        const known = signals[name];
        const plan = () => drawnAs[props.span];
        const readings = createReadings(
          () => ({
            patientId: props.patientId,
            code: known.codes[0],
            spanMs: trialSpans[props.span],
            resolution: plan().resolution,
            until: props.until,
          }),
          60_000,
        );
        const window = createMemo(() => ({ from: props.until - trialSpans[props.span], to: props.until }));
        const series = createMemo(() => prepareSeries(readings.points() ?? [], window(), plan().gapMs));
        const limit = createMemo(() => (offered().length === 1 ? kind().limit?.(rule()) : undefined));
        const level = () => severityOf(rule());
        return (
          <div class="r-chart">
            <div class="c-split">
              <h3>{tr("trial.chart", { signal: signalWord(name), name: props.name })}</h3>
              <Show when={offered().length > 1}>
                <span class="c-select">
                  <select
                    id={id}
                    class="input"
                    aria-label={tr("trial.signal")}
                    value={name}
                    onChange={(event) => setPicked(offered().find((one) => one === event.currentTarget.value))}
                  >
                    <For each={offered()}>{(one) => <option value={one}>{signalWord(one)}</option>}</For>
                  </select>
                </span>
              </Show>
            </div>
            <Show when={readings.problem()}>{(problem) => <ProblemBanner problem={problem()} />}</Show>
            <VitalsChart
              label={signalWord(name)}
              span={tr(`trial.${props.span}`)}
              unit={known.unit}
              zone={zone()}
              series={series()}
              window={window()}
              axis={known.axis}
              limit={limit()}
              level={level()}
              marks={props.alerts.flatMap((alert) => [
                { at: Date.parse(alert.firedAt), kind: "fired" as const },
                ...(alert.clearedAt ? [{ at: Date.parse(alert.clearedAt), kind: "cleared" as const }] : []),
              ])}
              now={now()}
            />
          </div>
        );
      }}
    </Show>
  );
}
