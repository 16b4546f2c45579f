import { Relatives } from "../features/account/Relatives.tsx";
import { RequireSession } from "../features/account/RequireSession.tsx";
import { MainFrame } from "../features/shell/Shell.tsx";
import { t } from "../i18n/t.ts";

/** `/account/relatives` */
export function RelativesRoute() {
  return (
    <MainFrame>
      <RequireSession title={t("relatives.title")}>{() => <Relatives />}</RequireSession>
    </MainFrame>
  );
}
