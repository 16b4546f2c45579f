import type { Locale } from "@episante/contracts/auth";

/** Messages there are. */
export const templates = [
  "appointment-booked",
  "appointment-moved",
  "appointment-cancelled",
  "appointment-restored",
  "series-booked",
  "series-moved",
  "series-cancelled",
  "waitlist-offered",
] as const;
export type Template = (typeof templates)[number];

/** What a message about a visit, or a time for one, says. */
export interface VisitFacts {
  readonly givenName: string;
  /** Given name of the patient, when a relative is written to. */
  readonly relative?: string;
  readonly start: string;
  /** Of several visits at once: all their starts. */
  readonly starts?: readonly string[];
  readonly zone: string;
  /** Absent when the doctor is no longer listed. */
  readonly doctor?: { readonly name: string; readonly clinic: string; readonly address: string; readonly phone: string };
  /** Of an offered time: until when it can be taken, and whether it is kept for this patient alone. */
  readonly offer?: { readonly until: string; readonly held: boolean };
  readonly link: string;
  /** Confirms or cancels the visit without signing in; absent where there is nothing to say. */
  readonly answerLink?: string;
}
/** A message ready to send. */
export interface Composed {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Subjects name no reason, speciality or value: they show on locked screens. */
const subjects: Record<Template, Record<Locale, string>> = {
  "appointment-booked": { fr: "Votre rendez-vous est confirmé", en: "Your appointment is confirmed" },
  "appointment-moved": { fr: "Votre rendez-vous est déplacé", en: "Your appointment has been moved" },
  "appointment-cancelled": { fr: "Votre rendez-vous est annulé", en: "Your appointment is cancelled" },
  "appointment-restored": { fr: "Votre rendez-vous est maintenu", en: "Your appointment takes place after all" },
  "series-booked": { fr: "Vos rendez-vous sont confirmés", en: "Your appointments are confirmed" },
  "series-moved": { fr: "Des rendez-vous sont déplacés", en: "Some of your appointments have been moved" },
  "series-cancelled": { fr: "Des rendez-vous sont annulés", en: "Some of your appointments are cancelled" },
  "waitlist-offered": { fr: "Une place s’est libérée", en: "A place has opened" },
};
const words: Record<
  Locale,
  {
    hello: string;
    booked: string;
    moved: string;
    cancelled: string;
    restored: string;
    allBooked: string;
    someMoved: string;
    someCancelled: string;
    held: string;
    offered: string;
    until: string;
    answer: string;
    whom: string;
    when: string;
    who: string;
    where: string;
    see: string;
    reply: string;
    again: string;
  }
> = {
  fr: {
    hello: "Bonjour",
    booked: "Votre rendez-vous est confirmé.",
    moved: "Votre rendez-vous est déplacé. Voici la nouvelle date ; l’ancienne ne vaut plus.",
    cancelled: "Votre rendez-vous est annulé. Il n’y a rien d’autre à faire.",
    restored: "Votre rendez-vous a lieu comme prévu : son annulation a été retirée par le cabinet.",
    allBooked: "Vos rendez-vous sont confirmés. Voici toutes les dates.",
    someMoved: "Des rendez-vous de votre série sont déplacés. Voici toutes les dates qui valent maintenant.",
    someCancelled: "Ces rendez-vous sont annulés. Il n’y a rien d’autre à faire.",
    held: "Une place s’est libérée. Elle est à vous jusqu’à l’heure indiquée ; sans réponse, elle sera proposée à la personne suivante.",
    offered: "Une place s’est libérée. La première personne qui la prend l’obtient.",
    until: "À prendre jusqu’au",
    answer: "Prendre ou refuser cette place",
    whom: "Pour",
    when: "Quand",
    who: "Avec",
    where: "Où",
    see: "Voir ou annuler ce rendez-vous",
    reply: "Confirmer ou annuler sans se connecter",
    again: "Voir mes rendez-vous",
  },
  en: {
    hello: "Hello",
    booked: "Your appointment is confirmed.",
    moved: "Your appointment has been moved. Here is the new time; the former one no longer holds.",
    cancelled: "Your appointment is cancelled. There is nothing else to do.",
    restored: "Your appointment takes place as planned: the clinic has taken its cancellation back.",
    allBooked: "Your appointments are confirmed. Here are all the dates.",
    someMoved: "Some of your appointments have been moved. Here are all the dates that hold now.",
    someCancelled: "These appointments are cancelled. There is nothing else to do.",
    held: "A place has opened. It is yours until the time below; without an answer it is offered to the next person.",
    offered: "A place has opened. The first person to take it has it.",
    until: "To be taken until",
    answer: "Take or decline this place",
    whom: "For",
    when: "When",
    who: "With",
    where: "Where",
    see: "See or cancel this appointment",
    reply: "Confirm or cancel without signing in",
    again: "See my appointments",
  },
};

/** Subject of a template in a language. */
export function subjectOf(template: Template, locale: Locale): string {
  return subjects[template][locale];
}

/** A start written out in the clinic's zone, for example “mardi 24 novembre 2026 à 09:00 (Europe/Paris)”. */
export function writtenTime(start: string, zone: string, locale: Locale): string {
  const format = new Intl.DateTimeFormat(locale === "fr" ? "fr-FR" : "en-GB", { timeZone: zone, dateStyle: "full", timeStyle: "short" });
  return `${format.format(new Date(start))} (${zone})`;
}

/** Writes a message in the patient's language, as plain text and as HTML. */
export function compose(template: Template, locale: Locale, facts: VisitFacts): Composed {
  const said = words[locale];
  const { doctor } = facts;
  const lines: [string, string][] = facts.relative ? [[said.whom, facts.relative]] : [];
  const dates = facts.starts?.map((start, index) => [`${index + 1}`, start] as const) ?? [[said.when, facts.start] as const];
  for (const [name, start] of dates) lines.push([name, writtenTime(start, facts.zone, locale)]);
  if (doctor) {
    lines.push([said.who, doctor.name]);
    lines.push([said.where, [doctor.clinic, doctor.address, doctor.phone].filter(Boolean).join(", ")]);
  }
  if (facts.offer) lines.push([said.until, writtenTime(facts.offer.until, facts.zone, locale)]);
  const hello = `${said.hello} ${facts.givenName},`;
  const sentence = {
    "appointment-booked": said.booked,
    "appointment-moved": said.moved,
    "appointment-cancelled": said.cancelled,
    "appointment-restored": said.restored,
    "series-booked": said.allBooked,
    "series-moved": said.someMoved,
    "series-cancelled": said.someCancelled,
    "waitlist-offered": facts.offer?.held ? said.held : said.offered,
  }[template];
  const see = {
    "appointment-cancelled": said.again,
    "waitlist-offered": said.answer,
    "appointment-booked": said.see,
    "appointment-moved": said.see,
    "appointment-restored": said.see,
    "series-booked": said.again,
    "series-moved": said.again,
    "series-cancelled": said.again,
  }[template];
  const subject = subjectOf(template, locale);
  const colon = locale === "fr" ? " : " : ": ";
  const told = lines.map(([name, value]) => `${name}${colon}${value}`);
  const links: [string, string][] = [...(facts.answerLink ? [[said.reply, facts.answerLink] as [string, string]] : []), [see, facts.link]];
  const offered = links.map(([name, href]) => `${name}${colon}${href}`);
  const text = [hello, "", sentence, "", ...told, "", ...offered, "", "EpiSanté", ""].join("\n");
  const rows = lines.map(([name, value]) => `<tr><th align="left">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`).join("");
  const html = `<!doctype html><html lang="${locale}"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head><body>
<p>${escapeHtml(hello)}</p><p>${escapeHtml(sentence)}</p><table cellpadding="4">${rows}</table>
${links.map(([name, href]) => `<p><a href="${escapeHtml(href)}">${escapeHtml(name)}</a></p>`).join("")}<p>EpiSanté</p></body></html>`;
  return { subject, text, html };
}

/** Text as it may stand in HTML, also between quotes. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;").replaceAll("'", "&#39;");
}
