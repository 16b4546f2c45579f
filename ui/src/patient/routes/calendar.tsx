import { PrivateCalendar } from "../../shared/calendar-feed/PrivateCalendar.tsx";
import { Page } from "../../shared/components/Page.tsx";
import { RequireSession } from "../features/account/RequireSession.tsx";
import { MainFrame } from "../features/shell/Shell.tsx";
import { tv } from "../i18n/visit-texts.ts";

/** `/appointments/calendar`: one's own visits in a calendar program. */
export function CalendarRoute() {
  return (
    <MainFrame>
      <RequireSession title={tv("feedTitle")}>
        {() => (
          <Page title={tv("feedTitle")}>
            <PrivateCalendar kind="patient" />
          </Page>
        )}
      </RequireSession>
    </MainFrame>
  );
}
