import type { Batch } from "@episante/contracts/reading";
import { refusedItemSchema } from "@episante/contracts/reading";
import { z } from "zod";
import { type OpenLink, post } from "./link.ts";

const timeoutMs = 30_000;
const takenSchema = z.object({ acked: z.number(), refused: z.array(refusedItemSchema) });
const problemSchema = z.object({ code: z.string() });

/** `POST /api/devices/readings`: one batch at a time, so that they arrive in order. */
export const openHttpLink: OpenLink = (target, events) => {
  let isClosed = false;
  const lost = (why: "gone" | "rejected") => {
    if (isClosed) return;
    isClosed = true;
    events.lost(why);
  };
  async function hand(batch: Batch): Promise<void> {
    const answer = await post(target, JSON.stringify(batch), timeoutMs);
    const body: unknown = await answer.json();
    if (isClosed) return;
    if (answer.status === 202) events.acked(batch.boot, batch.seq, takenSchema.parse(body).refused as never);
    else if (answer.status === 401) lost("rejected");
    else events.refused(batch.boot, batch.seq, problemSchema.parse(body).code);
  }
  // There is nothing to open: the first batch shows whether anybody is there.
  queueMicrotask(() => {
    if (!isClosed) events.credit(1);
  });
  return {
    // No answer, or one that is not the platform's (a proxy's error page).
    send: (batch) => void hand(batch).catch(() => lost("gone")),
    close() {
      isClosed = true;
    },
  };
};
