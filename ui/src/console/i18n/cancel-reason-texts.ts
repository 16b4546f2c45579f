import { type Translation, translator } from "../../shared/i18n/i18n.ts";

export const cancelReasonFr = {
  title: "Motifs d’annulation",
  titleOf: "Motifs d’annulation, {clinic}",
  why: "Proposés à qui annule une visite, dans cet ordre. Chacun peut aussi écrire son propre motif, ou n’en donner aucun.",
  "list.patient": "Proposés aux patients",
  "list.staff": "Proposés au cabinet",
  fr: "Motif {n}, en français",
  en: "Motif {n}, en anglais",
  needed: "Écrivez le motif dans les deux langues.",
  add: "Ajouter un motif",
  remove: "Retirer",
  removeOf: "le motif {n} ({list})",
  save: "Enregistrer les motifs",
} as const;
export const cancelReasonEn: Translation<typeof cancelReasonFr> = {
  title: "Reasons for cancelling",
  titleOf: "Reasons for cancelling, {clinic}",
  why: "Offered to whoever cancels a visit, in this order. Anyone may also write a reason of their own, or give none.",
  "list.patient": "Offered to patients",
  "list.staff": "Offered to the clinic",
  fr: "Reason {n}, in French",
  en: "Reason {n}, in English",
  needed: "Write the reason in both languages.",
  add: "Add a reason",
  remove: "Remove",
  removeOf: "reason {n} ({list})",
  save: "Save the reasons",
};

/** Texts of the clinic's reasons for cancelling. */
export const tcr = translator({ fr: cancelReasonFr, en: cancelReasonEn });
