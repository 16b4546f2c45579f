import "../features/agenda/agenda.css";
import "../features/agenda/agenda-panels.css";
import { Show } from "solid-js";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { offset, ownZone, zoneCity } from "../../shared/lib/format.ts";
import { AgendaBar, LinkChip, LostBanner } from "../features/agenda/AgendaBar.tsx";
import { AgendaLegend } from "../features/agenda/AgendaLegend.tsx";
import { BookDialog } from "../features/agenda/BookDialog.tsx";
import { CancelledVisits } from "../features/agenda/CancelledVisits.tsx";
import { AgendaContext, createAgenda, views } from "../features/agenda/create-agenda.ts";
import { createDesk, DeskContext } from "../features/agenda/create-desk.ts";
import { MonthGrid } from "../features/agenda/MonthGrid.tsx";
import { MoveBar } from "../features/agenda/MoveBar.tsx";
import { VisitPanel } from "../features/agenda/VisitPanel.tsx";
import { WeekGrid } from "../features/agenda/WeekGrid.tsx";
import { WhyPanel } from "../features/agenda/WhyPanel.tsx";
import { ta } from "../i18n/agenda-texts.ts";
import { useShortcuts } from "../lib/shortcuts.ts";
import { ConsolePage } from "../shell/ConsolePage.tsx";
import { useConsole } from "../shell/console-context.tsx";

/** The agenda of up to four doctors by day, week or month, live. Doctors, day and view live in the URL. */
export function AgendaRoute() {
  const agenda = createAgenda();
  const desk = createDesk(agenda);
  const { me, zone, now } = useConsole();
  const whenIdle = (act: () => void) => () => {
    if (!desk.move.moving()) act();
  };
  useShortcuts(() => me().preferences.shortcuts !== false, {
    t: whenIdle(() => agenda.show({ date: undefined })),
    n: whenIdle(() => desk.book({})),
    ArrowLeft: whenIdle(() => agenda.go(-1)),
    ArrowRight: whenIdle(() => agenda.go(1)),
    ...Object.fromEntries(views.map((view, index) => [String(index + 1), whenIdle(() => agenda.show({ view }))])),
  });
  return (
    <AgendaContext.Provider value={agenda}>
      <DeskContext.Provider value={desk}>
        <ConsolePage title={ta("title")} class="g-page" tools={<LinkChip />}>
          <AgendaBar />
          <div class="g-note">
            <CancelledVisits />
            <LostBanner />
            <Show when={agenda.doctors.problem() ?? agenda.visits.problem()}>
              {(problem) => <ProblemBanner problem={problem()} onRetry={() => void agenda.visits.reload()} />}
            </Show>
            <Show when={agenda.doctors.isLoaded() && agenda.doctors.all().length === 0}>
              <p>{ta("noDoctor")}</p>
            </Show>
            <Show when={agenda.message()}>
              {(message) => (
                <p class="g-message" data-tone={message().tone} data-testid="agenda-message">
                  {message().text}
                </p>
              )}
            </Show>
            <Show when={ownZone() !== zone()}>
              <p>{ta("zone", { city: zoneCity(zone()), offset: offset(now(), zone()) })}</p>
            </Show>
          </div>
          <Show when={agenda.doctors.chosen().length > 0} fallback={<div />}>
            <Show when={agenda.view() === "month"} fallback={<WeekGrid />}>
              <MonthGrid />
            </Show>
          </Show>
          <AgendaLegend />
          <MoveBar />
          <VisitPanel />
          <WhyPanel />
          <BookDialog />
        </ConsolePage>
      </DeskContext.Provider>
    </AgendaContext.Provider>
  );
}
