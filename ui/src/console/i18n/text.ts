import { translator } from "../../shared/i18n/i18n.ts";
import { en } from "./en.ts";
import { fr } from "./fr.ts";

/** Texts of the console. */
export const t = translator({ fr, en });
