import { z } from "zod";

const varzSchema = z.object({ version: z.string(), start: z.string().transform(Date.parse).pipe(z.number()), mem: z.number() });
const detailSchema = z.object({
  name: z.string(),
  state: z.object({ messages: z.number(), bytes: z.number() }),
  consumer_detail: z
    .array(
      z.object({
        name: z.string(),
        num_pending: z.number().default(0),
        num_ack_pending: z.number().default(0),
        delivered: z.object({ last_active: z.string().optional() }).optional(),
      }),
    )
    .default([]),
});
const jszSchema = z.object({
  config: z.object({ sync_always: z.boolean().optional() }).optional(),
  account_details: z.array(z.object({ stream_detail: z.array(detailSchema).default([]) })).default([]),
});

/** The message broker by its own monitoring endpoint. */
export interface BrokerFacts {
  readonly version: string;
  readonly startedAtMs: number;
  readonly memoryBytes: number;
  readonly isDurable: boolean;
  readonly streams: readonly { name: string; messages: number; bytes: number }[];
  /** Durable consumers, by their name `<service>-<effect>`. */
  readonly consumers: readonly { name: string; stream: string; lag: number; lastActiveMs: number | undefined }[];
}

/**
 * Asks the first of the brokers for what they share, and every one whether it writes to disk before it confirms.
 * @throws when one does not answer in time
 */
export async function askBroker(monitorUrls: readonly string[], services: readonly string[], timeoutMs: number): Promise<BrokerFacts> {
  const ask = async <T>(base: string, path: string, schema: z.ZodType<T>): Promise<T> => {
    const answer = await fetch(new URL(path, base), { signal: AbortSignal.timeout(timeoutMs) });
    return schema.parse(await answer.json());
  };
  const [first] = monitorUrls;
  if (!first) throw new Error("no broker is named");
  const [varz, ...jsz] = await Promise.all([
    ask(first, "/varz", varzSchema),
    ...monitorUrls.map((url, index) => ask(url, index === 0 ? "/jsz?consumers=true" : "/jsz", jszSchema)),
  ]);
  const details = jsz[0]?.account_details.flatMap(({ stream_detail }) => stream_detail) ?? [];
  return {
    version: varz.version.slice(0, 40),
    startedAtMs: varz.start,
    memoryBytes: varz.mem,
    isDurable: jsz.every(({ config }) => config?.sync_always === true),
    // The server lists them in any order; on the page nothing may change its place.
    streams: details
      .filter(({ name }) => !name.startsWith("KV_"))
      .map(({ name, state }) => ({ name, ...state }))
      .sort((one, other) => one.name.localeCompare(other.name)),
    consumers: details
      .flatMap(({ name: stream, consumer_detail }) =>
        consumer_detail
          .filter(({ name }) => services.some((service) => name.startsWith(`${service}-`)))
          .map(({ name, num_pending, num_ack_pending, delivered }) => ({
            name,
            stream,
            lag: num_pending + num_ack_pending,
            lastActiveMs: delivered?.last_active ? Date.parse(delivered.last_active) : undefined,
          })),
      )
      .sort((one, other) => one.name.localeCompare(other.name)),
  };
}
