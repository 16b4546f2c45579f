import { returnedHeaders } from "../domain/headers.ts";
import type { OpenSession, Sessions } from "../mirrors/sessions.ts";
import type { Channels, StreamRequest } from "./channels.ts";
import { consoleStream } from "./console-stream.ts";

export interface FeedDeps {
  readonly channels: Channels;
  readonly sessions: Pick<Sessions, "whenEnded">;
}

/**
 * Answers with an event stream over the channel that its service has with this gateway. @returns null when the service has none, as one of
 * the version before: it is asked as for anything else
 */
export async function openFeed(
  { channels, sessions }: FeedDeps,
  base: string,
  request: StreamRequest,
  session: OpenSession | null,
): Promise<Response | null> {
  let isOver = false;
  let close = () => {
    isOver = true;
  };
  const stream = consoleStream(session, sessions, () => close());
  const opened = await channels.open(base, request, stream.listener);
  if (!opened || opened.answer.body !== undefined) stream.listener.end();
  if (!opened) return null;
  if (isOver) opened.close();
  close = opened.close;
  const { status, headers, body } = opened.answer;
  return new Response(body ?? stream.body, { status, headers: returnedHeaders(headers, false) });
}
