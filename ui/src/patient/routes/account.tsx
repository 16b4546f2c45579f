import { revokeSession, sessions } from "@episante/contracts/auth";
import { getMyProfile } from "@episante/contracts/patient";
import { A, useNavigate } from "@solidjs/router";
import { createSignal, createUniqueId, For, type JSX, Show } from "solid-js";
import { Button } from "../../shared/components/Button.tsx";
import { Icon } from "../../shared/components/Icon.tsx";
import { announce } from "../../shared/components/LiveRegion.tsx";
import { Page } from "../../shared/components/Page.tsx";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { tc } from "../../shared/i18n/common.ts";
import { locale, locales, setLocale } from "../../shared/i18n/i18n.ts";
import { type CallProblem, call } from "../../shared/lib/call.ts";
import { age, dateOnly, dateTime, dayInstant, ownZone } from "../../shared/lib/format.ts";
import { createLoad } from "../../shared/lib/load.ts";
import { type Me, useSession } from "../../shared/lib/session.ts";
import { setTextSize, setTheme, textSize, textSizes, theme, themes } from "../../shared/lib/theme.ts";
import { RequireSession } from "../features/account/RequireSession.tsx";
import { describeAgent } from "../features/account/user-agent.ts";
import { MainFrame } from "../features/shell/Shell.tsx";
import { t } from "../i18n/t.ts";

export function AccountRoute() {
  return (
    <MainFrame>
      <RequireSession title={t("account.title")}>{(me) => <Account me={me} />}</RequireSession>
    </MainFrame>
  );
}

function Account(props: { me: Me }) {
  const session = useSession();
  const navigate = useNavigate();
  const [leaving, setLeaving] = createSignal(false);
  const profile = createLoad(
    () => props.me.patientId,
    () => call(getMyProfile),
  );
  async function signOut(): Promise<void> {
    setLeaving(true);
    await session.signOut();
    navigate("/", { replace: true });
  }
  return (
    <Page title={t("account.title")}>
      <div class="card mt-4 narrow">
        <b class="font-semibold text-20">{props.me.displayName}</b>
        <p class="small muted">{props.me.email}</p>
        <Show when={profile.value()} fallback={<p class="small h-12" />}>
          {(known) => (
            <p class="small muted">
              {t("account.born", { date: dateOnly(dayInstant(known().birthDate), "UTC") })}
              <br />
              {t("account.file", { n: known().fileNumber })}
            </p>
          )}
        </Show>
        <div class="flex flex-wrap gap-x-2 mt-2 -mx-3 -mb-2">
          <Show when={props.me.patientId}>
            <A class="quiet" href="/account/relatives">
              <Icon name="users" />
              {t("relatives.title")}
            </A>
          </Show>
          <Show when={props.me.memberships.length > 0}>
            <a class="quiet" href="/console" target="_self">
              <Icon name="chart" />
              {t("nav.console")}
            </a>
          </Show>
          <Show when={props.me.demo}>
            <A class="quiet" href="/mail">
              <Icon name="mail" />
              {t("nav.mail")}
            </A>
          </Show>
          <Button variant="quiet" icon="out" busy={leaving()} busyText={t("account.signingOut")} onClick={() => void signOut()}>
            {t("account.signOut")}
          </Button>
        </div>
      </div>
      <section class="section narrow stack" aria-labelledby="display">
        <h2 id="display" class="!mb-0">
          {t("account.display")}
        </h2>
        <Choice
          legend={t("account.language")}
          options={locales.map((value) => ({ value, text: tc(`locale.${value}`), lang: value }))}
          value={locale()}
          onChange={(value) => {
            setLocale(value);
            void session.savePreferences({ locale: value });
          }}
        />
        <Choice
          legend={t("account.theme")}
          options={themes.map((value) => ({ value, text: t(`account.theme.${value}`) }))}
          value={theme()}
          onChange={(value) => {
            setTheme(value);
            void session.savePreferences({ theme: value });
          }}
        />
        <Choice
          legend={t("account.textSize")}
          options={textSizes.map((value) => ({ value, text: t(`account.size.${value}`) }))}
          value={textSize()}
          onChange={setTextSize}
        />
      </section>
      <Sessions />
    </Page>
  );
}

function Choice<T extends string>(props: {
  legend: string;
  options: readonly { value: T; text: string; lang?: string }[];
  value: T;
  onChange: (value: T) => void;
}): JSX.Element {
  const name = createUniqueId();
  return (
    <fieldset>
      <legend class="!text-18">{props.legend}</legend>
      <div class="seg">
        <For each={props.options.map((option) => option.value)}>
          {(value) => {
            const option = () => props.options.find((entry) => entry.value === value);
            return (
              <label class="opt" lang={option()?.lang}>
                <input type="radio" name={name} value={value} checked={props.value === value} onChange={() => props.onChange(value)} />
                <span>{option()?.text}</span>
              </label>
            );
          }}
        </For>
      </div>
    </fieldset>
  );
}

function Sessions() {
  const [version] = createSignal(0);
  const list = createLoad(version, (_, signal) => call(sessions, { signal }));
  const [problem, setProblem] = createSignal<CallProblem>();
  const agentName = (agent: string) => {
    const known = describeAgent(agent);
    return known ? t("account.agent", known) : t("account.agentUnknown");
  };
  async function end(id: `ses_${string}`): Promise<void> {
    const result = await call(revokeSession, { params: { id } });
    setProblem(result.ok ? undefined : result.problem);
    if (result.ok) announce(t("account.ended"));
    await list.reload();
  }
  return (
    <section class="section narrow" aria-labelledby="sessions">
      <h2 id="sessions">{t("account.sessions")}</h2>
      <p class="small muted mb-3">{t("account.sessionsHint")}</p>
      <Show when={problem() ?? list.problem()}>{(refusal) => <ProblemBanner problem={refusal()} class="mb-3" />}</Show>
      <ul class="card rows">
        <For each={list.value()?.items ?? []}>
          {(entry) => (
            <li class="rowline">
              <div>
                <h3 class="!text-18 !text-ink">{agentName(entry.userAgent)}</h3>
                <p class="small muted">
                  {entry.current ? t("account.thisOne") : t("account.seen", { age: age(entry.lastSeenAt, ownZone()) })}
                  <br />
                  {t("account.opened", { when: dateTime(entry.createdAt, ownZone()) })}
                </p>
              </div>
              <Show when={!entry.current}>
                <Button variant="quiet" tone="danger" class="-mr-3" onClick={() => void end(entry.id)}>
                  {t("account.end")}
                  <span class="sr">{` ${t("account.endOf", { agent: agentName(entry.userAgent) })}`}</span>
                </Button>
              </Show>
            </li>
          )}
        </For>
      </ul>
    </section>
  );
}
