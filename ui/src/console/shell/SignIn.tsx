import { createSignal, createUniqueId, onMount, Show } from "solid-js";
import { Banner } from "../../shared/components/Banner.tsx";
import { Button } from "../../shared/components/Button.tsx";
import { problemText, tc } from "../../shared/i18n/common.ts";
import { locale, setLocale } from "../../shared/i18n/i18n.ts";
import type { CallProblem } from "../../shared/lib/call.ts";
import { useSession } from "../../shared/lib/session.ts";
import { t } from "../i18n/text.ts";

/** Sign-in: whole page at first, or over the page that was open when the session ended (`email` is then given). */
export function SignIn(props: { email?: string; onOtherAccount?: () => void }) {
  const session = useSession();
  const [email, setEmail] = createSignal(props.email ?? "");
  const [password, setPassword] = createSignal("");
  const [shown, setShown] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem | "missing" | undefined>();
  const ids = { email: createUniqueId(), password: createUniqueId(), problem: createUniqueId() };
  let form: HTMLFormElement | undefined;
  onMount(() => form?.querySelector<HTMLInputElement>(props.email ? "[type=password]" : "[type=email]")?.focus());

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (busy()) return;
    if (email().trim() === "" || password() === "") {
      setProblem("missing");
      return;
    }
    setBusy(true);
    const result = await session.signIn({ email: email().trim(), password: password() });
    setBusy(false);
    setProblem(result.ok ? undefined : result.problem);
    if (!result.ok) form?.querySelector<HTMLInputElement>("[autocomplete=current-password]")?.select();
  }
  function words(found: CallProblem | "missing"): string {
    if (found === "missing") return t("signIn.missing");
    if (found.code === "too-many-requests" && found.retryAfterSeconds !== undefined) {
      return t("signIn.wait", { n: Math.max(1, Math.ceil(found.retryAfterSeconds / 60)) });
    }
    return problemText(found);
  }
  return (
    <form class="c-signin" ref={form} onSubmit={submit} noValidate>
      <Show when={!props.email} fallback={<h2>{t("signIn.again")}</h2>}>
        <h1>{t("signIn.title")}</h1>
      </Show>
      <p>{props.email ? t("signIn.ended") : t("signIn.intro")}</p>
      <div id={ids.problem}>
        <Show when={problem()}>
          {(found) => (
            <Banner tone="critical" live="polite">
              {words(found())}
            </Banner>
          )}
        </Show>
      </div>
      <div class="field">
        <label for={ids.email}>{t("signIn.email")}</label>
        <input
          id={ids.email}
          class="input"
          type="email"
          autocomplete="username"
          value={email()}
          onInput={(event) => setEmail(event.currentTarget.value)}
          aria-describedby={ids.problem}
          aria-invalid={problem() ? "true" : undefined}
        />
      </div>
      <div class="field">
        <label for={ids.password}>{t("signIn.password")}</label>
        <div class="c-password">
          <input
            id={ids.password}
            class="input"
            type={shown() ? "text" : "password"}
            autocomplete="current-password"
            value={password()}
            onInput={(event) => setPassword(event.currentTarget.value)}
            aria-describedby={ids.problem}
            aria-invalid={problem() ? "true" : undefined}
          />
          <button type="button" class="c-peek" aria-pressed={shown()} onClick={() => setShown(!shown())}>
            {shown() ? tc("form.hide") : tc("form.show")}
            <span class="sr"> : {t("signIn.password")}</span>
          </button>
        </div>
      </div>
      <Button type="submit" wide busy={busy()}>
        {t("signIn.submit")}
      </Button>
      <Show
        when={props.onOtherAccount}
        fallback={
          <p class="c-signin-foot">
            <button
              type="button"
              class="c-link"
              lang={locale() === "fr" ? "en" : "fr"}
              onClick={() => setLocale(locale() === "fr" ? "en" : "fr")}
            >
              {tc("locale.switch")}
            </button>
            <a href="/" target="_self">
              {t("signIn.patientApp")}
            </a>
          </p>
        }
      >
        {(other) => (
          <button type="button" class="c-link" onClick={() => other()()}>
            {t("signIn.otherAccount")}
          </button>
        )}
      </Show>
      <p class="c-secondary">{tc("app.secondary")}</p>
    </form>
  );
}
