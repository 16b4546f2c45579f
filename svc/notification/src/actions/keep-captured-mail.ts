import { grant } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import type { ParsedMail } from "../channels/mime.ts";
import type { Deps } from "../deps.ts";
import { keepMail } from "../storage/captured-mails.ts";

/** Stores what the SMTP sink received. A mail without a Message-ID gets its own id as one. */
export async function keepCapturedMail(deps: Pick<Deps, "db" | "clock">, mail: ParsedMail): Promise<void> {
  const now = deps.clock.now();
  const id = newId("msg", now);
  await deps.db.transaction(grant.system("capture-sink"), (tx) => keepMail(tx, { ...mail, id, messageId: mail.messageId || id }, now));
}
