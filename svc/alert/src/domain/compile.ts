import type { RuleBody } from "@episante/contracts/rule";
import type { CompiledRule, Judgement } from "./episode.ts";
import { compileClockSkew } from "./kinds/clock-skew.ts";
import { compileFlatLine } from "./kinds/flat-line.ts";
import { compileIrregularRhythm } from "./kinds/irregular-rhythm.ts";
import type { CompileKind, RuleFault } from "./kinds/kind.ts";
import { compileLowBattery } from "./kinds/low-battery.ts";
import { compileNews2 } from "./kinds/news2.ts";
import { compileNotWorn } from "./kinds/not-worn.ts";
import { compilePredict } from "./kinds/predict.ts";
import { compileRate } from "./kinds/rate.ts";
import { compileSignalQuality } from "./kinds/signal-quality.ts";
import { compileSilence } from "./kinds/silence.ts";
import { compileThreshold } from "./kinds/threshold.ts";

/** Every rule kind: a file of its own, and its line here. */
const kinds: { readonly [Kind in RuleBody["kind"]]: CompileKind<Kind, unknown> } = {
  threshold: compileThreshold,
  rate: compileRate,
  predict: compilePredict,
  news2: compileNews2,
  "irregular-rhythm": compileIrregularRhythm,
  silence: compileSilence,
  "not-worn": compileNotWorn,
  "flat-line": compileFlatLine,
  "low-battery": compileLowBattery,
  "clock-skew": compileClockSkew,
  "signal-quality": compileSignalQuality,
};

/** Kinds of which a narrower rule stands in place of wider ones without being told to. */
export const replacingKinds: readonly RuleBody["kind"][] = ["news2"];

/** A rule in canonical units, or why it cannot be. */
export function compileRule(
  body: RuleBody,
  meta: Pick<CompiledRule, "version" | "fromMs" | "enabled" | "replaces">,
): CompiledRule | RuleFault {
  const compile = kinds[body.kind] as (body: RuleBody) => Judgement<unknown> | RuleFault;
  const judgement = compile(body);
  return typeof judgement === "string" ? judgement : { ...judgement, ...meta, kind: body.kind };
}
