/** A mail taken apart: what the capture inbox shows. */
export interface ParsedMail {
  readonly messageId: string;
  readonly subject: string;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly html?: string;
  readonly attachments: { name: string; type: string; bytes: number }[];
}

interface Part {
  readonly headers: Map<string, string>;
  readonly body: string;
}

const maxParts = 50;

/**
 * Reads a mail as our own sender writes it (RFC 5322, 2045–2047): nested multiparts, quoted-printable and base64, encoded words.
 * Bytes travel as Latin-1 characters until a part's own charset (UTF-8) is known.
 */
export function parseMail(raw: Uint8Array): ParsedMail {
  const root = splitPart(Buffer.from(raw).toString("latin1"));
  const found: { text?: string; html?: string; attachments: ParsedMail["attachments"] } = { attachments: [] };
  const queue = [root];
  for (let part = queue.shift(), count = 0; part && count < maxParts; part = queue.shift(), count++) {
    const { value: type, parameters } = parseHeader(part.headers.get("content-type") ?? "text/plain");
    if (type.startsWith("multipart/")) {
      queue.unshift(...bodyParts(part.body, parameters.boundary ?? "").map(splitPart));
      continue;
    }
    const content = decodeBody(part);
    const disposition = parseHeader(part.headers.get("content-disposition") ?? "inline");
    if (disposition.value !== "attachment" && type === "text/plain") found.text ??= content.toString("utf8");
    else if (disposition.value !== "attachment" && type === "text/html") found.html ??= content.toString("utf8");
    else {
      const name = decodeWords(disposition.parameters.filename ?? parameters.name ?? "");
      found.attachments.push({ name, type, bytes: content.length });
    }
  }
  const header = (name: string) => decodeWords(root.headers.get(name) ?? "");
  const { text = "", html, attachments } = found;
  const addresses = { from: header("from"), to: header("to") };
  return {
    messageId: header("message-id").replace(/[<>]/g, ""),
    subject: header("subject"),
    ...addresses,
    text,
    attachments,
    ...(html ? { html } : {}),
  };
}

function splitPart(source: string): Part {
  const [, head = "", body = ""] = /^([\s\S]*?)\r?\n\r?\n([\s\S]*)$/.exec(source) ?? [null, source, ""];
  const headers = new Map<string, string>();
  for (const line of head.replace(/\r?\n[ \t]+/g, " ").split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return { headers, body };
}

function bodyParts(body: string, boundary: string): string[] {
  if (!boundary) return [];
  return `\r\n${body}`
    .split(`\n--${boundary}`)
    .slice(1)
    .filter((part) => !part.startsWith("--"))
    .map((part) => part.replace(/^[ \t]*\r?\n/, "").replace(/\r$/, ""));
}

function parseHeader(header: string): { value: string; parameters: Record<string, string> } {
  const [value = "", ...rest] = header.split(";");
  const parameters: Record<string, string> = {};
  for (const part of rest) {
    const [, name = "", quoted, bare] = /^\s*([\w*-]+)\s*=\s*(?:"([^"]*)"|(\S+))/.exec(part) ?? [];
    if (name) parameters[name.toLowerCase()] = quoted ?? bare ?? "";
  }
  return { value: value.trim().toLowerCase(), parameters };
}

function decodeBody({ headers, body }: Part): Buffer {
  switch ((headers.get("content-transfer-encoding") ?? "").toLowerCase()) {
    case "base64":
      return Buffer.from(body, "base64");
    case "quoted-printable":
      return decodeQuoted(body.replace(/=[ \t]*\r?\n/g, ""));
    default:
      return Buffer.from(body, "latin1");
  }
}

function decodeQuoted(text: string): Buffer {
  return Buffer.from(
    text.replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  );
}

/** RFC 2047 encoded words; the blank between two of them is not text. */
function decodeWords(text: string): string {
  return text
    .replace(/(\?=)\s+(=\?)/g, "$1$2")
    .replace(/=\?[\w-]+\?([BbQq])\?([^?]*)\?=/g, (_, encoding: string, word: string) =>
      (encoding.toLowerCase() === "b" ? Buffer.from(word, "base64") : decodeQuoted(word.replaceAll("_", " "))).toString("utf8"),
    );
}
