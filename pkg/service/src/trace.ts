import { AsyncLocalStorage } from "node:async_hooks";
import { formatTraceparent, parseTraceparent } from "@episante/contracts/traceparent";
import type { Log } from "./log.ts";
import type { Recorder, SpanKind } from "./trace-export.ts";

/** The only attributes a span may carry. Ids of people, health data, bodies and SQL have no way in. */
const allowed = new Set([
  "http.request.method",
  "http.route",
  "http.response.status_code",
  "error.type",
  "messaging.destination.name",
  "messaging.batch.message_count",
  "episante.outcome",
  "episante.attempts",
  "episante.door",
  "episante.partition",
  "episante.readings",
] as const);
type AttributeName = typeof allowed extends Set<infer N> ? N : never;
export type SpanAttributes = Partial<Record<AttributeName, string | number>>;

export interface SpanSpec {
  /** A route, an action, a consumer, a reader: a name out of the source, never out of data. */
  readonly name: string;
  readonly kind?: SpanKind;
  /** `traceparent` of the span above; null for none. Left out: the span this code runs in. Without a recorded one above, nothing is recorded. */
  readonly parent?: string | null | undefined;
  /** A trace enters or begins here, and here it is decided whether it is recorded. */
  readonly entry?: TraceEntry;
  readonly attributes?: SpanAttributes;
}

/** A trace where it enters the installation. */
export interface TraceEntry {
  readonly traceId: string;
  /** Span of the caller, where the caller records spans. */
  readonly callerSpanId?: string;
}

export interface Span {
  /** Handed to whatever this work causes: in a header, an event, a row. */
  readonly traceparent: string | undefined;
  set(attributes: SpanAttributes): void;
  /** @param error what it failed with; its class or code is recorded, never its message */
  end(error?: unknown): void;
}

interface CurrentSpan extends Span {
  isOver: boolean;
}

const current = new AsyncLocalStorage<CurrentSpan>();
let recorder: Recorder | null = null;
const stopWaitMs = 2_000;

export interface TraceConfig {
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  readonly OTEL_TRACES_SAMPLER_ARG?: number | undefined;
}

/**
 * Turns traces on for this process when the settings name a collector; without one not even the SDK is loaded. Returns the function
 * that sends what is left and turns them off.
 */
export async function startTracing(service: string, config: TraceConfig, log: Log): Promise<() => Promise<void>> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: share = 1 } = config;
  if (!endpoint) return async () => {};
  const { makeRecorder } = await import("./trace-export.ts");
  const made = makeRecorder({ service, endpoint, share, log });
  recorder = made;
  return async () => {
    if (recorder === made) recorder = null;
    await Promise.race([made.stop().catch(() => {}), new Promise((resolve) => setTimeout(resolve, stopWaitMs))]);
  };
}

/** Whether this process records any trace. */
export function isTracing(): boolean {
  return recorder !== null;
}

/** `traceparent` of the span this code runs in. */
export function currentTraceparent(): string | undefined {
  const span = recorder ? current.getStore() : undefined;
  // What outlives the span it was started in, a timer for example, is not part of it.
  return span?.isOver ? undefined : span?.traceparent;
}

/** Runs work in a span that ends with it. While traces are off, or this trace is not recorded, the work only gets what to hand on. */
export function inSpan<T>(spec: SpanSpec, work: (span: Span) => Promise<T>): Promise<T> {
  if (!recorder) return work(unrecorded(spec.parent ?? undefined));
  const span = open(spec) ?? unrecorded(aboveOf(spec.parent));
  return current.run(span, async () => {
    try {
      const result = await work(span);
      span.end();
      return result;
    } catch (error) {
      span.end(error);
      throw error;
    }
  });
}

/** Starts a span that the caller ends; null when there is nothing to record. Prefer `inSpan`: this one is for many spans over one piece of work. */
export function startSpan(spec: SpanSpec): Span | null {
  return open(spec);
}

function unrecorded(traceparent: string | undefined): CurrentSpan {
  return { traceparent, isOver: false, set() {}, end() {} };
}

function open({ name, kind = "internal", parent, entry, attributes }: SpanSpec): CurrentSpan | null {
  if (!recorder) return null;
  const above = entry ? enter(entry, recorder) : recorded(parent);
  if (!above) return null;
  const span = recorder.start({ name, kind, ...above });
  const opened: CurrentSpan = {
    traceparent: formatTraceparent({ traceId: above.traceId, spanId: span.spanId, isSampled: true }),
    isOver: false,
    set(more) {
      for (const [key, value] of Object.entries(more)) if (allowed.has(key as AttributeName) && !namesSomebody(value)) span.set(key, value);
    },
    end(error) {
      if (opened.isOver) return;
      opened.isOver = true;
      if (error !== undefined) span.set("error.type", kindOfError(error));
      span.end(error !== undefined);
    },
  };
  if (attributes) opened.set(attributes);
  return opened;
}

interface Above {
  readonly traceId: string;
  readonly parentSpanId: string | undefined;
}

function enter({ traceId, callerSpanId }: TraceEntry, { isKept }: Recorder): Above | null {
  return isKept(traceId) ? { traceId, parentSpanId: callerSpanId } : null;
}

function aboveOf(parent: string | null | undefined): string | undefined {
  return parent === undefined ? currentTraceparent() : (parent ?? undefined);
}

function recorded(parent: string | null | undefined): Above | null {
  const context = parseTraceparent(aboveOf(parent));
  return context?.isSampled ? { traceId: context.traceId, parentSpanId: context.spanId } : null;
}

/** Our ids are a prefix and 32 hex digits: none belongs into an attribute, whoever put it there. */
function namesSomebody(value: string | number): boolean {
  return typeof value === "string" && (value.length > 100 || /[a-z]{3}_[0-9a-f]{32}|@/.test(value));
}

function kindOfError(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code } = (cause ?? {}) as { code?: unknown };
  if (typeof code === "string" && /^[A-Z0-9_]{2,40}$/.test(code)) return code;
  return cause instanceof Error && /^[A-Za-z]{1,60}$/.test(cause.name) ? cause.name : "error";
}
