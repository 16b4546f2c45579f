import { createEffect, createMemo, type JSX, onMount, Show } from "solid-js";
import { Icon } from "../../shared/components/Icon.tsx";
import { tc } from "../../shared/i18n/common.ts";
import { clock, countdown, time } from "../../shared/lib/format.ts";
import { heldWhilePressed } from "../../shared/lib/held-while-pressed.ts";
import { useSession } from "../../shared/lib/session.ts";
import { countOpen } from "../features/alerts/alert-board.ts";
import { InboxBell } from "../features/inbox/InboxBell.tsx";
import { t } from "../i18n/text.ts";
import { levelWord, shortSpan } from "../lib/words.ts";
import { useConsole } from "./console-context.tsx";

let opened = 0;

/** One console page: top bar with its h1, the link state, tools, then the lasting banners and `main`. Sets the tab title, with open criticals first. */
export function ConsolePage(props: { title: string; tools?: JSX.Element; class?: string; children: JSX.Element }) {
  const { alerts, inbox } = useConsole();
  let heading: HTMLHeadingElement | undefined;
  const criticals = createMemo(() => (alerts ? countOpen(alerts.board(), "critical") : 0));
  createEffect(() => {
    const lost = alerts?.lostSince() === undefined ? "" : `${t("live.titleLost")} · `;
    const calling = criticals() > 0 ? `(${criticals()}) ${levelWord("critical")} · ` : "";
    document.title = `${lost}${calling}${props.title} · ${tc("app.name")}`;
  });
  onMount(() => {
    opened += 1;
    if (opened > 1) heading?.focus({ preventScroll: true });
  });
  return (
    <>
      <header>
        <div class="c-top">
          <h1 ref={heading} tabindex="-1">
            {props.title}
          </h1>
          <LivePill />
          <div class="c-tools">
            {props.tools}
            <Show when={inbox}>{(own) => <InboxBell inbox={own()} />}</Show>
            <SoundChip />
            <Account />
          </div>
        </div>
        <Banners />
      </header>
      <main id="main" tabindex="-1" class={props.class ?? "c-main"}>
        {props.children}
      </main>
    </>
  );
}

/** Whether the alert feed runs. */
export function LivePill() {
  const { alerts, now } = useConsole();
  return (
    <Show when={alerts}>
      {(live) => (
        <span class="c-live" data-state={live().link()}>
          <i aria-hidden="true" />
          <Show when={live().link() === "live"} fallback={live().link() === "connecting" ? t("live.connecting") : t("live.off")}>
            {t("live.on")}
          </Show>
          <Show when={live().link() === "lost" && live().lostSince()}>{(since) => <b>{shortSpan(now() - since())}</b>}</Show>
        </span>
      )}
    </Show>
  );
}

/** Whether alerts sound; mutes them for a while. */
export function SoundChip() {
  const { sound } = useConsole();
  return (
    <Show when={sound}>
      {(voice) => (
        <Show
          when={voice().state() === "on" || voice().state() === "muted"}
          fallback={
            <span class="c-tool">
              <Icon name="sound" size={18} /> <span class="c-wide">{t("sound.label")}</span>{" "}
              <b>{voice().state() === "blocked" ? t("sound.blockedShort") : t("sound.off")}</b>
            </span>
          }
        >
          <button type="button" class="c-tool" onClick={() => voice().toggleMute()}>
            <Icon name="sound" size={18} /> <span class="c-wide">{t("sound.label")}</span>{" "}
            <b>{voice().state() === "muted" ? t("sound.muted", { time: countdown(voice().mutedFor()) }) : t("sound.on")}</b>
            <span class="sr">, {voice().state() === "muted" ? t("sound.unmute") : t("sound.mute")}</span>
          </button>
        </Show>
      )}
    </Show>
  );
}

function Account() {
  const { me } = useConsole();
  const session = useSession();
  const initials = () =>
    me()
      .displayName.split(/\s+/)
      .filter((word) => !/^(dr|inf)\.?$/i.test(word))
      .map((word) => word.charAt(0))
      .slice(0, 2)
      .join("")
      .toLocaleUpperCase();
  return (
    <button
      type="button"
      class="c-tool c-account"
      onClick={() => void session.signOut().then(() => location.assign("/console"))}
      title={me().displayName}
    >
      <span class="c-avatar" aria-hidden="true">
        {initials()}
      </span>
      <span class="sr">{me().displayName}, </span>
      <span class="c-wide">{t("account.signOut")}</span>
    </button>
  );
}

/** States that last: monitoring lost (assertive), back, sound blocked, demonstration. */
export function Banners() {
  const { alerts, sound, me, zone } = useConsole();
  const lostSince = heldWhilePressed(() => alerts?.lostSince());
  const backSince = heldWhilePressed(() => alerts?.back());
  const isBlocked = heldWhilePressed(() => sound?.state() === "blocked");
  return (
    <div class="c-banners">
      <div role="alert">
        <Show when={lostSince()}>
          {(since) => (
            <p class="c-banner" data-tone="lost" data-testid="live-lost">
              <Icon name="offline" />
              <span>{t("live.lost", { time: clock(since(), zone(), true) })}</span>
            </p>
          )}
        </Show>
      </div>
      <div role="status">
        <Show when={backSince()}>
          {(back) => (
            <p class="c-banner" data-tone="good" data-testid="live-back">
              <Icon name="check" />
              <span>{t("live.back", { time: time(back().at, zone()), n: back().count })}</span>
              <button type="button" onClick={() => alerts?.dismissBack()}>
                {tc("app.close")}
              </button>
            </p>
          )}
        </Show>
        <Show when={isBlocked()}>
          <p class="c-banner" data-tone="warning" data-testid="sound-blocked">
            <Icon name="sound" />
            <span>{t("sound.blocked")}</span>
            <button type="button" onClick={() => void sound?.unlock()}>
              {t("sound.enable")}
            </button>
          </p>
        </Show>
      </div>
      <Show when={me().demo}>
        <p class="c-banner" data-tone="plain">
          <Icon name="info" size={16} />
          <span>{t("demo.banner")}</span>
        </p>
      </Show>
    </div>
  );
}
