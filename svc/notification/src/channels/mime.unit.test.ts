import { expect, test } from "bun:test";
import fc from "fast-check";
import nodemailer from "nodemailer";
import { parseMail } from "./mime.ts";

async function written(mail: Parameters<ReturnType<typeof nodemailer.createTransport>["sendMail"]>[0]): Promise<Buffer> {
  const transport = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: "windows" });
  return (await transport.sendMail({ from: "a@b.test", ...mail })).message as Buffer;
}

test("a mail with text, HTML and a calendar file comes apart as it was put together", async () => {
  const html = "<p>Bonjour Zoé = 1</p>";
  const content = "BEGIN:VCALENDAR\r\nEND:VCALENDAR";
  const attachments = [{ filename: "rendez-vous.ics", content, contentType: "text/calendar; method=PUBLISH" }];
  const text = "Bonjour Zoé,\n\n.\nfin\n";
  const raw = await written({
    messageId: "<msg_1@x>",
    to: "Zoé <zoe@d.test>",
    subject: "Votre rendez-vous est confirmé",
    text,
    html,
    attachments,
  });
  const mail = parseMail(raw);
  expect(mail).toMatchObject({
    messageId: "msg_1@x",
    subject: "Votre rendez-vous est confirmé",
    from: "a@b.test",
    to: "Zoé <zoe@d.test>",
    html,
  });
  expect(mail.text.replaceAll("\r", "").trim()).toBe(text.trim());
  expect(mail.attachments).toEqual([{ name: "rendez-vous.ics", type: "text/calendar", bytes: content.length }]);
});

test("any subject survives", async () => {
  const subject = fc.string({ unit: "grapheme", minLength: 1, maxLength: 120 }).map((text) => text.replace(/[\p{C}\s]+/gu, " ").trim());
  await fc.assert(
    fc.asyncProperty(subject, async (given) => {
      expect(parseMail(await written({ to: "x@y.test", subject: given, text: "x" })).subject).toBe(given);
    }),
    { numRuns: 60 },
  );
});

test("bytes that are no mail give an empty one, never a fault", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void parseMail(bytes)));
  fc.assert(
    fc.property(fc.string(), (text) => void parseMail(Buffer.from(`content-type: multipart/mixed; boundary="a"\r\n\r\n--a\r\n${text}`))),
  );
});
