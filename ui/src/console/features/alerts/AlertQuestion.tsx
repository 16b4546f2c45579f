import { type Alert, criticalSnoozeMinutes, listAssignees } from "@episante/contracts/alert";
import { createSignal, createUniqueId, For, type JSX, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { Dialog } from "../../../shared/components/Dialog.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { call } from "../../../shared/lib/call.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { t } from "../../i18n/text.ts";
import { useConsole } from "../../shell/console-context.tsx";

/** What is asked before something is done with an alert. */
export type Asked = "resolve" | "snooze" | "assign" | "comment";
const snoozeMinutes = [15, 60, 240];
const lengthWords = (minutes: number) => (minutes < 60 ? t("age.min", { n: minutes }) : t("alerts.hours", { n: minutes / 60 }));
const longestComment = 500;

/** The questions of an alert, one at a time. */
export function AlertQuestion(props: { alert: Alert; name: string; asked: Asked | undefined; onClose: () => void }) {
  const { alerts } = useConsole();
  const { onClose } = props;
  const act = (verb: () => Promise<boolean> | undefined) => {
    onClose();
    void verb();
  };
  const isCritical = () => props.alert.severity === "critical";
  const mustTake = () => isCritical() && props.alert.status === "open";
  const lengths = () => snoozeMinutes.filter((minutes) => !isCritical() || minutes <= criticalSnoozeMinutes);
  return (
    <>
      <Question
        asked={props.asked === "resolve"}
        onClose={onClose}
        title={t("alerts.resolveAsk", { name: props.name })}
        description={props.alert.clearedAt ? t("alerts.resolveCleared") : t("alerts.resolveWhy")}
      >
        <Button onClick={() => act(() => alerts?.resolve(props.alert.id))}>{t("alerts.resolve")}</Button>
        <Button variant="secondary" onClick={() => onClose()}>
          {t("action.cancel")}
        </Button>
      </Question>
      <Question
        asked={props.asked === "snooze"}
        onClose={onClose}
        title={t("alerts.snoozeAsk", { name: props.name })}
        description={mustTake() ? t("alerts.snoozeTakeFirst") : isCritical() ? t("alerts.snoozeCritical") : t("alerts.snoozeWhy")}
      >
        <Show when={!mustTake()} fallback={<Button onClick={() => act(() => alerts?.ack(props.alert.id))}>{t("alerts.take")}</Button>}>
          <For each={lengths()}>
            {(minutes) => (
              <Button variant="secondary" onClick={() => act(() => alerts?.snooze(props.alert.id, minutes))}>
                {lengthWords(minutes)}
              </Button>
            )}
          </For>
        </Show>
      </Question>
      <Question
        asked={props.asked === "assign"}
        onClose={onClose}
        title={t("alerts.assignAsk", { name: props.name })}
        description={t("alerts.assignWhy")}
      >
        <Assignees alert={props.alert} onPick={(doctorId) => act(() => alerts?.assign(props.alert.id, doctorId))} />
      </Question>
      <Question
        asked={props.asked === "comment"}
        onClose={onClose}
        title={t("alerts.commentAsk", { name: props.name })}
        description={t("alerts.commentWhy")}
      >
        <CommentForm alert={props.alert} onDone={onClose} />
      </Question>
    </>
  );
}

function Question(props: { asked: boolean; onClose: () => void; title: string; description: string; children: JSX.Element }) {
  return (
    <Dialog open={props.asked} onClose={() => props.onClose()} title={props.title} description={props.description}>
      <div class="d-answers">{props.children}</div>
    </Dialog>
  );
}

type Assignee = Parameters<NonNullable<ReturnType<typeof useConsole>["alerts"]>["assign"]>[1];

/** Doctors of the clinic who treat the patient, the one who has it left out. */
function Assignees(props: { alert: Alert; onPick: (doctorId: Assignee) => void }) {
  const { me } = useConsole();
  const doctors = createLoad(
    () => props.alert.id,
    (id, signal) => call(listAssignees, { params: { id }, signal }),
  );
  const others = () => doctors.value()?.items.filter(({ accountId }) => accountId !== props.alert.owner?.accountId);
  return (
    <>
      <Show when={doctors.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void doctors.reload()} />}</Show>
      <For each={others()} fallback={<Show when={others()}>{<p>{t("alerts.assignNobody")}</p>}</Show>}>
        {(doctor) => (
          <Button variant="secondary" onClick={() => props.onPick(doctor.doctorId)}>
            {doctor.accountId === me().accountId ? t("alerts.you") : doctor.name || t("alerts.unnamed")}
          </Button>
        )}
      </For>
    </>
  );
}

/** Keeps what was typed when it could not be sent. */
function CommentForm(props: { alert: Alert; onDone: () => void }) {
  const { alerts } = useConsole();
  const id = createUniqueId();
  const [text, setText] = createSignal("");
  const [failed, setFailed] = createSignal<string | undefined>();
  // One attempt of the person: a text that is sent again is written once, another text is another attempt.
  let attempt = crypto.randomUUID();
  async function send(): Promise<void> {
    if (text().trim() === "" || !alerts) return;
    if (await alerts.comment(props.alert.id, text(), attempt)) props.onDone();
    else setFailed(alerts.notices[props.alert.id]?.text);
  }
  return (
    <form
      class="d-comment"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <label for={id}>{t("alerts.commentLabel")}</label>
      <textarea
        id={id}
        class="input"
        rows={3}
        maxlength={longestComment}
        value={text()}
        aria-describedby={failed() ? `${id}-failed` : undefined}
        onInput={(event) => {
          setText(event.currentTarget.value);
          attempt = crypto.randomUUID();
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          void send();
        }}
      />
      <Show when={failed()}>
        {(words) => (
          <p class="error" id={`${id}-failed`}>
            {words()}
          </p>
        )}
      </Show>
      <Button type="submit" busy={alerts?.busy() === props.alert.id} unavailable={text().trim() === ""}>
        {t("alerts.commentSend")}
      </Button>
    </form>
  );
}
