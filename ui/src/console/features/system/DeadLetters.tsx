import { listDeadLetters, replayDeadLetter } from "@episante/contracts/audit";
import type { AnswerOf } from "@episante/contracts/endpoint";
import { createSignal, For, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { clock, dateShort, time } from "../../../shared/lib/format.ts";
import { createLoad, type Load } from "../../../shared/lib/load.ts";
import { t } from "../../i18n/text.ts";
import { useConsole } from "../../shell/console-context.tsx";
import { Head, Section } from "./Section.tsx";

export type DeadLetterList = AnswerOf<typeof listDeadLetters>;

/** The refused messages. Read again when their number on the stream changes, so that waiting for them does not count as use of the session. */
export function createDeadLetters(count: () => number | undefined): Load<DeadLetterList> {
  return createLoad(
    () => ({ count: count() }),
    (_, signal) => call(listDeadLetters, { query: { limit: 50 }, signal }),
  );
}

/** Refused messages, each with its reason and a way to hand it in again. */
export function DeadLetters(props: { letters: Load<DeadLetterList> }) {
  const { zone } = useConsole();
  const [busy, setBusy] = createSignal<string | undefined>();
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  async function replay(id: string): Promise<void> {
    if (busy()) return;
    setBusy(id);
    const result = await call(replayDeadLetter, { params: { id } });
    setBusy(undefined);
    setProblem(result.ok ? undefined : result.problem);
    await props.letters.reload();
  }
  return (
    <Section title={t("system.dead")} note={t("system.deadWhy")} load={props.letters} empty={t("system.noDead")}>
      <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
      <div class="c-table">
        <table>
          <Head names={[t("system.reader"), t("system.reason"), t("system.received"), t("system.size"), t("system.replay")]} />
          <tbody>
            <For each={props.letters.value()?.items}>
              {(letter) => (
                <tr>
                  <th scope="row">
                    {letter.service} · {letter.reader}
                    <br />
                    <small>{letter.subject}</small>
                  </th>
                  <td>{letter.reason}</td>
                  <td>
                    {dateShort(letter.at, zone())} {clock(letter.at, zone(), true)}
                  </td>
                  <td>{t("system.bytes", { n: letter.bytes })}</td>
                  <td>
                    <Show
                      when={letter.replayedAt}
                      fallback={
                        <Button variant="secondary" busy={busy() === letter.id} onClick={() => void replay(letter.id)}>
                          {t("system.replay")}
                          <span class="sr"> {letter.id}</span>
                        </Button>
                      }
                    >
                      {(at) => t("system.replayed", { time: time(at(), zone()) })}
                    </Show>
                  </td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </div>
    </Section>
  );
}
