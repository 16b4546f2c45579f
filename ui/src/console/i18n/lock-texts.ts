import { type Translation, translator } from "../../shared/i18n/i18n.ts";

/** The console while it is locked. */
export const lockFr = {
  title: "Console verrouillée",
  intro: "{name}, saisissez votre mot de passe pour revenir où vous étiez. La surveillance et le son continuent.",
  open: "Alertes ouvertes",
  unlock: "Déverrouiller la console",
  missing: "Saisissez votre mot de passe.",
  wrong: "Mot de passe incorrect.",
  newCritical: {
    one: "{n} nouvelle alerte critique. Déverrouillez la console pour la voir.",
    other: "{n} nouvelles alertes critiques. Déverrouillez la console pour les voir.",
  },
} as const;
export const lockEn: Translation<typeof lockFr> = {
  title: "Console locked",
  intro: "{name}, enter your password to return to where you were. Monitoring and sound go on.",
  open: "Open alerts",
  unlock: "Unlock the console",
  missing: "Enter your password.",
  wrong: "Password is incorrect.",
  newCritical: {
    one: "{n} new critical alert. Unlock the console to see it.",
    other: "{n} new critical alerts. Unlock the console to see them.",
  },
};
export const tlk = translator({ fr: lockFr, en: lockEn });
