import type { OpenSession, Sessions } from "../mirrors/sessions.ts";
import type { Listener } from "./channels.ts";

/** A console this many bytes behind is cut off, and resumes by its last event id. */
const mostBytesBehind = 1024 * 1024;

/**
 * One console's event stream out of a channel that it shares with others: ends with its session, and never holds the others back.
 * @param onEnd called once, when the console goes or is cut off, or the service ends the stream
 */
export function consoleStream(
  session: OpenSession | null,
  sessions: Pick<Sessions, "whenEnded">,
  onEnd: () => void,
): { readonly body: ReadableStream<Uint8Array>; readonly listener: Listener } {
  let waiting: Uint8Array[] = [];
  let bytesBehind = 0;
  let isAsked = false;
  let isEnded = false;
  let unwatch = () => {};
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const end = () => {
    if (isEnded) return;
    isEnded = true;
    // What has not left yet never does: who has no session any more is told nothing.
    waiting = [];
    unwatch();
    onEnd();
  };
  const close = () => {
    if (isEnded) return;
    end();
    controller?.close();
  };
  const body = new ReadableStream<Uint8Array>(
    {
      start(own) {
        controller = own;
        if (session) unwatch = sessions.whenEnded(session, close);
      },
      pull(own) {
        const bytes = waiting.shift();
        isAsked = bytes === undefined;
        if (!bytes) return;
        bytesBehind -= bytes.byteLength;
        own.enqueue(bytes);
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
  const take = (bytes: Uint8Array) => {
    if (isEnded) return;
    if (isAsked && controller) {
      isAsked = false;
      try {
        controller.enqueue(bytes);
      } catch {
        // The server has given the stream up without a word: the others are still to be told.
        end();
      }
      return;
    }
    waiting.push(bytes);
    bytesBehind += bytes.byteLength;
    if (bytesBehind > mostBytesBehind) close();
  };
  return { body, listener: { take, end: close } };
}
