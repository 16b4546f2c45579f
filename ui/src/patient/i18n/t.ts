import { translator } from "../../shared/i18n/i18n.ts";
import { patientEn } from "./en.ts";
import { patientFr } from "./fr.ts";

/** Words of the patient app in the language on screen. */
export const t = translator({ fr: patientFr, en: patientEn });
