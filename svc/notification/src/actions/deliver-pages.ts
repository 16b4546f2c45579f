import { accountProfile, listClinics } from "@episante/contracts/auth";
import type { AnswerOf } from "@episante/contracts/endpoint";
import { isRefusal, type Refusal } from "@episante/contracts/problem";
import { toInstant } from "@episante/contracts/time";
import { inSpan } from "@episante/service/trace";
import type { Mail } from "../channels/email.ts";
import type { Deps } from "../deps.ts";
import { composePage, pageTemplates } from "../domain/page-mail.ts";
import { markPageSent, markPageUnsent, postponePage, type QueuedPage, takeDuePage } from "../storage/pages.ts";
import { preferencesOf } from "../storage/preferences.ts";
import { attemptDelivery, inSystem, NotNow } from "./attempt-delivery.ts";
import { mostPerTurn } from "./deliver-messages.ts";

const job = "deliver-pages";
const store = { sent: markPageSent, unsent: markPageUnsent, postponed: postponePage };

type Clinics = AnswerOf<typeof listClinics> | Refusal;

/** Sends the mails of due pages, critical ones first; a failure never stops the others. The caller sees to it that nobody else sends. */
export async function deliverDuePages(deps: Deps): Promise<void> {
  // Clinics and their zones are the same for all of a turn.
  let clinics: Promise<Clinics> | undefined;
  const clinicsOfTurn = () => {
    clinics ??= deps.callInternal(listClinics, {});
    return clinics;
  };
  for (let count = 0; count < mostPerTurn; count++) {
    const page = await inSystem(deps, job, (tx) => takeDuePage(tx, deps.clock.now()));
    if (!page) return;
    const { traceparent: parent, attempts, messageId, accountId } = page;
    const about = { messageId, template: pageTemplates[page.kind], accountId };
    await inSpan({ name: "deliver page", parent: parent ?? null, attributes: { "episante.attempts": attempts } }, async (span) => {
      const attempt = { job, about, attempts, store, prepare: () => prepare(deps, page, clinicsOfTurn) };
      span.set({ "episante.outcome": await attemptDelivery(deps, attempt, span.traceparent) });
    });
  }
}

/** Reads the recipient's choice, address and language as they are now, and writes the mail. Nothing of it is kept. */
async function prepare(deps: Deps, page: QueuedPage, clinicsOfTurn: () => Promise<Clinics>): Promise<Mail> {
  const { callInternal, publicUrl } = deps;
  const { kind, severity, alerts, step, isLate, accountId, clinicId, calledMs } = page;
  const { alertMail, zone } = await inSystem(deps, job, (tx) => preferencesOf(tx, accountId));
  if (!alertMail[severity]) throw new NotNow("not-wanted", "skip");
  const account = await callInternal(accountProfile, { params: { id: accountId } });
  if (isRefusal(account)) throw new NotNow(`account-${account.refused}`, account.refused === "not-found" ? "fail" : "retry");
  const clinics = zone ? undefined : await clinicsOfTurn();
  if (clinics && isRefusal(clinics)) throw new NotNow(`clinics-${clinics.refused}`, "retry");
  const written = composePage(account.locale, {
    kind,
    givenName: account.givenName,
    alerts,
    since: toInstant(calledMs),
    zone: zone ?? clinics?.items.find(({ id }) => id === clinicId)?.zone ?? "UTC",
    step,
    isLate,
    link: `${publicUrl}/console/alerts`,
  });
  return { messageId: `${page.messageId}@episante`, to: account.email, ...written };
}
