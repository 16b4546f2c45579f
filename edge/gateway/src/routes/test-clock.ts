import { isRefusal, refuse } from "@episante/contracts/problem";
import { type TestClockState, testClockBodySchema, testClockBucket, testClockKey, testClockStateSchema } from "@episante/contracts/system";
import { toInstant } from "@episante/contracts/time";
import type { Clock } from "@episante/service/clock";
import { type NatsConnection, writeTestClock } from "@episante/service/nats";
import { problemResponse } from "@episante/service/problem";
import { Kvm } from "@nats-io/kv";
import { businessTime, moveClock } from "../domain/test-clock.ts";
import { readJsonBody } from "./body.ts";

/**
 * `GET|POST /api/_test/clock`. Bound only when the installation runs with the test clock. It answers once this process follows: what is sent next
 * has a receive time of the new clock.
 */
export function makeTestClockRoute(
  nats: NatsConnection,
  clock: Pick<Clock, "now">,
): (request: Request, traceId: string) => Promise<Response> {
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = queue.then(work, work);
    queue = turn;
    return turn;
  };
  return async (request, traceId) => {
    if (request.method === "GET") return describe(await readState(nats));
    if (request.method !== "POST") return problemResponse(refuse("method-not-allowed"), traceId);
    const body = await readJsonBody(request, 4096);
    if (isRefusal(body)) return problemResponse(body, traceId);
    const command = parseCommand(body);
    if (isRefusal(command)) return problemResponse(command, traceId);
    const state = await inTurn(async () => {
      const next = moveClock(await readState(nats), command, Date.now());
      await writeTestClock(nats, next);
      await followed(clock, next);
      return next;
    });
    return describe(state);
  };
}

/** Longest that an answer waits: the clock is written in any case. */
const mostWaits = 500;

async function followed(clock: Pick<Clock, "now">, state: TestClockState): Promise<void> {
  for (let waits = 0; waits < mostWaits; waits++) {
    if (Math.abs(clock.now() - businessTime(state, Date.now())) < 2) return;
    await Bun.sleep(2);
  }
}

function parseCommand(body: Uint8Array | null) {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(body ?? undefined));
  } catch {
    return refuse("malformed-json");
  }
  const parsed = testClockBodySchema.safeParse(value);
  return parsed.success ? parsed.data : refuse("invalid-input");
}

async function readState(nats: NatsConnection): Promise<TestClockState> {
  const entry = await (await new Kvm(nats).open(testClockBucket)).get(testClockKey);
  return entry?.operation === "PUT" ? testClockStateSchema.parse(entry.json()) : { offsetMs: 0 };
}

function describe(state: TestClockState): Response {
  const at = toInstant(businessTime(state, Date.now()));
  return Response.json({ at, frozen: state.frozenAtMs !== undefined, ...state }, { headers: { "cache-control": "no-store" } });
}
