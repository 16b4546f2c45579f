import type { OpenSession, Sessions } from "../mirrors/sessions.ts";

/** An event stream that ends with its session, and ends the upstream request when the client goes. */
export function cuttable(
  body: ReadableStream<Uint8Array>,
  abort: AbortController,
  session: OpenSession | null,
  sessions: Pick<Sessions, "whenEnded">,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let unwatch = () => {};
  let ended = false;
  const end = (close: () => void) => {
    if (ended) return;
    ended = true;
    unwatch();
    close();
    abort.abort();
  };
  return new ReadableStream<Uint8Array>({
    start(controller) {
      if (session) unwatch = sessions.whenEnded(session, () => end(() => controller.close()));
    },
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (ended) return;
        if (done) end(() => controller.close());
        else controller.enqueue(value);
      } catch {
        end(() => controller.close());
      }
    },
    cancel: () => end(() => {}),
  });
}
