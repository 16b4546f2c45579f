import { Show } from "solid-js";
import { t } from "../i18n/text.ts";
import { useConsole } from "../shell/console-context.tsx";
import { SubNav } from "../shell/SubNav.tsx";

/** Pages of Settings: display for all, profile and hours for those who run a practice. */
export function SettingsNav() {
  const { roles } = useConsole();
  return (
    <Show when={roles().includes("doctor") || roles().includes("staff")}>
      <SubNav
        label={t("settings.title")}
        pages={[
          { path: "/settings", label: t("settings.display") },
          { path: "/settings/practice", label: roles().includes("doctor") ? t("practice.title") : t("practice.hours") },
        ]}
      />
    </Show>
  );
}
