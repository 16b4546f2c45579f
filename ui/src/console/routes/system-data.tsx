import { verifyAudit } from "@episante/contracts/audit";
import { captured } from "@episante/contracts/notification";
import { listRuns, quality, stages, startRun } from "@episante/contracts/pipeline";
import { createMemo, createSignal, For, Show } from "solid-js";
import { Button } from "../../shared/components/Button.tsx";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../shared/lib/call.ts";
import { clock, dateShort, number } from "../../shared/lib/format.ts";
import { createInterval, createLoad } from "../../shared/lib/load.ts";
import { Head, Section } from "../features/system/Section.tsx";
import { t } from "../i18n/text.ts";
import { longSpan } from "../lib/words.ts";
import { ConsolePage } from "../shell/ConsolePage.tsx";
import { useConsole } from "../shell/console-context.tsx";
import { SystemNav } from "./system-nav.tsx";

/** For the administrator: warehouse runs and checks, access log, captured mail. No clinical data. */
export function SystemDataRoute() {
  return (
    <ConsolePage title={t("system.overview")}>
      <SystemNav />
      <Runs />
      <Quality />
      <AuditChain />
      <Mail />
    </ConsolePage>
  );
}

function Runs() {
  const { zone } = useConsole();
  const runs = createLoad(
    () => true,
    (_, signal) => call(listRuns, { query: { limit: 20 }, signal }),
  );
  createInterval(() => void runs.reload(), 5000);
  const [stage, setStage] = createSignal<(typeof stages)[number]>("all");
  const [busy, setBusy] = createSignal(false);
  const [result, setResult] = createSignal("");
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  async function start(): Promise<void> {
    setBusy(true);
    setResult(t("system.starting"));
    setProblem(undefined);
    const answer = await call(startRun, { body: { stage: stage() } });
    setBusy(false);
    setResult("");
    if (!answer.ok) setProblem(answer.problem);
    else if (answer.value.status === "failed") setResult(t("system.startFailed"));
    else setResult(answer.value.changed ? t("system.startDone", { rows: answer.value.rowsOut }) : t("system.startSame"));
    void runs.reload();
  }
  const moment = (at: string) => `${dateShort(at, zone())} ${clock(at, zone(), true)}`;
  return (
    <Section
      title={t("system.runs")}
      load={runs}
      empty={t("system.noRuns")}
      tools={
        <div class="c-row">
          <label class="c-row">
            {t("system.stage")}
            <span class="c-select">
              <select
                class="input"
                value={stage()}
                onChange={(event) => setStage(stages.find((name) => name === event.currentTarget.value) ?? "all")}
              >
                <For each={stages}>{(name) => <option value={name}>{t(`system.stage.${name}`)}</option>}</For>
              </select>
            </span>
          </label>
          <Button busy={busy()} busyText={t("system.starting")} onClick={() => void start()}>
            {t("system.start")}
          </Button>
          <span role="status">{result()}</span>
          <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
        </div>
      }
    >
      <div class="c-table">
        <table>
          <Head
            names={[t("system.stage"), t("system.day"), t("system.status"), t("system.rows"), t("system.started"), t("system.duration")]}
          />
          <tbody>
            <For each={runs.value()?.items}>
              {(run) => (
                <tr>
                  <th scope="row">{t(`system.stage.${run.stage}`)}</th>
                  <td>{run.day}</td>
                  <td>
                    <span class="c-tag" data-tone={run.status === "failed" ? "bad" : undefined}>
                      {t(`system.run.${run.status}`)}
                    </span>{" "}
                    {run.status === "done" ? (run.changed ? t("system.changed") : t("system.unchanged")) : (run.error ?? "")}
                  </td>
                  <td>
                    {number(run.rowsIn)} → {number(run.rowsOut)}
                  </td>
                  <td>{moment(run.startedAt)}</td>
                  <td>{run.finishedAt ? longSpan(Date.parse(run.finishedAt) - Date.parse(run.startedAt)) : ""}</td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function Quality() {
  const checks = createLoad(
    () => true,
    (_, signal) => call(quality, { signal }),
  );
  createInterval(() => void checks.reload(), 10_000);
  // One line for each check: the days it looked at, and those it found fault with.
  const lines = createMemo(() => {
    const byName = new Map<string, { days: string[]; faulty: string[]; offending: number }>();
    for (const { check, day, ok, offending } of checks.value()?.items ?? []) {
      const line = byName.get(check) ?? { days: [], faulty: [], offending: 0 };
      byName.set(check, {
        days: [...line.days, day],
        faulty: ok ? line.faulty : [...line.faulty, day],
        offending: line.offending + offending,
      });
    }
    return [...byName].sort((a, b) => b[1].faulty.length - a[1].faulty.length);
  });
  return (
    <Section title={t("system.quality")} load={checks} empty={t("system.noQuality")}>
      <div class="c-table">
        <table>
          <Head names={[t("system.check"), t("system.days"), t("system.status"), t("system.offending")]} />
          <tbody>
            <For each={lines()}>
              {([name, line]) => (
                <tr>
                  <th scope="row">{checkWords(name)}</th>
                  <td>{number(line.days.length)}</td>
                  <td>
                    <span class="c-tag" data-tone={line.faulty.length === 0 ? undefined : "bad"}>
                      {line.faulty.length === 0 ? t("system.ok") : t("system.notOk")}
                    </span>{" "}
                    {line.faulty.toSorted().join(", ")}
                  </td>
                  <td>{number(line.offending)}</td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </div>
    </Section>
  );
}

const checkNames = [
  "alerts_acked_after_fired",
  "alerts_complete",
  "appointments_were_booked",
  "readings_in_their_day",
  "readings_none_lost",
  "readings_one_row_each",
  "readings_plausible_in_gate",
  "readings_signal_known",
  "vitals_daily_fit_silver",
] as const;
/** What a check makes sure of; one we have no words for keeps its name. */
function checkWords(check: string): string {
  const known = checkNames.find((name) => name === check);
  return known ? t(`system.check.${known}`) : check;
}

function AuditChain() {
  const [busy, setBusy] = createSignal(false);
  const [result, setResult] = createSignal("");
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  async function verify(): Promise<void> {
    setBusy(true);
    setResult("");
    const answer = await call(verifyAudit);
    setBusy(false);
    setProblem(answer.ok ? undefined : answer.problem);
    if (!answer.ok) return;
    const { ok, records, head, brokenAt } = answer.value;
    setResult(ok ? t("system.verified", { n: records, head: head.slice(0, 12) }) : t("system.broken", { n: brokenAt ?? 0 }));
  }
  return (
    <section class="c-card">
      <div class="c-split">
        <h2 class="c-h2">{t("system.audit")}</h2>
        <Button variant="secondary" busy={busy()} busyText={t("system.verifying")} onClick={() => void verify()}>
          {t("system.verify")}
        </Button>
      </div>
      <p class="s-note">{t("system.auditWhy")}</p>
      <p role="status">{result()}</p>
      <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
    </section>
  );
}

function Mail() {
  const { zone } = useConsole();
  const mail = createLoad(
    () => true,
    async (_, signal) => {
      const result = await call(captured, { query: { limit: 50 }, signal });
      // Outside demonstrations the path does not exist: nothing is captured, which is no failure.
      return !result.ok && result.problem.code === "not-found" ? { ok: true as const, value: { items: [] } } : result;
    },
  );
  createInterval(() => void mail.reload(), 10_000);
  return (
    <Section title={t("system.mail")} note={t("system.mailWhy")} load={mail} empty={t("system.noMail")}>
      <For each={mail.value()?.items}>
        {(message) => (
          <details class="m-mail">
            <summary>
              <time datetime={message.receivedAt}>
                {dateShort(message.receivedAt, zone())} {clock(message.receivedAt, zone())}
              </time>
              <b>{message.subject}</b>
              <span>{t("system.mailTo", { to: message.to })}</span>
              <Show when={message.attachments.length > 0}>
                <span>{t("system.attachments", { n: message.attachments.length })}</span>
              </Show>
            </summary>
            <pre>{message.text}</pre>
          </details>
        )}
      </For>
    </Section>
  );
}
