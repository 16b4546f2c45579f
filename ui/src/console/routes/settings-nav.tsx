import { Show } from "solid-js";
import { tf } from "../i18n/floor-texts.ts";
import { toc } from "../i18n/on-call-texts.ts";
import { tp } from "../i18n/practice-texts.ts";
import { trm } from "../i18n/rooms-texts.ts";
import { t } from "../i18n/text.ts";
import { tx } from "../i18n/transfer-texts.ts";
import { twl } from "../i18n/waiting-texts.ts";
import { useConsole } from "../shell/console-context.tsx";
import { SubNav } from "../shell/SubNav.tsx";

/**
 * Pages of Settings: display and on call for all; profile, hours, absences and waitlist for those who run a practice; rooms, closed days and missed visits for
 * the clinic's members; files for those who run it; a doctor's own calendar.
 */
export function SettingsNav() {
  const { roles } = useConsole();
  const runsClinic = () => roles().includes("staff") || roles().includes("admin");
  const runsPractice = () => roles().includes("doctor") || roles().includes("staff");
  return (
    <Show when={roles().length > 0}>
      <SubNav
        label={t("settings.title")}
        pages={[
          { path: "/settings", label: t("settings.display") },
          ...(runsPractice()
            ? [
                { path: "/settings/practice", label: roles().includes("doctor") ? t("practice.title") : t("practice.hours") },
                { path: "/settings/absences", label: tp("absence.title") },
                { path: "/settings/waitlist", label: twl("page.title") },
              ]
            : []),
          { path: "/settings/on-call", label: toc("page.title") },
          { path: "/settings/rooms", label: trm("page.title") },
          { path: "/settings/closures", label: tp("closures.title") },
          { path: "/settings/missed-visits", label: tf("policy.page") },
          ...(runsClinic() ? [{ path: "/settings/transfer", label: tx("page.title") }] : []),
          ...(roles().includes("doctor") ? [{ path: "/settings/calendar", label: twl("calendar.title") }] : []),
        ]}
      />
    </Show>
  );
}
