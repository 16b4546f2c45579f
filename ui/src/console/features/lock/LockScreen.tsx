import { me as meEndpoint, stepUp } from "@episante/contracts/auth";
import { createEffect, createSignal, createUniqueId, For, onCleanup, onMount, Show } from "solid-js";
import { Banner } from "../../../shared/components/Banner.tsx";
import { Button } from "../../../shared/components/Button.tsx";
import { hush } from "../../../shared/components/LiveRegion.tsx";
import { Logo } from "../../../shared/components/Logo.tsx";
import { SeverityMark } from "../../../shared/components/SeverityMark.tsx";
import { problemText, tc } from "../../../shared/i18n/common.ts";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { useSession } from "../../../shared/lib/session.ts";
import { steadyTicks } from "../../../shared/lib/steady-ticks.ts";
import { tlk } from "../../i18n/lock-texts.ts";
import { t } from "../../i18n/text.ts";
import { levelWord } from "../../lib/words.ts";
import { Banners, LivePill, SoundChip } from "../../shell/ConsolePage.tsx";
import { useConsole } from "../../shell/console-context.tsx";
import { countOpen } from "../alerts/alert-board.ts";
import { forgetLock } from "./create-lock.ts";
import { keepAliveMs } from "./lock-state.ts";
import "./lock.css";

const levels = ["critical", "warning", "notice", "technical"] as const;

/** Stands in place of the pages while the console is locked: how many alerts of which level, whether monitoring runs, and the way back in. */
export function LockScreen(props: { onUnlock: () => void }) {
  const { alerts, me } = useConsole();
  const session = useSession();
  const [password, setPassword] = createSignal("");
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem | "missing" | undefined>();
  const ids = { title: createUniqueId(), password: createUniqueId(), problem: createUniqueId() };
  let input: HTMLInputElement | undefined;
  const count = (level: (typeof levels)[number]) => (alerts ? countOpen(alerts.board(), level) : 0);
  createEffect(() => {
    const lost = alerts?.lostSince() === undefined ? "" : `${t("live.titleLost")} · `;
    const calling = count("critical") > 0 ? `(${count("critical")}) ${levelWord("critical")} · ` : "";
    document.title = `${lost}${calling}${tlk("title")} · ${tc("app.name")}`;
  });
  onMount(() => {
    // What was said last may name a patient.
    hush();
    input?.focus();
  });
  if (alerts) {
    let askedAt = Date.now();
    const stopTicks = steadyTicks(() => {
      if (Date.now() - askedAt < keepAliveMs) return;
      askedAt = Date.now();
      void call(meEndpoint);
    });
    onCleanup(stopTicks);
  }
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (busy()) return;
    if (password() === "") {
      setProblem("missing");
      return;
    }
    setBusy(true);
    const result = await call(stepUp, { body: { password: password() } });
    setBusy(false);
    setProblem(result.ok ? undefined : result.problem);
    if (result.ok) props.onUnlock();
    else input?.select();
  }
  function words(found: CallProblem | "missing"): string {
    if (found === "missing") return tlk("missing");
    if (found.code === "login-failed") return tlk("wrong");
    if (found.code === "too-many-requests" && found.retryAfterSeconds !== undefined) {
      return t("signIn.wait", { n: Math.max(1, Math.ceil(found.retryAfterSeconds / 60)) });
    }
    return problemText(found);
  }
  async function leave(): Promise<void> {
    await session.signOut();
    forgetLock();
    location.assign("/console");
  }
  return (
    <main id="main" tabindex="-1" class="k-lock" aria-labelledby={ids.title}>
      <Banners />
      <div class="k-card">
        <div class="k-head">
          <Logo size={32} />
          <LivePill />
          <SoundChip />
        </div>
        <Show when={alerts}>
          <ul class="k-counts" aria-label={tlk("open")}>
            <For each={levels}>
              {(level) => (
                <li data-level={level} data-some={count(level) > 0 ? "" : undefined}>
                  <SeverityMark level={level} size={20} />
                  <span>{levelWord(level)}</span>
                  <b>{count(level)}</b>
                </li>
              )}
            </For>
          </ul>
        </Show>
        <form class="c-signin" onSubmit={submit} noValidate>
          <h1 id={ids.title}>{tlk("title")}</h1>
          <p>{tlk("intro", { name: me().displayName })}</p>
          <div id={ids.problem}>
            <Show when={problem()}>
              {(found) => (
                <Banner tone="critical" live="polite">
                  {words(found())}
                </Banner>
              )}
            </Show>
          </div>
          <input hidden type="email" autocomplete="username" value={me().email} readOnly />
          <div class="field">
            <label for={ids.password}>{t("signIn.password")}</label>
            <input
              id={ids.password}
              ref={input}
              class="input"
              type="password"
              autocomplete="current-password"
              value={password()}
              onInput={(event) => setPassword(event.currentTarget.value)}
              aria-describedby={ids.problem}
              aria-invalid={problem() ? "true" : undefined}
            />
          </div>
          <Button type="submit" wide busy={busy()}>
            {tlk("unlock")}
          </Button>
          <button type="button" class="c-link" onClick={() => void leave()}>
            {t("signIn.otherAccount")}
          </button>
        </form>
      </div>
    </main>
  );
}
