import { t } from "../i18n/text.ts";
import { SubNav } from "../shell/SubNav.tsx";

/** Pages of an administrator. */
export function SystemNav() {
  return (
    <SubNav
      label={t("system.title")}
      pages={[
        { path: "/system", label: t("system.operations") },
        { path: "/system/data", label: t("system.overview") },
        { path: "/system/members", label: t("members.title") },
      ]}
    />
  );
}
