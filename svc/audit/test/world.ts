import type { AuditRecord } from "@episante/contracts/audit";
import { deadLetter as giveUp } from "@episante/service/consume";
import { newId } from "@episante/service/ids";
import { makeMetrics } from "@episante/service/metrics";
import { type TestBroker, testBroker } from "@episante/testkit/broker";
import { testClock } from "@episante/testkit/clock";
import { testDatabase } from "@episante/testkit/db";
import { harness, testDeps } from "@episante/testkit/service";
import type { JsMsg } from "@nats-io/jetstream";
import { auditServiceRoutes } from "../src/app.ts";
import { openDeadLetters } from "../src/dead-letters.ts";
import type { RunningAuditDeps } from "../src/deps.ts";

export const nowMs = Date.parse("2026-01-15T08:00:00Z");

/** An audit service of its own: database, broker, HTTP app. */
export async function makeWorld() {
  const [database, broker] = await Promise.all([testDatabase({ migrations: "svc/audit/migrations" }), testBroker()]);
  const proxies = { isFresh: true, fresh: () => proxies.isFresh };
  const deps = {
    proxies,
    ...testDeps("audit", database.db, testClock(nowMs)),
    nats: broker.nats,
    js: broker.js,
    deadLetters: openDeadLetters(broker.js),
  } as unknown as RunningAuditDeps;
  return {
    deps,
    /** The mirror of links between relatives; set it stale to see what is then refused. */
    proxies,
    database,
    broker,
    service: await harness({ service: "audit", routes: auditServiceRoutes(deps) }),
    async close() {
      await database.close();
      await broker.close();
    },
  };
}
export type World = Awaited<ReturnType<typeof makeWorld>>;

/** A record as services write it. */
export function record(more: Partial<AuditRecord> = {}): AuditRecord {
  return {
    id: newId("aud", nowMs),
    at: new Date(nowMs).toISOString(),
    service: "patient",
    code: "patient.get",
    outcome: "ok",
    actor: { kind: "user", accountId: "acc_x" },
    patientIds: [],
    ...more,
  };
}

let given = 0;
/** Gives a message up as a reader does. Answers its id. */
export async function deadLetter(broker: TestBroker, subject: string, payload: string | Uint8Array): Promise<string> {
  const data = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  const message = { subject, data, seq: ++given, info: { stream: "READINGS" } } as unknown as JsMsg;
  await giveUp({ js: broker.js, service: "ingest", metrics: makeMetrics("ingest") }, "store", message, new SyntaxError("planted"));
  return String((await (await broker.js.jetstreamManager()).streams.info("DLQ")).state.last_seq);
}
