import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { type ParsedMail, parseMail } from "./mime.ts";

const maxBytes = 1024 * 1024;

/**
 * A real SMTP server on a free port of this machine that keeps mail instead of delivering it: demo and tests.
 * @param keep stores a mail; when it fails the sender is told to try again (SMTP 451)
 */
export async function startCaptureSink(keep: (mail: ParsedMail) => Promise<void>): Promise<{ url: string; close(): Promise<void> }> {
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    size: maxBytes,
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        if (stream.sizeExceeded) return done(Object.assign(new Error("message too large"), { responseCode: 552 }));
        keep(parseMail(Buffer.concat(chunks))).then(
          () => done(),
          () => done(Object.assign(new Error("try again later"), { responseCode: 451 })),
        );
      });
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  server.on("error", () => {});
  const { port } = server.server.address() as AddressInfo;
  return { url: `smtp://127.0.0.1:${port}`, close: () => new Promise((resolve) => server.close(() => resolve())) };
}
