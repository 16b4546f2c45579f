import type { capturedMailSchema } from "@episante/contracts/notification";
import { toInstant } from "@episante/contracts/time";
import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import type { z } from "zod";

export type CapturedMail = z.infer<typeof capturedMailSchema>;

/** A mail as the sink took it. */
export interface NewMail {
  readonly id: string;
  readonly messageId: string;
  readonly to: string;
  readonly from: string;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly attachments: CapturedMail["attachments"];
}

// Postgres has no NUL in text; a mail may hold anything.
const clean = (text: string) => text.replaceAll("\0", "");

/** Keeps a mail. It belongs to the patient of the message it carries, or to the clinic of the page; the same Message-ID is kept once. */
export async function keepMail(tx: Tx, mail: NewMail, nowMs: number): Promise<void> {
  await tx.execute(sql`
    insert into captured_mails (id, message_id, patient_id, clinic_id, mail_to, mail_from, subject, body_text, body_html, attachments, received_at)
    select ${mail.id}, ${clean(mail.messageId)}, m.patient_id, coalesce(m.clinic_id, p.clinic_id), ${clean(mail.to)}, ${clean(mail.from)}, ${clean(mail.subject)},
      ${clean(mail.text)}, ${mail.html === undefined ? null : clean(mail.html)}, ${clean(JSON.stringify(mail.attachments))}::jsonb,
      ${new Date(nowMs).toISOString()}::timestamptz
    from (select 1) as one left join messages m on m.id = split_part(${clean(mail.messageId)}, '@', 1)
      left join pages p on p.message_id = split_part(${clean(mail.messageId)}, '@', 1)
    on conflict (message_id) do nothing`);
}

/** Newest mails first that the grant lets be seen, all or to one address. */
export async function listMails(
  tx: Tx,
  query: { to?: string | undefined; beforeId?: string | undefined; limit: number },
): Promise<CapturedMail[]> {
  const to = query.to ? sql`and lower(mail_to) = ${query.to.toLowerCase()}` : sql``;
  const before = query.beforeId ? sql`and id < ${query.beforeId}` : sql``;
  const rows = await tx.execute(sql`
    select id, mail_to, mail_from, subject, body_text, body_html, attachments, (extract(epoch from received_at) * 1000)::float8 as received_ms
    from captured_mails where true ${to} ${before} order by id desc limit ${query.limit}`);
  return rows.map((row) => ({
    id: String(row.id) as CapturedMail["id"],
    to: String(row.mail_to),
    from: String(row.mail_from),
    subject: String(row.subject),
    text: String(row.body_text),
    attachments: row.attachments as CapturedMail["attachments"],
    receivedAt: toInstant(Number(row.received_ms)),
    ...(row.body_html === null ? {} : { html: String(row.body_html) }),
  }));
}
