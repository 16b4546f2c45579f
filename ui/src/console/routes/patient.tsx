import { listAlerts } from "@episante/contracts/alert";
import { getPatient } from "@episante/contracts/patient";
import { A, useParams } from "@solidjs/router";
import { createEffect, For, on, Show } from "solid-js";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { SeverityMark } from "../../shared/components/SeverityMark.tsx";
import { call } from "../../shared/lib/call.ts";
import { clock, dateShort, quantity, toldReading } from "../../shared/lib/format.ts";
import { createInterval, createLoad } from "../../shared/lib/load.ts";
import { isOpen, levelOf } from "../features/alerts/alert-board.ts";
import { ruleWords } from "../features/alerts/alert-words.ts";
import { createLatest, staleAfterMs } from "../features/patient/create-latest.ts";
import { PatientBanner } from "../features/patient/PatientBanner.tsx";
import { PatientCharts } from "../features/patient/PatientCharts.tsx";
import { tf } from "../i18n/fleet-texts.ts";
import { t } from "../i18n/text.ts";
import { alertHeadline, alertLevel, patientName, shortSpan, signalWord } from "../lib/words.ts";
import { ConsolePage } from "../shell/ConsolePage.tsx";
import { useConsole } from "../shell/console-context.tsx";

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
  const latest = createLatest(() => props.id);
  const alerts = createLoad(
    () => props.id,
    (patientId, signal) => call(listAlerts, { query: { patientId, limit: 50 }, signal }),
  );
  createInterval(() => void alerts.reload(), 10_000);
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
      <Show when={(latest.value()?.items.length ?? 0) > 0}>
        <PatientCharts patientId={props.id} latest={latest.value()?.items ?? []} alerts={alerts.value()?.items ?? []} />
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
