import { type Finding, type News2Parameter, news2Parameters, type Severity } from "@episante/contracts/rule";
import { type Signal, signalNames, signalOf } from "@episante/contracts/signals";
import { codeOf, isUsable, type Sample, type Verdict } from "../episode.ts";
import type { BodyOfKind, CompileKind } from "./kind.ts";

/** Signals of each parameter. Of two that tell the same, such as ECG rate and oximeter pulse, the newer reading counts. */
const parameterOf: Partial<Record<Signal, News2Parameter>> = {
  "respiratory-rate": "respiration",
  spo2: "spo2",
  "inhaled-oxygen": "oxygen",
  "oxygen-concentration": "oxygen",
  "systolic-pressure": "systolic",
  "pulse-rate": "pulse",
  "heart-rate": "pulse",
  responsiveness: "consciousness",
  "body-temperature": "temperature",
};

type Bands = readonly (readonly [upTo: number, score: number])[];
const rest = Number.POSITIVE_INFINITY;
/**
 * Royal College of Physicians, National Early Warning Score (NEWS) 2, 2017, chart 1: the score of values up to and including each bound.
 * Temperature in tenths of a degree; oxygen 0 air, else oxygen; consciousness 0 alert, else new confusion or any response that is less.
 */
const bands: Record<News2Parameter, Bands> = {
  respiration: [
    [8, 3],
    [11, 1],
    [20, 0],
    [24, 2],
    [rest, 3],
  ],
  spo2: [
    [91, 3],
    [93, 2],
    [95, 1],
    [rest, 0],
  ],
  oxygen: [
    [0, 0],
    [rest, 2],
  ],
  systolic: [
    [90, 3],
    [100, 2],
    [110, 1],
    [219, 0],
    [rest, 3],
  ],
  pulse: [
    [40, 3],
    [50, 1],
    [90, 0],
    [110, 1],
    [130, 2],
    [rest, 3],
  ],
  consciousness: [
    [0, 0],
    [rest, 3],
  ],
  temperature: [
    [350, 3],
    [360, 1],
    [380, 0],
    [390, 1],
    [rest, 2],
  ],
};
/** Scale 2, for a prescribed target of 88–92 %. Its high side counts only on oxygen. */
const scale2OnAir: Bands = [
  [83, 3],
  [85, 2],
  [87, 1],
  [rest, 0],
];
const scale2OnOxygen: Bands = [
  [83, 3],
  [85, 2],
  [87, 1],
  [92, 0],
  [94, 1],
  [96, 2],
  [rest, 3],
];

/** Percent of oxygen above which a patient is on oxygen. */
const roomAir = 21;
const urgent = 5;
const emergency = 7;
const single = 3;

/** The newest reading of each parameter; and which of them scored since the alert was raised. */
export interface News2Memory {
  readonly newest: Partial<Record<News2Parameter, readonly [at: number, value: number]>>;
  readonly raised: readonly News2Parameter[];
}
type Scored = Extract<Finding, { kind: "news2" }>["parameters"][number];

/** Score of one parameter. Values are rounded first: temperature to 0.1 °C, the others to whole numbers. */
export function scoreOf(
  parameter: News2Parameter,
  value: number,
  spo2: { scale: 1 | 2; isOnOxygen: boolean },
): { value: number; score: number } {
  // 38.05 is 380.49999999999994 tenths to a computer.
  const digits = parameter === "temperature" ? 10 : 1;
  const rounded = Math.round(value * digits + 1e-6);
  const scale2 = spo2.isOnOxygen ? scale2OnOxygen : scale2OnAir;
  const scale = parameter === "spo2" && spo2.scale === 2 ? scale2 : bands[parameter];
  return { value: rounded / digits, score: scale.find(([upTo]) => rounded <= upTo)?.[1] ?? 0 };
}

/**
 * NEWS2 of one patient. With a parameter missing or too old the score is a lower bound: it may raise an alert, and never says that a risk is low.
 * Only readings end an alert: of everything that scored while it was open, a fresh value must be known.
 */
export const compileNews2: CompileKind<"news2", News2Memory> = (body) => ({
  signals: signalNames.filter((signal) => parameterOf[signal] !== undefined),
  judge: (before, samples) => {
    const memory = remember(before, samples);
    const at = samples.at(-1)?.at;
    return memory && at !== undefined && samples.some(isUsable) ? judgeSet(memory, at, body) : { memory };
  },
  holdMs: body.holdSeconds * 1000,
  gapMs: body.gapSeconds * 1000,
  clearMs: body.clearSeconds * 1000,
  severity: "critical",
  shown: { code: "news2", signal: "news2", unit: "{score}", op: ">=", threshold: urgent, clearValue: urgent },
});

function remember(before: News2Memory | undefined, samples: readonly Sample[]): News2Memory | undefined {
  const fresh = samples.filter(isUsable).flatMap(({ at, value, source }) => {
    const signal = signalOf(codeOf(source));
    const parameter = signal && parameterOf[signal];
    const known = signal === "oxygen-concentration" ? Number(value > roomAir) : value;
    return parameter ? [[parameter, [at, known]] as const] : [];
  });
  return fresh.length === 0 ? before : { newest: { ...before?.newest, ...Object.fromEntries(fresh) }, raised: before?.raised ?? [] };
}

function judgeSet(memory: News2Memory, at: number, body: BodyOfKind<"news2">): { memory: News2Memory; verdict: Verdict } {
  const known = scoresAt(memory, at, body);
  const score = known.reduce((sum, one) => sum + one.score, 0);
  const fires = score >= urgent || known.some((one) => one.score === single);
  const isKnown = (parameter: News2Parameter) => known.some((one) => one.parameter === parameter);
  const holds = fires || !memory.raised.every(isKnown);
  const raised = fires
    ? [...new Set([...memory.raised, ...known.filter((one) => one.score > 0).map((one) => one.parameter)])]
    : memory.raised;
  const { severity, band } = bandOf(score);
  const finding = () =>
    ({
      kind: "news2",
      score,
      band,
      spo2Scale: body.spo2Scale,
      parameters: known,
      missing: news2Parameters.filter((parameter) => !isKnown(parameter)),
    }) as const;
  return {
    memory: { ...memory, raised: holds ? raised : [] },
    verdict: { fires, holds, value: score, severity, used: known.length, finding },
  };
}

/** Scores of the parameters that are fresh, in the order of the chart. */
function scoresAt({ newest }: News2Memory, at: number, { spo2Scale, freshSeconds }: BodyOfKind<"news2">): Scored[] {
  const freshOf = (parameter: News2Parameter) => {
    const reading = newest[parameter];
    return reading && at - reading[0] <= freshSeconds[parameter] * 1000 ? reading : undefined;
  };
  const isOnOxygen = (freshOf("oxygen")?.[1] ?? 0) > 0;
  return news2Parameters.flatMap((parameter) => {
    const reading = freshOf(parameter);
    return reading ? [{ parameter, at: reading[0], ...scoreOf(parameter, reading[1], { scale: spo2Scale, isOnOxygen }) }] : [];
  });
}

/** The band of a score that raises an alert; under 5 that is one parameter at 3. */
function bandOf(score: number): { severity: Severity; band: Extract<Finding, { kind: "news2" }>["band"] } {
  if (score >= emergency) return { severity: "critical", band: "high" };
  return score >= urgent ? { severity: "warning", band: "medium" } : { severity: "notice", band: "low-medium" };
}
