import { ROOT_CONTEXT, type SpanKind as SdkSpanKind, SpanStatusCode, TraceFlags, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  RandomIdGenerator,
  SamplingDecision,
  type SpanExporter,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace-node";
import type { Log } from "./log.ts";

export type SpanKind = "internal" | "server" | "client" | "producer" | "consumer";

/** What is behind spans while traces are on. */
export interface Recorder {
  isKept(traceId: string): boolean;
  start(span: { name: string; kind: SpanKind; traceId: string; parentSpanId: string | undefined }): RecordedSpan;
  /** Sends what is left. */
  stop(): Promise<void>;
}
export interface RecordedSpan {
  readonly spanId: string;
  set(name: string, value: string | number): void;
  end(isFailed: boolean): void;
}

const kinds: Record<SpanKind, SdkSpanKind> = { internal: 0, server: 1, client: 2, producer: 3, consumer: 4 };
const exportTimeoutMs = 5_000;
const sendEveryMs = 2_000;
/** Ended spans that wait for the collector; what comes beyond is dropped. */
const mostWaiting = 4_096;

/**
 * Spans to an OpenTelemetry collector over OTLP HTTP, in batches and in the background. Loaded only when traces are on.
 * @param share of traces kept, 0 to 1, decided by the trace id so that all processes agree
 */
export function makeRecorder({ service, endpoint, share, log }: { service: string; endpoint: string; share: number; log: Log }): Recorder {
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, "")}/v1/traces`, timeoutMillis: exportTimeoutMs });
  const ids = new RandomIdGenerator();
  let wantedTraceId: string | undefined;
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ "service.name": service, "service.namespace": "episante" }),
    // A browser or a device names its trace but records no span: ours is the first, under its trace id.
    idGenerator: { generateSpanId: () => ids.generateSpanId(), generateTraceId: () => wantedTraceId ?? ids.generateTraceId() },
    spanProcessors: [
      new BatchSpanProcessor(warningOnce(exporter, log), {
        maxQueueSize: mostWaiting,
        scheduledDelayMillis: sendEveryMs,
        exportTimeoutMillis: exportTimeoutMs + 1_000,
      }),
    ],
  });
  const tracer = provider.getTracer("episante");
  const sampler = new TraceIdRatioBasedSampler(share);
  return {
    isKept: (traceId) => sampler.shouldSample(ROOT_CONTEXT, traceId).decision === SamplingDecision.RECORD_AND_SAMPLED,
    start({ name, kind, traceId, parentSpanId }) {
      const above = parentSpanId ? { traceId, spanId: parentSpanId, traceFlags: TraceFlags.SAMPLED, isRemote: true } : null;
      wantedTraceId = traceId;
      const span = tracer.startSpan(name, { kind: kinds[kind] }, above ? trace.setSpanContext(ROOT_CONTEXT, above) : ROOT_CONTEXT);
      wantedTraceId = undefined;
      return {
        spanId: span.spanContext().spanId,
        set: (key, value) => void span.setAttribute(key, value),
        end(isFailed) {
          if (isFailed) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
    stop: () => provider.shutdown(),
  };
}

/** Failures of the collector are told once until it takes spans again; the spans are lost, nobody waits for them. */
function warningOnce(exporter: OTLPTraceExporter, log: Log): SpanExporter {
  let isLost = false;
  return {
    export(spans, done) {
      exporter.export(spans as never, (result) => {
        const failed = result.code !== 0;
        if (failed && !isLost) log.warn({ err: result.error }, "traces are not taken by the collector; they are lost until it does");
        if (!failed && isLost) log.info({}, "the collector takes traces again");
        isLost = failed;
        done({ code: 0 });
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}
