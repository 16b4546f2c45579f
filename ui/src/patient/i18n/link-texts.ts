import { type Translation, translator } from "../../shared/i18n/i18n.ts";

/** Words of the page that a mail's link opens. */
export const linkFr = {
  title: "Votre rendez-vous",
  question: "Viendrez-vous ?",
  come: "Je viendrai",
  coming: "Envoi…",
  confirmed: "Merci, votre venue est confirmée.",
  cancel: "Annuler le rendez-vous",
  cancelAsk: "Annuler ce rendez-vous ?",
  cancelEffect: "L’horaire sera proposé à d’autres patients.",
  cancelDo: "Oui, annuler",
  cancelling: "Annulation…",
  keep: "Non, le garder",
  cancelled: "Ce rendez-vous est annulé.",
  cancelledNext: "Il n’y a rien d’autre à faire.",
  over: "Ce rendez-vous a commencé : il n’y a plus rien à confirmer.",
  policy: "Annulation en ligne possible jusqu’à {until}.",
  late: "L’annulation en ligne est fermée depuis {until}. Appelez le cabinet.",
  signIn: "Se connecter pour déplacer ou tout voir",
  call: "Appeler le {phone}",
  goneTitle: "Ce lien ne vaut plus",
  gone: "Le rendez-vous a eu lieu, a été déplacé, ou l’adresse est incomplète. Le dernier e-mail reçu contient le bon lien ; connectez-vous pour voir vos rendez-vous, ou appelez le cabinet.",
  goneSignIn: "Voir mes rendez-vous",
} as const;

export const linkEn: Translation<typeof linkFr> = {
  title: "Your appointment",
  question: "Will you come?",
  come: "I will come",
  coming: "Sending…",
  confirmed: "Thank you, you are expected.",
  cancel: "Cancel the appointment",
  cancelAsk: "Cancel this appointment?",
  cancelEffect: "The time will be offered to other patients.",
  cancelDo: "Yes, cancel it",
  cancelling: "Cancelling…",
  keep: "No, keep it",
  cancelled: "This appointment is cancelled.",
  cancelledNext: "There is nothing else to do.",
  over: "This appointment has begun: there is nothing left to confirm.",
  policy: "You can cancel it online until {until}.",
  late: "Cancelling online closed on {until}. Please call the clinic.",
  signIn: "Sign in to move it or see everything",
  call: "Call {phone}",
  goneTitle: "This link no longer works",
  gone: "The appointment is over, it was moved, or the address is incomplete. Your latest mail has the right link; sign in to see your appointments, or call the clinic.",
  goneSignIn: "See my appointments",
};

/** Words of the link page in the language on screen. */
export const tl = translator({ fr: linkFr, en: linkEn });
