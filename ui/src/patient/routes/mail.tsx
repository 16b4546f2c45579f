import type { AnswerOf } from "@episante/contracts/endpoint";
import { captured } from "@episante/contracts/notification";
import { createSignal, For, Show } from "solid-js";
import { Icon } from "../../shared/components/Icon.tsx";
import { Page } from "../../shared/components/Page.tsx";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { call } from "../../shared/lib/call.ts";
import { age, capital, ownZone } from "../../shared/lib/format.ts";
import { createInterval, createLoad } from "../../shared/lib/load.ts";
import { RequireSession } from "../features/account/RequireSession.tsx";
import { MainFrame } from "../features/shell/Shell.tsx";
import { t } from "../i18n/t.ts";

/** The demonstration's inbox: mail as the built-in SMTP sink received it. Elsewhere the endpoint does not exist and this page says so. */
export function MailRoute() {
  return (
    <MainFrame>
      <RequireSession title={t("mail.title")}>{() => <Mail />}</RequireSession>
    </MainFrame>
  );
}

type Captured = AnswerOf<typeof captured>["items"][number];

function Mail() {
  const [version] = createSignal(0);
  const mails = createLoad(version, (_, signal) => call(captured, { query: { limit: 50 }, signal }));
  createInterval(() => void mails.reload(), 5_000);
  const items = () => [...(mails.value()?.items ?? [])].sort((a, b) => b.receivedAt.localeCompare(a.receivedAt));
  return (
    <Page title={t("mail.title")}>
      <p class="muted mt-2">{t("mail.lead")}</p>
      <Show when={mails.problem()}>{(problem) => <ProblemBanner problem={problem()} class="mt-4" />}</Show>
      <Show when={mails.value()}>
        <Show
          when={items().length > 0}
          fallback={
            <div class="card empty mt-5">
              <Icon name="mail" size={32} />
              <p>
                <b class="font-bold">{t("mail.none")}</b>
                <br />
                {t("mail.noneHint")}
              </p>
            </div>
          }
        >
          <ul class="stack mt-5 narrow">
            <For each={items()}>{(mail) => <Letter mail={mail} />}</For>
          </ul>
        </Show>
      </Show>
    </Page>
  );
}

/** The text part only: the HTML part would bring styles that the content policy refuses. */
function Letter(props: { mail: Captured }) {
  return (
    <li class="card" data-testid="captured-mail">
      <h2>{props.mail.subject}</h2>
      <p class="small muted mt-1">
        {t("mail.from", { address: props.mail.from })}
        <br />
        {t("mail.to", { address: props.mail.to })}
        <br />
        {capital(age(props.mail.receivedAt, ownZone()))}
      </p>
      <p class="mailtext mt-3 pt-3 border-t border-line">{props.mail.text.trim()}</p>
      <Show when={props.mail.attachments.length > 0}>
        <ul class="facts">
          <For each={props.mail.attachments}>
            {(file) => (
              <li>
                <Icon name="calendar" />
                <span>{t("mail.attachment", { name: file.name })}</span>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </li>
  );
}
