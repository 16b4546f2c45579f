/** A span as an OpenTelemetry collector receives it. */
export interface ReceivedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first of a trace. */
  readonly parentSpanId: string;
  readonly isFailed: boolean;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Collector {
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** Everything received, as it came. */
  readonly bodies: readonly string[];
  /** Requests that came in, answered or not. */
  requests(): number;
  stop(): Promise<void>;
}

interface Attribute {
  readonly key: string;
  readonly value: Record<string, unknown>;
}
interface Exported {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly name: string;
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly status?: { readonly code?: number };
        readonly attributes?: readonly Attribute[];
      }[];
    }[];
  }[];
}

/** A collector that takes OTLP over HTTP (JSON). @param answer what it does with a request instead of taking it */
export function startCollector(answer?: () => Response | Promise<Response>): Collector {
  const spans: ReceivedSpan[] = [];
  const bodies: string[] = [];
  let requests = 0;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      requests += 1;
      if (answer) return answer();
      const body = await request.text();
      bodies.push(body);
      for (const { resource, scopeSpans } of (JSON.parse(body) as Exported).resourceSpans) {
        const service = textsOf(resource.attributes)["service.name"] ?? "";
        for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
          const { name, traceId, spanId, parentSpanId = "", status, attributes = [] } = span;
          spans.push({ service, name, traceId, spanId, parentSpanId, isFailed: status?.code === 2, attributes: textsOf(attributes) });
        }
      }
      return Response.json({});
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    spans,
    bodies,
    requests: () => requests,
    stop: () => server.stop(true),
  };
}

function textsOf(attributes: readonly Attribute[]): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]));
}

/** Names from the first span of a trace down to this one, or null when the chain is broken. */
export function wayTo(spans: readonly ReceivedSpan[], last: ReceivedSpan): string[] | null {
  const above = spans.find((span) => span.traceId === last.traceId && span.spanId === last.parentSpanId);
  if (last.parentSpanId === "") return [last.name];
  const way = above ? wayTo(spans, above) : null;
  return way ? [...way, last.name] : null;
}
