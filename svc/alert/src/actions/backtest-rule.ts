import type { BodyOf, ResponseOf } from "@episante/contracts/endpoint";
import type { PatientId } from "@episante/contracts/ids";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import { readingRange } from "@episante/contracts/reading";
import type { backtest, Rule, Severity } from "@episante/contracts/rule";
import { type Actor, clinicIdsOf, doctorIdsOf } from "@episante/contracts/session";
import { flagOf, numberOf, signalOf, signals, toCanonical } from "@episante/contracts/signals";
import { type ActionMeta, defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { AlertDeps } from "../deps.ts";
import { backtestSeries, compareEpisodes, countBoth, perPatientDay } from "../domain/backtest.ts";
import { compileRule } from "../domain/compile.ts";
import { type CompiledRule, type Episode, type Sample, sourceOf } from "../domain/episode.ts";
import { findGroup } from "../storage/groups.ts";
import { treatedPatients } from "../storage/relationships.ts";
import { findRuleForUpdate } from "../storage/rules.ts";
import { checkRule } from "./write-rule.ts";

type Input = BodyOf<typeof backtest>;
interface Series {
  readonly patientId: string;
  readonly samples: readonly Sample[];
  readonly spanMs: number;
}

/** Who asks, with the token that is passed on so that ingest decides what they may read. */
interface Caller {
  readonly actor: Actor;
  readonly meta: ActionMeta;
  readonly token: string | undefined;
}

/** Runs a draft rule, and a live one beside it where one is named, over an inline series or over stored history. Nothing is stored. */
export async function backtestRule(deps: AlertDeps, input: Input, caller: Caller): Promise<ResponseOf<typeof backtest> | Refusal> {
  const fault = checkRule(input.rule);
  if (fault) return fault;
  const rule = compileRule(input.rule, { version: 1, fromMs: 0, enabled: true });
  if (typeof rule === "string") return refuse("invalid-input");
  const unheard = checkHistory(rule, input.series === undefined);
  if (unheard) return unheard;
  const other = input.against ? await findLive(deps, caller.actor, { id: input.against }, caller.meta) : undefined;
  if (isRefusal(other)) return other;
  const live = other && compileRule(other.rule.rule, { version: 1, fromMs: 0, enabled: true });
  if (typeof live === "string" || (live && !isAlike(rule, live)))
    return refuse("invalid-input", { errors: [{ path: "against", message: "another kind or signal than the draft's" }] });
  const patientIds = input.patientIds ?? other?.patientIds;
  const series = input.series
    ? inlineSeries(input, rule)
    : await storedSeries(deps, { ...input, ...(patientIds ? { patientIds } : {}) }, rule, caller.token);
  if (isRefusal(series)) return series;
  // What is stored ends now, whatever was asked for.
  const untilMs = input.to ? Math.min(Date.parse(input.to), input.series ? Number.POSITIVE_INFINITY : deps.clock.now()) : undefined;
  const found = series.map(({ patientId, samples }) => ({
    draft: foundBy(rule, patientId, samples, untilMs),
    live: live ? foundBy(live, patientId, samples, untilMs) : [],
  }));
  const draft = found.flatMap((one) => one.draft);
  const counts = countsOf(draft, live && found.flatMap((one) => one.live), input.zone ?? "UTC");
  const spans = series.map(({ spanMs }) => spanMs);
  return {
    alerts: draft.map(shown),
    perPatientDay: perPatientDay(draft.length, spans),
    ...counts,
    ...(live ? { diff: diffOf(found) } : {}),
  };
}

/** An alert that a rule would have made. */
interface Found extends Episode {
  readonly patientId: string;
  readonly severity: Severity;
}

function foundBy(rule: CompiledRule, patientId: string, samples: readonly Sample[], untilMs: number | undefined): Found[] {
  return backtestSeries(patientId, rule, samples, untilMs).map((episode) => ({
    ...episode,
    patientId,
    severity: episode.severity ?? rule.severity,
  }));
}

function shown({ patientId, onsetAt, firedAt, clearedAt, severity }: Found) {
  const instant = (ms: number) => new Date(ms).toISOString();
  const cleared = clearedAt === undefined ? {} : { clearedAt: instant(clearedAt) };
  return { patientId, onsetAt: instant(onsetAt), firedAt: instant(firedAt), ...cleared, severity };
}

function diffOf(found: readonly { readonly draft: readonly Found[]; readonly live: readonly Found[] }[]) {
  const diffs = found.map(({ draft, live }) => compareEpisodes(draft, live));
  return {
    onlyDraft: diffs.flatMap(({ onlyDraft }) => onlyDraft.map(shown)),
    onlyLive: diffs.flatMap(({ onlyLive }) => onlyLive.map(shown)),
    both: diffs.reduce((sum, { both }) => sum + both, 0),
  };
}

function countsOf(draft: readonly Found[], live: readonly Found[] | undefined, zone: string) {
  const days = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
  return {
    perDay: countBoth(draft, live, ({ firedAt }) => days.format(firedAt)).map(([day, counted]) => ({ day, ...counted })),
    perPatient: countBoth(draft, live, ({ patientId }) => patientId).map(([patientId, counted]) => ({ patientId, ...counted })),
  };
}

/** The same readings decide both. */
function isAlike(draft: CompiledRule, live: CompiledRule): boolean {
  return draft.kind === live.kind && draft.shown.signal === live.shown.signal;
}

/** A live rule to compare with, and those of its patients whom the caller treats where it is not for the whole clinic. */
const findLive = defineAction<AlertDeps, { id: string }, { rule: Rule; patientIds?: PatientId[] }>({
  name: "alert.backtest",
  access: ({ actor }) => grant.clinics(clinicIdsOf(actor, "doctor")),
  run: async ({ actor, input, deps, tx, now, audit }) => {
    audit({ entity: { type: "rule", id: input.id } });
    const rule = await findRuleForUpdate(tx, input.id);
    if (!rule) return refuse("not-found");
    const { kind, id = "" } = rule.scope;
    if (kind === "clinic") return { rule };
    if (!deps.relationships.fresh()) return refuse("mirror-stale");
    const ids = kind === "patient" ? [id] : ((await findGroup(tx, id))?.patientIds ?? []);
    const patientIds = (await treatedPatients(tx, doctorIdsOf(actor), now, ids)) as PatientId[];
    // A patient's own rule is known only to those who treat that patient.
    return kind === "patient" && patientIds.length === 0 ? refuse("not-found") : { rule, patientIds };
  },
});

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
  if (patientIds?.length === 0) return [];
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
