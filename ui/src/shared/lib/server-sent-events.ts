/** One server-sent event. `id` is the last event id in force, as the standard says (WHATWG HTML §9.2.6). */
export interface ServerSentEvent {
  readonly type: string;
  readonly data: string;
  readonly id: string;
}

/** A parser that takes text in any pieces and calls `onEvent` for each complete event. */
export function makeEventParser(onEvent: (event: ServerSentEvent) => void): (text: string) => void {
  let rest = "";
  let skipLineFeed = false;
  let type = "";
  let data: string[] = [];
  let id = "";
  function line(text: string): void {
    if (text === "") {
      if (data.length > 0) onEvent({ type: type || "message", data: data.join("\n"), id });
      type = "";
      data = [];
      return;
    }
    const colon = text.indexOf(":");
    if (colon === 0) return;
    const field = colon < 0 ? text : text.slice(0, colon);
    let value = colon < 0 ? "" : text.slice(colon + 1);
    if (value.startsWith(" ")) value = value.slice(1);
    if (field === "event") type = value;
    else if (field === "data") data.push(value);
    else if (field === "id" && !value.includes("\0")) id = value;
  }
  return (text) => {
    // A piece may be empty: it must not forget that a line feed is still to be skipped.
    if (text === "") return;
    let chunk = rest + text;
    if (skipLineFeed && chunk.startsWith("\n")) chunk = chunk.slice(1);
    skipLineFeed = false;
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const char = chunk[at];
      if (char !== "\n" && char !== "\r") continue;
      line(chunk.slice(start, at));
      if (char === "\r") {
        if (at + 1 === chunk.length) skipLineFeed = true;
        else if (chunk[at + 1] === "\n") at++;
      }
      start = at + 1;
    }
    rest = chunk.slice(start);
  };
}
