import { type JSX, Match, Show, Switch } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { Page } from "../../../shared/components/Page.tsx";
import { type Me, useSession } from "../../../shared/lib/session.ts";
import { t } from "../../i18n/t.ts";
import { useActing } from "../shell/acting.ts";
import { SignIn } from "./SignIn.tsx";

/**
 * Shows `children` to a signed-in account; others sign in right here and stay on this page. Everything below is thrown
 * away when the account changes, or the relative acted for, so nothing of one person is ever shown to the next.
 * `own`: the page is about the account's own person only, and says so to somebody who acts for a relative.
 */
export function RequireSession(props: { title: string; own?: boolean; children: (me: Me) => JSX.Element }) {
  const { me, state } = useSession();
  const { acting, pending, actFor } = useActing();
  const person = () => (pending() ? undefined : `${me()?.accountId} ${acting()?.linkId ?? ""}`);
  return (
    <Switch
      fallback={
        <Page title={props.title}>
          <span />
        </Page>
      }
    >
      <Match when={state() === "signedOut"}>
        <Page title={props.title}>
          <section class="section" aria-labelledby="sign-in-title">
            <h2 id="sign-in-title">{t("sign.in")}</h2>
            <SignIn onDone={() => undefined} />
          </section>
        </Page>
      </Match>
      <Match when={state() === "signedIn"}>
        <Show when={person()} keyed>
          {(_person) => (
            <Show when={!(props.own && acting())} fallback={<OwnOnly title={props.title} onStop={() => actFor(undefined)} />}>
              <Show when={me()}>{(known) => props.children(known())}</Show>
            </Show>
          )}
        </Show>
      </Match>
    </Switch>
  );
}

function OwnOnly(props: { title: string; onStop: () => void }) {
  return (
    <Page title={props.title}>
      <div class="card empty mt-4 narrow">
        <p>{t("proxy.ownOnly")}</p>
        <Button variant="secondary" onClick={() => props.onStop()}>
          {t("proxy.stop")}
        </Button>
      </div>
    </Page>
  );
}
