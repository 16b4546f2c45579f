import { flagOf, type Signal, signalOf, signals } from "@episante/contracts/signals";
import type { Sample, Verdict } from "../episode.ts";
import { addBeat, type RhythmMemory, regularityOf, windowBeats } from "./irregular-rhythm.ts";
import type { BodyOfKind, CompileKind } from "./kind.ts";

/** Readings set aside one after the other; of RR intervals the window being filled. */
export type QualityMemory = { readonly inRow: number; readonly since: number } | { readonly window: RhythmMemory };

const beatGapMs = 60_000;

/** Readings that come and judge nothing. */
export const compileSignalQuality: CompileKind<"signal-quality", QualityMemory> = (body) => {
  const signal = signalOf(body.code);
  if (!signal) return "unknown-code";
  const isBeats = signal === "rr-interval";
  return {
    class: "technical",
    signals: [signal],
    judge: (memory, [sample]) => {
      if (!sample) return { memory };
      return isBeats ? judgeWindow(memory, sample) : judgeReading(memory, sample, signal, body);
    },
    holdMs: 0,
    gapMs: beatGapMs,
    clearMs: 0,
    severity: body.severity,
    shown: isBeats
      ? { code: body.code, signal, unit: "{beats}", op: "<", threshold: 24, clearValue: 24 }
      : { code: body.code, signal, unit: signals[signal].unit, op: ">=", threshold: body.inRow, clearValue: body.inRow },
  };
};

type Judged = { memory: QualityMemory; verdict?: Verdict };

function judgeReading(
  before: QualityMemory | undefined,
  { at, value, kind }: Sample,
  signal: Signal,
  { inRow: needed }: BodyOfKind<"signal-quality">,
): Judged {
  const known = before && "inRow" in before && before.inRow > 0 ? before : { inRow: 0, since: at };
  const isAside = kind === "rejected" || Number.isNaN(value);
  const inRow = isAside ? known.inRow + 1 : 0;
  const reason = flagOf(signal, value) === "sensor-fault" ? "sensor-fault" : "implausible";
  return {
    memory: { inRow, since: isAside ? known.since : at },
    verdict: {
      fires: isAside && (reason === "sensor-fault" || inRow >= needed),
      holds: isAside,
      value: isAside && Number.isNaN(value) ? 0 : value,
      since: known.since,
      used: Math.max(1, inRow),
      finding: () => ({ kind: "signal-quality", reason, value, count: inRow }),
    },
  };
}

/** The windows of the rhythm kind: one that it refuses is of insufficient quality. */
function judgeWindow(before: QualityMemory | undefined, sample: Sample): Judged {
  const window = addBeat(before && "window" in before ? before.window : undefined, sample, beatGapMs);
  if (window.beats.length < windowBeats) return { memory: { window } };
  const valid = window.beats.filter((interval) => interval > 0).length;
  const isRefused = regularityOf(window.beats) === "insufficient";
  return {
    memory: { window: { ...window, beats: [] } },
    verdict: {
      fires: isRefused,
      holds: isRefused,
      value: valid,
      since: window.fromAt,
      used: windowBeats,
      finding: () => ({ kind: "signal-quality", reason: "too-few-beats", value: valid, count: windowBeats - valid }),
    },
  };
}
