import { type Translation, translator } from "../../shared/i18n/i18n.ts";

export const inboxFr = {
  title: "Appels reçus",
  open: { one: "Appels reçus, {n} non lu", other: "Appels reçus, {n} non lus" },
  openNone: "Appels reçus, tous lus",
  arrived: { one: "Un appel attend dans la cloche.", other: "{n} appels attendent dans la cloche." },
  none: "Aucun appel. Les alertes qui vous appellent arrivent ici.",
  alerts: { one: "{n} alerte attend", other: "{n} alertes attendent" },
  held: { one: "{n} alerte pendant les heures calmes", other: "{n} alertes pendant les heures calmes" },
  step: "étape {n}",
  late: "appel en retard",
  failed: "e-mail non remis",
  unread: "Non lu",
  readAll: "Tout marquer comme lu",
  markRead: "Marquer comme lu",
} as const;

export const inboxEn: Translation<typeof inboxFr> = {
  title: "Calls received",
  open: { one: "Calls received, {n} unread", other: "Calls received, {n} unread" },
  openNone: "Calls received, all read",
  arrived: { one: "A call is waiting in the bell.", other: "{n} calls are waiting in the bell." },
  none: "No call. Alerts that call you arrive here.",
  alerts: { one: "{n} alert waiting", other: "{n} alerts waiting" },
  held: { one: "{n} alert during quiet hours", other: "{n} alerts during quiet hours" },
  step: "step {n}",
  late: "late call",
  failed: "e-mail not delivered",
  unread: "Unread",
  readAll: "Mark all as read",
  markRead: "Mark as read",
};

/** Texts of the bell. */
export const tib = translator({ fr: inboxFr, en: inboxEn });
