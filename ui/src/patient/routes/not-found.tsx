import { A } from "@solidjs/router";
import { Page } from "../../shared/components/Page.tsx";
import { MainFrame } from "../features/shell/Shell.tsx";
import { t } from "../i18n/t.ts";

/** Refused and unknown look the same. */
export function NotFound() {
  return (
    <MainFrame>
      <Page title={t("gone.title")}>
        <p class="mt-4">{t("gone.text")}</p>
        <A class="btn mt-5" href="/">
          {t("gone.home")}
        </A>
      </Page>
    </MainFrame>
  );
}
