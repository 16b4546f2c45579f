import { appointmentForMessage } from "@episante/contracts/appointment";
import { accountProfile } from "@episante/contracts/auth";
import { getDoctor, postalLine } from "@episante/contracts/doctor";
import type { AnswerOf } from "@episante/contracts/endpoint";
import type { AppointmentId, DoctorId, Id } from "@episante/contracts/ids";
import { patientContact } from "@episante/contracts/patient";
import { isRefusal } from "@episante/contracts/problem";
import { offerForMessage } from "@episante/contracts/waitlist";
import { inSpan } from "@episante/service/trace";
import type { Mail } from "../channels/email.ts";
import type { Deps } from "../deps.ts";
import { compose, type VisitFacts } from "../domain/templates.ts";
import { markSent, markUnsent, postpone, type QueuedMessage, takeDueMessage } from "../storage/messages.ts";
import { attemptDelivery, inSystem, NotNow } from "./attempt-delivery.ts";

const job = "deliver-messages";

/**
 * Messages of one turn. Each asks four other services, which people wait for: a burst of bookings leaves at this pace instead of taking
 * the machine from those who book. Mail servers take no more of a small sender anyway.
 */
export const mostPerTurn = 10;

/** Sends due messages, longest due first, one after the other; a failure never stops the others. The caller sees to it that nobody else sends. */
export async function deliverDue(deps: Deps): Promise<void> {
  for (let count = 0; count < mostPerTurn; count++) {
    const message = await inSystem(deps, job, (tx) => takeDueMessage(tx));
    if (!message) return;
    const { traceparent: parent, attempts } = message;
    await inSpan({ name: "deliver message", parent: parent ?? null, attributes: { "episante.attempts": attempts } }, async (span) => {
      const outcome = await deliver(deps, message, span.traceparent);
      span.set({ "episante.outcome": outcome });
    });
  }
}

/** @returns `sent`, or why not */
function deliver(deps: Deps, message: QueuedMessage, traceparent: string | undefined): Promise<string> {
  const { id, template, patientId, appointmentId, attempts } = message;
  const about = { messageId: id, template, patientId, ...(appointmentId ? { appointmentId } : {}) };
  const store = { sent: markSent, unsent: markUnsent, postponed: postpone };
  return attemptDelivery(deps, { job, about, attempts, store, prepare: () => prepare(deps, message) }, traceparent);
}

type Told = AnswerOf<typeof appointmentForMessage>;
/** What a message is about, as it is now. */
interface Subject extends Pick<VisitFacts, "start" | "starts" | "zone" | "offer" | "link" | "answerLink"> {
  readonly doctorId: DoctorId;
  /** Calendar file. */
  readonly ics?: string;
}

async function readVisit(deps: Deps, message: QueuedMessage, id: AppointmentId): Promise<Subject> {
  const { callInternal, clock, publicUrl } = deps;
  const visit = await callInternal(appointmentForMessage, { params: { id } });
  if (isRefusal(visit)) throw new NotNow(`visit-${visit.refused}`, "retry");
  if (visit.series && message.template.startsWith("series-"))
    return aboutSeries(deps, message.template, { ...visit, series: visit.series });
  const isCancelled = visit.status === "cancelled";
  if (isCancelled !== (message.template === "appointment-cancelled") || visit.status === "entered-in-error")
    throw new NotNow("overtaken", "skip");
  if (Date.parse(visit.start) <= clock.now()) throw new NotNow("past", "skip");
  const { start, zone, doctorId, ics, signed } = visit;
  const about = { start, zone, doctorId, ics };
  if (isCancelled) return { ...about, link: `${publicUrl}/appointments` };
  return { ...about, link: `${publicUrl}/appointments/${visit.id}`, ...(signed ? { answerLink: `${publicUrl}/links/${signed}` } : {}) };
}

/** All dates of a series that hold, or that were cancelled in one step. */
function aboutSeries(
  { publicUrl }: Deps,
  template: QueuedMessage["template"],
  { zone, doctorId, series }: Pick<Told, "zone" | "doctorId"> & { readonly series: NonNullable<Told["series"]> },
): Subject {
  const starts = template === "series-cancelled" ? series.cancelled : series.open;
  const [start] = starts;
  if (start === undefined) throw new NotNow("overtaken", "skip");
  return { start, starts, zone, doctorId, ics: series.ics, link: `${publicUrl}/appointments` };
}

/** An offer that was answered or ran out is not told any more. */
async function readOffer({ callInternal, publicUrl }: Deps, id: Id<"wof">): Promise<Subject> {
  const offer = await callInternal(offerForMessage, { params: { id } });
  if (isRefusal(offer)) throw new NotNow(`offer-${offer.refused}`, "retry");
  if (!offer.isOpen) throw new NotNow("overtaken", "skip");
  const { start, zone, doctorId, until, held } = offer;
  return { start, zone, doctorId, offer: { until, held }, link: `${publicUrl}/appointments?tab=waitlist` };
}

/** Reads what the message is about and the contact details as they are now, and writes the mail. Nothing of it is kept. */
async function prepare(deps: Deps, message: QueuedMessage): Promise<Mail> {
  const { callInternal } = deps;
  const { appointmentId, offerId } = message;
  if (message.isOvertaken) throw new NotNow("overtaken", "skip");
  const about = appointmentId ? await readVisit(deps, message, appointmentId) : offerId ? await readOffer(deps, offerId) : undefined;
  if (!about) throw new NotNow("about-nothing", "fail");
  const contact = await callInternal(patientContact, { params: { id: message.patientId } });
  if (isRefusal(contact)) throw new NotNow(`contact-${contact.refused}`, "retry");
  if (!contact.accountId) throw new NotNow("no-address", "fail");
  const account = await callInternal(accountProfile, { params: { id: contact.accountId } });
  if (isRefusal(account)) throw new NotNow(`account-${account.refused}`, "retry");
  const doctor = await callInternal(getDoctor, { params: { id: about.doctorId } });
  // A doctor who is no longer listed is left out of the mail; any other refusal is waited out.
  if (isRefusal(doctor) && doctor.refused !== "not-found") throw new NotNow(`doctor-${doctor.refused}`, "retry");
  const { locale, givenName, relative } = contact;
  const written = compose(message.template, locale, {
    givenName,
    ...(relative ? { relative: relative.givenName } : {}),
    start: about.start,
    ...(about.starts ? { starts: about.starts } : {}),
    zone: about.zone,
    link: about.link,
    ...(about.answerLink ? { answerLink: about.answerLink } : {}),
    ...(about.offer ? { offer: about.offer } : {}),
    ...(isRefusal(doctor)
      ? {}
      : {
          doctor: {
            name: `Dr ${doctor.givenName} ${doctor.familyName}`,
            clinic: doctor.clinicName,
            address: postalLine(doctor.address, doctor.city),
            phone: doctor.phone,
          },
        }),
  });
  const ics = about.ics && { name: locale === "fr" ? "rendez-vous.ics" : "appointment.ics", content: about.ics };
  return { messageId: `${message.id}@episante`, to: account.email, ...written, ...(ics ? { ics } : {}) };
}
