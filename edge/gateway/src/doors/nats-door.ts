import { isRefusal } from "@episante/contracts/problem";
import { newTraceId } from "@episante/service/ids";
import type { NatsConnection } from "@episante/service/nats";
import type { Msg } from "@nats-io/transport-node";
import type { DoorMeter } from "../metrics.ts";
import type { Devices } from "../mirrors/devices.ts";
import { framesOf, nameOf, type Origin, parseBatch, type Receipt, type Receive, received } from "../readings/receive.ts";
import { traceOf } from "../trace.ts";

function originOf(message: Msg): Origin {
  const given = message.headers?.get("traceparent");
  return given ? { door: "nats", trace: traceOf(given) } : { door: "nats" };
}

/**
 * NATS requests to `dev.<deviceId>.readings`. The broker let only the device itself publish there (auth callout), so the subject names it.
 * One reply: the socket's verdict frame; single refused readings stand in the same object (`refused`, `items`).
 */
export function openNatsDoor(deps: { nats: NatsConnection; devices: Devices; receive: Receive; meter: DoorMeter }): {
  drain(): Promise<void>;
} {
  const { nats, devices, receive, meter } = deps;
  const pending = new Set<Promise<void>>();
  async function handle(message: Msg): Promise<void> {
    const deviceId = message.subject.split(".")[1] ?? "";
    // A reply that is not the device's own inbox would make the gateway speak to somebody else.
    if (!message.reply?.startsWith(`_INBOX.${deviceId}.`)) return;
    const startedAt = performance.now();
    const { batch, refusal } = parseBatch(message.data);
    const checked = refusal ?? (await devices.byId(deviceId));
    const receipt: Receipt = isRefusal(checked)
      ? { ...nameOf(batch), result: checked }
      : await received(receive, batch, checked.device, originOf(message));
    meter.told("nats", receipt.result, startedAt);
    message.respond(JSON.stringify(Object.assign({}, ...framesOf(receipt, newTraceId))));
  }
  const subscription = nats.subscribe("dev.*.readings", {
    queue: "gateway",
    callback: (error, message) => {
      if (error) return;
      const work = handle(message).catch(() => {});
      pending.add(work);
      void work.finally(() => pending.delete(work));
    },
  });
  return {
    async drain() {
      await subscription.drain();
      await Promise.all(pending);
    },
  };
}
