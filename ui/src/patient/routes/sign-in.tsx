import { useNavigate, useSearchParams } from "@solidjs/router";
import { createEffect, createSignal } from "solid-js";
import { Page } from "../../shared/components/Page.tsx";
import { type Me, useSession } from "../../shared/lib/session.ts";
import { SignIn } from "../features/account/SignIn.tsx";
import { MainFrame } from "../features/shell/Shell.tsx";
import { t } from "../i18n/t.ts";

/** Only paths of this app: a foreign `next` must not lead away. */
export function safeNext(next: string | string[] | undefined): string {
  return typeof next === "string" && /^\/(?![/\\])/.test(next) ? next : "/";
}

export function SignInRoute() {
  const [query] = useSearchParams();
  const navigate = useNavigate();
  const { me } = useSession();
  const [mode, setMode] = createSignal<"in" | "up">(query.new === "1" ? "up" : "in");
  const go = (known: Me) => {
    const next = safeNext(query.next);
    // Staff without a patient file have their work in the console.
    if (next === "/" && !known.patientId && known.memberships.length > 0) location.assign("/console");
    else navigate(next, { replace: true });
  };
  createEffect(() => {
    const known = me();
    if (known) go(known);
  });
  return (
    <MainFrame>
      <Page title={t(mode() === "in" ? "sign.in" : "sign.up")}>
        <div class="mt-5">
          <SignIn onDone={() => undefined} initial={mode()} onMode={setMode} />
        </div>
      </Page>
    </MainFrame>
  );
}
