import type { BodyOf, ResponseOf } from "@episante/contracts/endpoint";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import { readingRange } from "@episante/contracts/reading";
import type { backtest } from "@episante/contracts/rule";
import { flagOf, numberOf, signalOf, signals, toCanonical } from "@episante/contracts/signals";
import type { AlertDeps } from "../deps.ts";
import { backtestSeries, perPatientDay } from "../domain/backtest.ts";
import { compileRule } from "../domain/compile.ts";
import { type CompiledRule, type Sample, sourceOf } from "../domain/episode.ts";
import { checkRule } from "./write-rule.ts";

type Input = BodyOf<typeof backtest>;
interface Series {
  readonly patientId: string;
  readonly samples: readonly Sample[];
  readonly spanMs: number;
}

/**
 * Runs a draft rule over an inline series, or over stored history that svc/ingest gives for the caller's own token. Nothing is stored.
 * @param token the caller's token, passed on so that ingest decides what the caller may read
 */
export async function backtestRule(
  deps: Pick<AlertDeps, "callInternal" | "clock">,
  input: Input,
  token: string | undefined,
): Promise<ResponseOf<typeof backtest> | Refusal> {
  const fault = checkRule(input.rule);
  if (fault) return fault;
  const rule = compileRule(input.rule, { version: 1, fromMs: 0, enabled: true });
  if (typeof rule === "string") return refuse("invalid-input");
  const unheard = checkHistory(rule, input.series === undefined);
  if (unheard) return unheard;
  const series = input.series ? inlineSeries(input, rule) : await storedSeries(deps, input, rule, token);
  if (isRefusal(series)) return series;
  const instant = (ms: number) => new Date(ms).toISOString();
  // What is stored ends now, whatever was asked for.
  const untilMs = input.to ? Math.min(Date.parse(input.to), input.series ? Number.POSITIVE_INFINITY : deps.clock.now()) : undefined;
  const alerts = series.flatMap(({ patientId, samples }) =>
    backtestSeries(patientId, rule, samples, untilMs).map(({ onsetAt, firedAt, clearedAt, severity = rule.severity }) => ({
      patientId,
      onsetAt: instant(onsetAt),
      firedAt: instant(firedAt),
      ...(clearedAt === undefined ? {} : { clearedAt: instant(clearedAt) }),
      severity,
    })),
  );
  return {
    alerts,
    perPatientDay: perPatientDay(
      alerts.length,
      series.map(({ spanMs }) => spanMs),
    ),
  };
}

/** Signals whose readings the rule needs. */
const signalsOf = ({ signals: own, received }: CompiledRule) => received?.signals ?? own;

/** Why the rule cannot be tried on what there is: statuses of devices are not stored, and stored history comes without what was set aside. */
function checkHistory({ kind, received }: CompiledRule, isStored: boolean): Refusal | null {
  const why =
    received && !received.signals
      ? "what devices say of themselves is not kept: this rule cannot be tried"
      : isStored && kind === "signal-quality"
        ? "stored history comes without readings that were set aside: give a series, with gates"
        : undefined;
  return why ? refuse("invalid-input", { errors: [{ path: "rule.kind", message: why }] }) : null;
}

/** Series of other signals than the rule's are accepted and judged by nothing. Several series of one patient are one history. */
function inlineSeries(input: Input, rule: CompiledRule): Series[] | Refusal {
  const from = input.from ? Date.parse(input.from) : Number.NEGATIVE_INFINITY;
  const to = input.to ? Date.parse(input.to) : Number.POSITIVE_INFINITY;
  const byPatient = new Map<string, Sample[]>();
  for (const { patientId, code, unit, samples } of input.series ?? []) {
    const signal = signalOf(code);
    if (!signal) return refuse("unknown-code");
    if (toCanonical(signal, 0, unit) === undefined) return refuse("unknown-unit");
    const all = byPatient.get(patientId) ?? [];
    byPatient.set(patientId, all);
    if (!signalsOf(rule).includes(signal)) continue;
    for (const [instant, raw] of samples) {
      const at = Date.parse(instant);
      if (raw === null || at < from || at >= to) continue;
      const value = typeof raw === "string" ? numberOf(signal, raw) : (toCanonical(signal, raw, unit) ?? raw);
      if (value === undefined) return refuse("invalid-input", { errors: [{ path: "series", message: `${signal} has no such word` }] });
      const isRejected = input.gates === true && flagOf(signal, value) !== undefined;
      all.push({ at, value, received: at, source: sourceOf("", code), ...(isRejected ? { kind: "rejected" as const } : {}) });
    }
  }
  return [...byPatient].map(([patientId, samples]) => ({ patientId, samples, spanMs: spanOf(samples) }));
}

function spanOf(samples: readonly Sample[]): number {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const { at } of samples) {
    first = Math.min(first, at);
    last = Math.max(last, at);
  }
  return samples.length === 0 ? 0 : last - first;
}

async function storedSeries(
  deps: Pick<AlertDeps, "callInternal">,
  input: Input,
  rule: CompiledRule,
  token: string | undefined,
): Promise<Series[] | Refusal> {
  const { from, to, patientIds } = input;
  if (!from || !to) return refuse("invalid-input", { errors: [{ path: from ? "to" : "from", message: "needed without a series" }] });
  const ranges = await Promise.all(
    signalsOf(rule).map((signal) =>
      deps.callInternal(readingRange, {
        query: { signal, from, to, ...(patientIds ? { patientIds: patientIds.join(",") } : {}) },
        ...(token ? { token } : {}),
      }),
    ),
  );
  const refused = ranges.find(isRefusal);
  if (refused) return refused;
  const byPatient = new Map<string, Sample[]>();
  for (const [index, range] of ranges.entries()) {
    const code = signals[signalsOf(rule)[index] ?? "spo2"].codes[0];
    for (const { patientId, samples } of isRefusal(range) ? [] : range.items) {
      const all = byPatient.get(patientId) ?? [];
      byPatient.set(patientId, all);
      // Two readings of one instant are two sources here: their order in the answer keeps them apart.
      for (const [place, [at, value, received]] of samples.entries())
        all.push({ at, value, received, source: sourceOf(String(place), code) });
    }
  }
  const spanMs = Date.parse(to) - Date.parse(from);
  return [...byPatient].map(([patientId, samples]) => ({ patientId, spanMs, samples }));
}
