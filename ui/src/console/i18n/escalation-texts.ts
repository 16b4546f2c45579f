import { type Translation, translator } from "../../shared/i18n/i18n.ts";

/** Whom an alert called, and whom it calls next. */
export const escalationFr = {
  next: "Si personne ne prend en charge : appel à {time}, {to}.",
  onCall: "personne d’astreinte",
  doctors: "médecins qui suivent ce patient",
  paged: "Appelé : {to}",
  pagedLate: "Appelé avec retard : {to}",
  escalated: "Sans réponse, appelé ensuite : {to}",
  escalatedLate: "Sans réponse, appelé ensuite avec retard : {to}",
  held: "Heures calmes, appel reporté à {time} : {to}",
  suppressed: "Pas d’appel tant que dure une alerte critique de la même mesure",
  nobody: "Personne à appeler à cette étape",
} as const;

export const escalationEn: Translation<typeof escalationFr> = {
  next: "If nobody takes it: call at {time}, {to}.",
  onCall: "whoever is on call",
  doctors: "doctors who treat this patient",
  paged: "Called: {to}",
  pagedLate: "Called late: {to}",
  escalated: "No answer, called next: {to}",
  escalatedLate: "No answer, called next, late: {to}",
  held: "Quiet hours, call put off until {time}: {to}",
  suppressed: "No call while a critical alert of the same measurement lasts",
  nobody: "Nobody to call at this step",
};

/** Texts of calls about alerts. */
export const te = translator({ fr: escalationFr, en: escalationEn });
