import { A, useLocation } from "@solidjs/router";
import { createEffect, createMemo, type JSX, on, Show } from "solid-js";
import { Icon } from "../../../shared/components/Icon.tsx";
import type { IconName } from "../../../shared/components/icon-paths.ts";
import { LiveRegion } from "../../../shared/components/LiveRegion.tsx";
import { Logo } from "../../../shared/components/Logo.tsx";
import { SkipLink } from "../../../shared/components/SkipLink.tsx";
import { tc } from "../../../shared/i18n/common.ts";
import { locale, setLocale } from "../../../shared/i18n/i18n.ts";
import { useSession } from "../../../shared/lib/session.ts";
import { readStored, writeStored } from "../../../shared/lib/storage.ts";
import { t } from "../../i18n/t.ts";
import { ActingBar, ActingSwitch } from "./ActingBar.tsx";

/** Frame of every page: skip link, live regions, the demonstration's banner, for whom somebody acts. */
export function Shell(props: { children?: JSX.Element }) {
  const { me } = useSession();
  const location = useLocation();
  // Remembered of the installation, and shown from the next page on: the strip never pushes down what is being read.
  createEffect(() => {
    const known = me();
    if (known) writeStored("es.demo", known.demo ? "1" : null);
  });
  const page = createMemo(() => location.pathname.split("/")[1]);
  const demo = createMemo(on(page, () => readStored("es.demo") === "1"));
  return (
    <div class="patient">
      <SkipLink />
      <LiveRegion />
      <Show when={demo()}>
        <aside class="demo" aria-label={tc("app.demoName")}>
          <p class="wrap">{tc("app.demo")}</p>
        </aside>
      </Show>
      <ActingBar />
      {props.children}
    </div>
  );
}

const sections: readonly { href: string; icon: IconName; key: "nav.search" | "nav.appointments" | "nav.vitals" | "nav.account" }[] = [
  { href: "/", icon: "search", key: "nav.search" },
  { href: "/appointments", icon: "calendar", key: "nav.appointments" },
  { href: "/vitals", icon: "heart", key: "nav.vitals" },
  { href: "/account", icon: "user", key: "nav.account" },
];

/** Switches the language in place and keeps it on the account when there is one. */
export function LanguageButton() {
  const { savePreferences } = useSession();
  const other = () => (locale() === "fr" ? "en" : "fr");
  return (
    <button
      type="button"
      class="quiet plain"
      lang={other()}
      onClick={() => {
        const next = other();
        setLocale(next);
        void savePreferences({ locale: next });
      }}
    >
      <span aria-hidden="true">{tc("locale.switchShort")}</span>
      <span class="sr">{tc("locale.switch")}</span>
    </button>
  );
}

/** Header and tabs of the main pages. `secondary` false where the page itself says that this is no emergency service. */
export function MainFrame(props: { children: JSX.Element; secondary?: boolean }) {
  const location = useLocation();
  const { state } = useSession();
  const current = (href: string) => {
    const inside = href === "/" ? location.pathname === "/" : location.pathname.startsWith(href);
    return inside || (href === "/vitals" && location.pathname === "/devices") ? "page" : undefined;
  };
  return (
    <>
      <header class="wrap">
        <div class="top">
          <A class="brandname" href="/" end>
            <Logo />
            {tc("app.name")}
          </A>
          <nav class="topnav" aria-label={t("nav.main")}>
            {sections.slice(0, 3).map((section) => (
              <A class="quiet plain" href={section.href} aria-current={current(section.href)} end>
                {t(section.key)}
              </A>
            ))}
          </nav>
          <ActingSwitch />
          <LanguageButton />
          <Show
            when={state() === "signedOut"}
            fallback={
              <A class="quiet end" classList={{ invisible: state() === "unknown" }} href="/account">
                <Icon name="user" />
                {t("nav.account")}
              </A>
            }
          >
            <A class="quiet end" href={`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`}>
              <Icon name="user" />
              {t("nav.signIn")}
            </A>
          </Show>
        </div>
      </header>
      {props.children}
      <Show when={props.secondary !== false}>
        <footer class="wrap">
          <p class="foot">{tc("app.secondary")}</p>
        </footer>
      </Show>
      <nav class="tabs" aria-label={t("nav.main")}>
        {sections.map((section) => (
          <A href={section.href} aria-current={current(section.href)} end>
            <Icon name={section.icon} size={22} />
            {t(section.key)}
          </A>
        ))}
      </nav>
    </>
  );
}

/** Header of a step in a flow: one way back, and the phone. */
export function FlowHeader(props: { back: string; backText: string; onBack?: () => void; phone?: string | undefined }) {
  return (
    <header class="wrap">
      <div class="top">
        <A class="quiet back" href={props.back} onClick={() => props.onBack?.()}>
          <Icon name="left" />
          {props.backText}
        </A>
        <LanguageButton />
        <Show when={props.phone}>
          {(phone) => (
            <a class="quiet end" href={`tel:${phone().replace(/[^+\d]/g, "")}`}>
              <Icon name="phone" />
              {t("nav.call")}
            </a>
          )}
        </Show>
      </div>
    </header>
  );
}
