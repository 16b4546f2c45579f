import { extendHold, type hold } from "@episante/contracts/appointment";
import type { AnswerOf } from "@episante/contracts/endpoint";
import { createEffect, createSignal, on, onCleanup, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { announce } from "../../../shared/components/LiveRegion.tsx";
import { problemText } from "../../../shared/i18n/common.ts";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { countdown, time } from "../../../shared/lib/format.ts";
import { serverNow } from "../../../shared/lib/server-clock.ts";
import { t } from "../../i18n/t.ts";
import { holdPhase, spokenMark } from "./hold-countdown.ts";

export type Hold = AnswerOf<typeof hold>;
const fullMs = 5 * 60_000;

/**
 * The time that is kept: its absolute end first, then minutes and a bar. Counts from the server's clock, so it is right
 * after the device slept. At expiry it is replaced in place; the page around keeps everything.
 */
export function HoldPanel(props: { hold: Hold; onExtended: (hold: Hold) => void; onExpired: () => void }) {
  const remaining = () => Date.parse(props.hold.expiresAt) - serverNow();
  const [leftMs, setLeftMs] = createSignal(remaining());
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  const until = () => time(props.hold.expiresAt, props.hold.zone);

  function tick(): void {
    const before = leftMs();
    const now = remaining();
    setLeftMs(now);
    const mark = spokenMark(before, now);
    if (mark === "two-minutes") announce(t("hold.twoMinutes"));
    if (mark === "one-minute") announce(t("hold.soon"));
    if (mark === "expired") props.onExpired();
  }
  const timer = setInterval(tick, 250);
  document.addEventListener("visibilitychange", tick);
  onCleanup(() => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", tick);
  });
  createEffect(
    on(
      () => props.hold.expiresAt,
      () => setLeftMs(remaining()),
      { defer: true },
    ),
  );

  async function extend(): Promise<void> {
    setBusy(true);
    const result = await call(extendHold, { params: { id: props.hold.id } });
    setBusy(false);
    if (!result.ok) {
      if (result.problem.code === "hold-expired" || result.problem.code === "not-found") props.onExpired();
      else setProblem(result.problem);
      return;
    }
    setProblem(undefined);
    props.onExtended(result.value);
    announce(t("hold.extended", { time: time(result.value.expiresAt, result.value.zone) }));
  }
  const seconds = () => Math.max(0, Math.ceil(leftMs() / 1000));
  return (
    <section class="hold" aria-label={t("hold.title")} data-phase={holdPhase(leftMs())}>
      <p>
        <b>{t(holdPhase(leftMs()) === "soon" ? "hold.soonTitle" : "hold.title")}</b>
        {t("hold.until", { time: until() })}
      </p>
      <span class="left" role="timer">
        <span aria-hidden="true">{countdown(leftMs())}</span>
        <span class="sr">{t("hold.left", { minutes: Math.floor(seconds() / 60), seconds: seconds() % 60 })}</span>
      </span>
      <span class="track" aria-hidden="true">
        <i style={{ transform: `scaleX(${Math.min(1, Math.max(0, leftMs() / fullMs)).toFixed(4)})` }} />
      </span>
      <Show
        when={problem()}
        fallback={
          <Button variant="quiet" icon="clock" class="extend" busy={busy()} onClick={() => void extend()}>
            {t("hold.extend")}
          </Button>
        }
      >
        {(refusal) => (
          <p class="extend" role="status">
            {problemText(refusal())}
          </p>
        )}
      </Show>
    </section>
  );
}
