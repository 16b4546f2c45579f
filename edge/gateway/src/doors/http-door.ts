import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import { maxBatchBytes } from "@episante/contracts/reading";
import { problemResponse } from "@episante/service/problem";
import type { DoorMeter } from "../metrics.ts";
import type { Devices } from "../mirrors/devices.ts";
import { parseBatch, type Receive, received } from "../readings/receive.ts";
import { readJsonBody } from "../routes/body.ts";
import { traceOf } from "../trace.ts";
import { bearerOf } from "./socket-door.ts";

/** `POST /api/devices/readings`: 202 once the batch is on disk. */
export function makeHttpDoor(deps: {
  devices: Devices;
  receive: Receive;
  meter: DoorMeter;
}): (request: Request, traceId: string) => Promise<Response> {
  return async (request, traceId) => {
    const startedAt = performance.now();
    const answer = (refusal: Refusal) => {
      deps.meter.told("http", refusal, startedAt);
      return problemResponse(refusal, traceId, refusal.refused === "invalid-token" ? challenge : {});
    };
    const token = bearerOf(request.headers);
    const checked = token ? await deps.devices.byToken(token) : refuse("invalid-token");
    if (isRefusal(checked)) return answer(checked);
    const body = await readJsonBody(request, maxBatchBytes);
    if (isRefusal(body)) return answer(body);
    const { batch, refusal } = parseBatch(body ?? new Uint8Array());
    if (refusal) return answer(refusal);
    const { seq, result } = await received(deps.receive, batch, checked.device, {
      door: "http",
      trace: { ...traceOf(request.headers.get("traceparent")), traceId },
    });
    if (isRefusal(result)) return answer(result);
    deps.meter.told("http", result, startedAt);
    return Response.json({ acked: seq, refused: result.refusedItems }, { status: 202, headers: { "cache-control": "no-store" } });
  };
}

const challenge = { "www-authenticate": 'Bearer realm="device"' };
