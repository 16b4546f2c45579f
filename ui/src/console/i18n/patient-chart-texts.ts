import { type Translation, translator } from "../../shared/i18n/i18n.ts";

/** Moving the charts of a patient in time. */
export const patientChartFr = {
  live: "en direct",
  move: "Déplacer et agrandir",
  earlier: "Plus tôt",
  later: "Plus tard",
  zoomIn: "Agrandir",
  zoomOut: "Réduire",
  now: "Maintenant",
} as const;
export const patientChartEn: Translation<typeof patientChartFr> = {
  live: "live",
  move: "Move and zoom",
  earlier: "Earlier",
  later: "Later",
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  now: "Now",
};
export const tpc = translator({ fr: patientChartFr, en: patientChartEn });
