import { type JSX, Match, Show, Switch } from "solid-js";
import { Page } from "../../../shared/components/Page.tsx";
import { type Me, useSession } from "../../../shared/lib/session.ts";
import { t } from "../../i18n/t.ts";
import { SignIn } from "./SignIn.tsx";

/**
 * Shows `children` to a signed-in account; others sign in right here and stay on this page. Everything below is thrown
 * away when the account changes, so nothing of one person is ever shown to the next.
 */
export function RequireSession(props: { title: string; children: (me: Me) => JSX.Element }) {
  const { me, state } = useSession();
  const accountId = () => me()?.accountId;
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
        <Show when={accountId()} keyed>
          {(_account) => <Show when={me()}>{(known) => props.children(known())}</Show>}
        </Show>
      </Match>
    </Switch>
  );
}
