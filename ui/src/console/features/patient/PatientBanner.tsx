import { Show } from "solid-js";
import { locale } from "../../../shared/i18n/i18n.ts";
import { years } from "../../../shared/lib/format.ts";
import { t } from "../../i18n/text.ts";
import { type PatientMin, patientName, sexWord } from "../../lib/words.ts";
import { useConsole } from "../../shell/console-context.tsx";

/** `03/04/1943` in French, `3 Apr 1943` in English: console only, beside the age. */
function birthDate(day: string, french: boolean): string {
  const format = french ? { day: "2-digit", month: "2-digit", year: "numeric" } : { day: "numeric", month: "short", year: "numeric" };
  return new Intl.DateTimeFormat(french ? "fr-FR" : "en-GB", { ...(format as Intl.DateTimeFormatOptions), timeZone: "UTC" }).format(
    new Date(`${day}T12:00:00Z`),
  );
}

/** Who this is about: NOM Prénom, born (age), sex, file number. What is not known is left out. */
export function PatientBanner(props: { patient: PatientMin | undefined }) {
  const { now } = useConsole();
  return (
    <div class="p-banner">
      <b>{patientName(props.patient)}</b>
      <Show when={props.patient} fallback={<span aria-hidden="true">&nbsp;</span>}>
        {(patient) => {
          const words = () => ({
            date: birthDate(patient().birthDate, locale() === "fr"),
            age: years(patient().birthDate, now()),
          });
          return (
            <span>
              {patient().gender === "female"
                ? t("alerts.bornF", words())
                : patient().gender === "male"
                  ? t("alerts.bornM", words())
                  : t("alerts.born", words())}
              {sexWord(patient().gender) === "" ? " · " : ` · ${sexWord(patient().gender)} · `}
              {t("alerts.file", { number: patient().fileNumber })}
            </span>
          );
        }}
      </Show>
    </div>
  );
}
