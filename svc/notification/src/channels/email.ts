import nodemailer from "nodemailer";

/** A mail to send. `messageId` stays the same over every attempt, so that receivers recognise a repeat. */
export interface Mail {
  readonly messageId: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly ics?: { readonly name: string; readonly content: string };
}
/** Sends over SMTP. @throws DeliveryError */
export interface EmailChannel {
  send(mail: Mail): Promise<void>;
  close(): void;
}

/** A mail that was not taken. `isFinal`: trying again is useless (the receiving server refused it for good, SMTP 5xx). */
export class DeliveryError extends Error {
  override name = "DeliveryError";
  constructor(
    readonly code: string,
    readonly isFinal: boolean,
  ) {
    super(code);
  }
}

/** @param smtpUrl `smtp://` or `smtps://` with user and password when the server wants them @param from sender address */
export function makeEmailChannel(smtpUrl: string, from: string): EmailChannel {
  const limits = { connectionTimeout: 5_000, greetingTimeout: 5_000, socketTimeout: 15_000 };
  const transport = nodemailer.createTransport({ url: smtpUrl, pool: false, ...limits });
  return {
    async send({ messageId, to, subject, text, html, ics }) {
      const method = /METHOD:(\w+)/.exec(ics?.content ?? "")?.[1] ?? "PUBLISH";
      const contentType = `text/calendar; charset=utf-8; method=${method}`;
      const attachments = ics ? [{ filename: ics.name, content: ics.content, contentType }] : [];
      try {
        // The address comes from an account: as an object it stays one address, whatever it holds.
        await transport.sendMail({ messageId: `<${messageId}>`, from, to: { name: "", address: to }, subject, text, html, attachments });
      } catch (error) {
        const { code = "ESEND", responseCode = 0 } = error as { code?: string; responseCode?: number };
        throw new DeliveryError(code, responseCode >= 500 && code !== "EAUTH");
      }
    },
    close: () => transport.close(),
  };
}
