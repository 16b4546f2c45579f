import { acceptInvitation } from "@episante/contracts/auth";
import { createEffect, createSignal, createUniqueId, Match, onMount, Show, Switch } from "solid-js";
import { Banner } from "../../shared/components/Banner.tsx";
import { Button } from "../../shared/components/Button.tsx";
import { Field } from "../../shared/components/Field.tsx";
import { Logo } from "../../shared/components/Logo.tsx";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { tc } from "../../shared/i18n/common.ts";
import { locale, setLocale } from "../../shared/i18n/i18n.ts";
import { type CallProblem, call } from "../../shared/lib/call.ts";
import { useSession } from "../../shared/lib/session.ts";
import { t } from "../i18n/text.ts";
import { type PasswordFault, passwordFault, refusedPassword, shortestPassword } from "../lib/invitation.ts";
import { SignIn } from "./SignIn.tsx";

type Stage = "choose" | "done" | "used" | "expired" | "broken";
/** A secret is 32 random bytes or more; anything shorter was cut when the link was copied. */
const shortestSecret = 20;

/** The page behind an invitation link: choose a password, then sign in. `onLeave` goes on to the console. */
export function Invitation(props: { secret: string; onLeave: () => void }) {
  const session = useSession();
  const [stage, setStage] = createSignal<Stage>(props.secret.length < shortestSecret ? "broken" : "choose");
  createEffect(() => {
    document.title = `${t("invite.title")} · ${tc("app.name")}`;
  });
  createEffect(() => {
    if (stage() === "done" && session.state() === "signedIn") props.onLeave();
  });
  return (
    <main id="main" tabindex="-1" class="c-signin-page">
      <Logo size={40} />
      <Switch>
        <Match when={stage() === "choose"}>
          <ChoosePassword secret={props.secret} onStage={setStage} />
        </Match>
        <Match when={stage() === "done"}>
          <Banner tone="good" live="polite" class="c-signin-note">
            {t("invite.done")}
          </Banner>
          <SignIn />
        </Match>
        <Match when={stage() === "used"}>
          <Refused title={t("invite.used")} why={t("invite.usedWhy")} onLeave={props.onLeave} />
        </Match>
        <Match when={stage() === "expired"}>
          <Refused title={t("invite.expired")} why={t("invite.expiredWhy")} onLeave={props.onLeave} />
        </Match>
        <Match when={stage() === "broken"}>
          <Refused title={t("invite.broken")} why={t("invite.brokenWhy")} onLeave={props.onLeave} />
        </Match>
      </Switch>
    </main>
  );
}

function Refused(props: { title: string; why: string; onLeave: () => void }) {
  let heading: HTMLHeadingElement | undefined;
  onMount(() => heading?.focus());
  return (
    <div class="c-signin">
      <h1 ref={heading} tabindex="-1">
        {props.title}
      </h1>
      <p>{props.why}</p>
      <Button variant="secondary" onClick={() => props.onLeave()}>
        {t("invite.toSignIn")}
      </Button>
    </div>
  );
}

function ChoosePassword(props: { secret: string; onStage: (stage: Stage) => void }) {
  const session = useSession();
  const field = createUniqueId();
  const [password, setPassword] = createSignal("");
  const [shown, setShown] = createSignal(false);
  const [fault, setFault] = createSignal<PasswordFault | undefined>();
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  const [busy, setBusy] = createSignal(false);
  onMount(() => document.getElementById(field)?.focus());

  function type(value: string): void {
    setPassword(value);
    // A field in error is looked at again with every letter; before that nobody is corrected while typing.
    if (fault()) setFault(passwordFault(value));
  }
  function words(): string | undefined {
    const found = fault();
    if (!found) return undefined;
    return found === "too-short"
      ? t("invite.fault.too-short", { n: shortestPassword - [...password().trim()].length })
      : t(`invite.fault.${found}`);
  }
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (busy()) return;
    setProblem(undefined);
    setFault(passwordFault(password()));
    if (fault()) {
      document.getElementById(field)?.focus();
      return;
    }
    setBusy(true);
    const result = await call(acceptInvitation, { body: { invitation: props.secret, password: password() } });
    if (result.ok) {
      // Somebody else may be signed in on this machine: they leave, the new member signs in.
      if (session.state() === "signedIn") await session.signOut();
      props.onStage("done");
      return;
    }
    setBusy(false);
    if (result.problem.code === "weak-password") {
      setFault(refusedPassword(result.problem.errors));
      document.getElementById(field)?.focus();
    } else if (result.problem.code === "code-used") props.onStage("used");
    else if (result.problem.code === "code-expired" || result.problem.code === "invalid-input") props.onStage("expired");
    else setProblem(result.problem);
  }
  return (
    <form class="c-signin" onSubmit={submit} noValidate>
      <h1>{t("invite.title")}</h1>
      <p>{t("invite.intro")}</p>
      <Show when={session.me()}>{(me) => <p>{t("invite.other", { name: me().displayName })}</p>}</Show>
      <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
      <Field
        id={field}
        label={t("invite.password")}
        hint={t("invite.hint", { n: shortestPassword })}
        error={words()}
        type={shown() ? "text" : "password"}
        autocomplete="new-password"
        value={password()}
        onInput={type}
        after={
          <button type="button" class="c-peek" aria-pressed={shown()} onClick={() => setShown(!shown())}>
            {shown() ? tc("form.hide") : tc("form.show")}
            <span class="sr"> : {t("invite.password")}</span>
          </button>
        }
      />
      <Button type="submit" wide busy={busy()}>
        {t("invite.submit")}
      </Button>
      <p class="c-signin-foot">
        <button
          type="button"
          class="c-link"
          lang={locale() === "fr" ? "en" : "fr"}
          onClick={() => setLocale(locale() === "fr" ? "en" : "fr")}
        >
          {tc("locale.switch")}
        </button>
      </p>
    </form>
  );
}
