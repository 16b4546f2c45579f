import { type Translation, translator } from "../i18n/i18n.ts";

export const cancelFr = {
  legend: "Pourquoi ? (facultatif)",
  "hint.patient": "Le cabinet lit votre réponse.",
  "hint.staff": "Le patient voit votre réponse.",
  other: "Autre",
  text: "Votre motif",
} as const;
export const cancelEn: Translation<typeof cancelFr> = {
  legend: "Why? (optional)",
  "hint.patient": "The clinic reads your answer.",
  "hint.staff": "The patient sees your answer.",
  other: "Other",
  text: "Your reason",
};

/** Words of the question why something is cancelled, for both apps. */
export const tcan = translator({ fr: cancelFr, en: cancelEn });
