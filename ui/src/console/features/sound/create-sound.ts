import type { Alert } from "@episante/contracts/alert";
import { createSignal, onCleanup } from "solid-js";
import { serverNow } from "../../../shared/lib/server-clock.ts";
import { steadyTicks } from "../../../shared/lib/steady-ticks.ts";
import { type AlertBoard, levelOf, untakenCriticals } from "../alerts/alert-board.ts";
import { mute, planTone, quietAlarm } from "./alarm-plan.ts";
import { makeSpeaker } from "./tones.ts";

export type SoundState = "on" | "off" | "blocked" | "muted" | "unsupported";

/** The console's voice. `enabled` follows the account's preference; of several tabs of one browser only one sounds. */
export function createSound(options: { enabled: () => boolean; board: () => AlertBoard }) {
  const speaker = makeSpeaker();
  const [context, setContext] = createSignal(speaker.state());
  const [mutedUntil, setMutedUntil] = createSignal(0);
  const [tick, setTick] = createSignal(Date.now());
  let alarm = quietAlarm;
  let leads = typeof navigator === "undefined" || !navigator.locks;
  let asked = false;
  let release: (() => void) | undefined;

  function lead(): void {
    if (asked || leads || speaker.state() !== "running") return;
    asked = true;
    // The lock passes to another tab by itself when this one is closed.
    void navigator.locks.request(
      "episante-alert-sound",
      () =>
        new Promise<void>((done) => {
          leads = true;
          release = done;
        }),
    );
  }
  speaker.onChange(() => {
    setContext(speaker.state());
    lead();
  });
  lead();

  function consider(arrived: readonly Alert[]): void {
    const board = options.board();
    const untaken = untakenCriticals(board, serverNow());
    const withCritical = new Set(untaken.map((id) => board.alerts[id]?.patientId));
    const plan = planTone(
      alarm,
      {
        untaken: untaken.length,
        arrived: arrived.map((alert) => ({
          patientId: alert.patientId,
          level: levelOf(alert),
          patientHasCritical: withCritical.has(alert.patientId),
        })),
      },
      Date.now(),
    );
    alarm = plan.state;
    if (plan.tone && options.enabled() && leads) speaker.play(plan.tone);
  }
  const stopTicks = steadyTicks(() => {
    setTick(Date.now());
    consider([]);
  });
  // Any gesture lets the browser start audio: no need to hunt for the button. A click, not its press: what says "blocked" is then seen to change
  // after the click has found its button.
  const gesture = () => void speaker.unlock();
  addEventListener("click", gesture, true);
  addEventListener("keydown", gesture);
  onCleanup(() => {
    stopTicks();
    removeEventListener("click", gesture, true);
    removeEventListener("keydown", gesture);
    release?.();
    speaker.close();
  });

  function state(): SoundState {
    if (!options.enabled()) return "off";
    if (context() === "none") return "unsupported";
    if (context() !== "running") return "blocked";
    return tick() < mutedUntil() ? "muted" : "on";
  }
  return {
    state,
    /** Milliseconds until a mute ends. */
    mutedFor: () => Math.max(0, mutedUntil() - tick()),
    unlock: () => speaker.unlock(),
    toggleMute(): void {
      alarm = mute(alarm, Date.now(), state() === "muted");
      setMutedUntil(alarm.mutedUntil);
      setTick(Date.now());
    },
    test: () => void speaker.unlock().then(() => speaker.play("critical")),
    consider,
  };
}
export type Sound = ReturnType<typeof createSound>;
