import type { Tone } from "./alarm-plan.ts";

interface Note {
  readonly hz: number;
  readonly at: number;
  readonly seconds: number;
}
function call(high: number, low: number, times: number): Note[] {
  return Array.from({ length: times }, (_, index) => [
    { hz: high, at: index * 0.62, seconds: 0.2 },
    { hz: low, at: index * 0.62 + 0.22, seconds: 0.28 },
  ]).flat();
}
const tones: Record<Tone, { notes: readonly Note[]; gain: number }> = {
  critical: { notes: call(880, 587.33, 3), gain: 0.5 },
  warning: {
    notes: [
      { hz: 587.33, at: 0, seconds: 0.16 },
      { hz: 698.46, at: 0.2, seconds: 0.2 },
    ],
    gain: 0.25,
  },
  technical: { notes: [{ hz: 220, at: 0, seconds: 0.3 }], gain: 0.18 },
};

export interface Speaker {
  /** `running` when sound can be heard; anything else means that the browser blocks it until a gesture. */
  state(): AudioContextState | "none";
  /** Call from a click or key press. */
  unlock(): Promise<void>;
  play(tone: Tone): void;
  onChange(listener: () => void): void;
  close(): void;
}

/** Synthesises the console's tones with Web Audio; no file is loaded. */
export function makeSpeaker(): Speaker {
  const context = typeof AudioContext === "undefined" ? undefined : new AudioContext();
  return {
    state: () => context?.state ?? "none",
    async unlock() {
      await context?.resume();
    },
    play(tone) {
      if (context?.state !== "running") return;
      const { notes, gain } = tones[tone];
      for (const note of notes) {
        const start = context.currentTime + note.at;
        const oscillator = new OscillatorNode(context, { type: "triangle", frequency: note.hz });
        // Soft edges: a square-cut tone clicks.
        const envelope = new GainNode(context, { gain: 0 });
        envelope.gain.setValueAtTime(0, start);
        envelope.gain.linearRampToValueAtTime(gain, start + 0.015);
        envelope.gain.setValueAtTime(gain, start + note.seconds - 0.04);
        envelope.gain.linearRampToValueAtTime(0, start + note.seconds);
        oscillator.connect(envelope).connect(context.destination);
        oscillator.start(start);
        oscillator.stop(start + note.seconds);
      }
    },
    onChange(listener) {
      context?.addEventListener("statechange", listener);
    },
    close() {
      void context?.close();
    },
  };
}
