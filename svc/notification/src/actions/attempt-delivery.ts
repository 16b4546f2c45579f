import type { EventData } from "@episante/contracts/events";
import { grant, type Tx } from "@episante/service/db";
import { type Emit, emitter } from "@episante/service/outbox";
import { inSpan } from "@episante/service/trace";
import { DeliveryError, type Mail } from "../channels/email.ts";
import type { Deps } from "../deps.ts";
import { pauseAfter } from "../domain/retry.ts";

/** Why a message does not leave now: it is no longer wanted or true, can never be delivered, or something is not reachable yet. */
export class NotNow extends Error {
  constructor(
    readonly code: string,
    readonly outcome: "skip" | "fail" | "retry",
  ) {
    super(code);
  }
}

/** One attempt to send a queued message, whichever queue it waits in. */
export interface Attempt {
  readonly job: string;
  /** What the events about it say. */
  readonly about: EventData<"notification.sent">;
  /** This one included. */
  readonly attempts: number;
  /** Fetches what the mail says and writes it. @throws NotNow */
  readonly prepare: () => Promise<Mail>;
  readonly store: {
    readonly sent: (tx: Tx, messageId: string, subject: string, nowMs: number) => Promise<void>;
    readonly unsent: (tx: Tx, messageId: string, status: "failed" | "skipped", fault: string) => Promise<void>;
    readonly postponed: (tx: Tx, messageId: string, pauseSeconds: number, fault: string) => Promise<void>;
  };
}

/** Sends one mail and notes what came of it, with its event, in one transaction. @returns `sent`, or why not */
export async function attemptDelivery(deps: Deps, attempt: Attempt, traceparent: string | undefined): Promise<string> {
  const { job, about, attempts, store } = attempt;
  const id = about.messageId;
  try {
    const mail = await attempt.prepare();
    await inSpan({ name: "send mail", kind: "client" }, () => deps.email.send(mail));
    await inSystem(deps, job, async (tx, emit) => {
      await store.sent(tx, id, mail.subject, deps.clock.now());
      await emit("notification.sent", about, traceparent);
    });
    return "sent";
  } catch (error) {
    const { code, outcome } = judge(error);
    const pause = pauseAfter(attempts);
    if (outcome !== "skip") deps.log.warn({ job, count: attempts, reason: code, err: error }, "message not delivered");
    await inSystem(deps, job, async (tx, emit) => {
      if (outcome === "skip") return store.unsent(tx, id, "skipped", code);
      if (outcome === "retry" && pause !== null) return store.postponed(tx, id, pause, code);
      await store.unsent(tx, id, "failed", code);
      await emit("notification.failed", { ...about, attempts }, traceparent);
    });
    return code;
  }
}

function judge(error: unknown): { code: string; outcome: NotNow["outcome"] } {
  if (error instanceof NotNow) return error;
  if (error instanceof DeliveryError) return { code: error.code, outcome: error.isFinal ? "fail" : "retry" };
  return { code: "unexpected", outcome: "retry" };
}

/** A transaction of a job, with the events it emits. */
export async function inSystem<T>(deps: Deps, job: string, run: (tx: Tx, emit: Emit) => Promise<T>): Promise<T> {
  const result = await deps.db.transaction(grant.system(job), (tx) => run(tx, emitter(tx, { kind: "system", job }, deps.clock)));
  deps.outbox.wake();
  return result;
}
