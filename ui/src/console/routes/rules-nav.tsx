import { tl } from "../i18n/alarm-load-texts.ts";
import { tr } from "../i18n/rule-texts.ts";
import { t } from "../i18n/text.ts";
import { SubNav } from "../shell/SubNav.tsx";

/** Pages about rules. */
export function RulesNav() {
  return (
    <SubNav
      label={t("rules.title")}
      pages={[
        { path: "/rules", label: tr("nav.rules") },
        { path: "/rules/patients", label: tr("nav.patient") },
        { path: "/rules/groups", label: tr("nav.groups") },
        { path: "/rules/load", label: tl("title") },
      ]}
    />
  );
}
