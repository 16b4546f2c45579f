import { Navigate, Route, Router, type RouteSectionProps, useLocation } from "@solidjs/router";
import { createEffect, createSignal, ErrorBoundary, type JSX, lazy, Match, onCleanup, Show, Suspense, Switch, untrack } from "solid-js";
import { Button } from "../shared/components/Button.tsx";
import { LiveRegion } from "../shared/components/LiveRegion.tsx";
import { Logo } from "../shared/components/Logo.tsx";
import { SkipLink } from "../shared/components/SkipLink.tsx";
import { tc } from "../shared/i18n/common.ts";
import { type Me, useSession } from "../shared/lib/session.ts";
import { setDensity } from "../shared/lib/theme.ts";
import { forgetLock } from "./features/lock/create-lock.ts";
import { LockScreen } from "./features/lock/LockScreen.tsx";
import { t } from "./i18n/text.ts";
import { takeInvitation } from "./lib/invitation.ts";
import { AlertsRoute } from "./routes/alerts.tsx";
import { ConsolePage } from "./shell/ConsolePage.tsx";
import { ConsoleProvider, consoleRoles, useConsole } from "./shell/console-context.tsx";
import { homeOf, mayOpen, Rail } from "./shell/Rail.tsx";
import { SignIn } from "./shell/SignIn.tsx";

const base = "/console";
const PatientsRoute = lazy(() => import("./routes/patients.tsx").then((module) => ({ default: module.PatientsRoute })));
const DevicesRoute = lazy(() => import("./routes/devices.tsx").then((module) => ({ default: module.DevicesRoute })));
const PatientRoute = lazy(() => import("./routes/patient.tsx").then((module) => ({ default: module.PatientRoute })));
const AgendaRoute = lazy(() => import("./routes/agenda.tsx").then((module) => ({ default: module.AgendaRoute })));
const FloorRoute = lazy(() => import("./routes/floor.tsx").then((module) => ({ default: module.FloorRoute })));
const RulesRoute = lazy(() => import("./routes/rules.tsx").then((module) => ({ default: module.RulesRoute })));
const NewRuleRoute = lazy(() => import("./routes/rule.tsx").then((module) => ({ default: module.NewRuleRoute })));
const AlarmLoadRoute = lazy(() => import("./routes/alarm-load.tsx").then((module) => ({ default: module.AlarmLoadRoute })));
const PatientRulesRoute = lazy(() => import("./routes/rule-layers.tsx").then((module) => ({ default: module.PatientRulesRoute })));
const GroupsRoute = lazy(() => import("./routes/rule-layers.tsx").then((module) => ({ default: module.GroupsRoute })));
const RuleRoute = lazy(() => import("./routes/rule.tsx").then((module) => ({ default: module.RuleRoute })));
const AnalyticsRoute = lazy(() => import("./routes/analytics.tsx").then((module) => ({ default: module.AnalyticsRoute })));
const SystemRoute = lazy(() => import("./routes/system.tsx").then((module) => ({ default: module.SystemRoute })));
const SystemDataRoute = lazy(() => import("./routes/system-data.tsx").then((module) => ({ default: module.SystemDataRoute })));
const SettingsRoute = lazy(() => import("./routes/settings.tsx").then((module) => ({ default: module.SettingsRoute })));

const MembersRoute = lazy(() => import("./routes/members.tsx").then((module) => ({ default: module.MembersRoute })));
const PracticeRoute = lazy(() => import("./routes/practice.tsx").then((module) => ({ default: module.PracticeRoute })));
const AbsencesRoute = lazy(() => import("./routes/absences.tsx").then((module) => ({ default: module.AbsencesRoute })));
const ClosuresRoute = lazy(() => import("./routes/closures.tsx").then((module) => ({ default: module.ClosuresRoute })));
const RoomsRoute = lazy(() => import("./routes/rooms.tsx").then((module) => ({ default: module.RoomsRoute })));
const WaitlistRoute = lazy(() => import("./routes/waitlist.tsx").then((module) => ({ default: module.WaitlistRoute })));
const CalendarRoute = lazy(() => import("./routes/calendar.tsx").then((module) => ({ default: module.CalendarRoute })));
const OnCallRoute = lazy(() => import("./routes/on-call.tsx").then((module) => ({ default: module.OnCallRoute })));
const TransferRoute = lazy(() => import("./routes/transfer.tsx").then((module) => ({ default: module.TransferRoute })));
const MissedVisitsRoute = lazy(() => import("./routes/missed-visits.tsx").then((module) => ({ default: module.MissedVisitsRoute })));
const Invitation = lazy(() => import("./shell/Invitation.tsx").then((module) => ({ default: module.Invitation })));

/** The doctor console. Signed in: the pages. Session ended: the page stays, hidden, under a sign-in. */
export function App() {
  const session = useSession();
  // The account whose page is kept while its session has ended; gone at sign-out or when somebody else signs in.
  const [kept, setKept] = createSignal<Me | undefined>();
  // An invitation link stands before everything else, whoever is signed in on this machine.
  const [invitation, setInvitation] = createSignal(takeInvitation());
  const another = () => setInvitation((before) => takeInvitation() ?? before);
  addEventListener("hashchange", another);
  onCleanup(() => removeEventListener("hashchange", another));
  createEffect(() => {
    const me = session.me();
    if (!me) return;
    // Signed in just now, not found signed in by a reload: what was idle or locked before does not count.
    if (untrack(session.state) === "signedOut") forgetLock();
    setKept((before) => (before?.accountId === me.accountId ? before : me));
    setDensity(me.preferences.density === "compact" ? "compact" : "comfortable");
  });
  return (
    <>
      <SkipLink />
      <LiveRegion />
      <Switch>
        <Match when={invitation() !== undefined}>
          <Suspense>
            <Show when={{ secret: invitation() ?? "" }} keyed>
              {({ secret }) => (
                <Invitation
                  secret={secret}
                  onLeave={() => {
                    history.replaceState(null, "", base);
                    setInvitation(undefined);
                  }}
                />
              )}
            </Show>
          </Suspense>
        </Match>
        <Match when={kept()} keyed>
          {(me) => (
            <Show when={consoleRoles(me).length > 0} fallback={<NoRole />}>
              <ConsoleProvider me={me}>
                <Lockable onLeave={() => setKept(undefined)}>
                  <Shell me={me} onLeave={() => setKept(undefined)} />
                </Lockable>
              </ConsoleProvider>
            </Show>
          )}
        </Match>
        <Match when={session.state() === "signedOut"}>
          <SignInPage />
        </Match>
      </Switch>
    </>
  );
}

function SignInPage() {
  createEffect(() => {
    document.title = `${t("signIn.title")} · ${tc("app.name")}`;
  });
  return (
    <main id="main" tabindex="-1" class="c-signin-page">
      <Logo size={40} />
      <SignIn />
    </main>
  );
}

function NoRole() {
  const session = useSession();
  return (
    <main id="main" tabindex="-1" class="c-signin-page">
      <div class="c-signin">
        <h1>{t("signIn.noRole")}</h1>
        <a class="btn" href="/" target="_self">
          {t("signIn.patientApp")}
        </a>
        <Button variant="secondary" onClick={() => void session.signOut().then(() => location.reload())}>
          {t("signIn.otherAccount")}
        </Button>
      </div>
    </main>
  );
}

/** The pages, or the lock screen in their place. A session that ends while locked leaves a plain sign-in. */
function Lockable(props: { onLeave: () => void; children: JSX.Element }) {
  const session = useSession();
  const { lock } = useConsole();
  createEffect(() => {
    if (session.state() !== "signedOut" || !lock?.locked()) return;
    forgetLock();
    props.onLeave();
  });
  return (
    <Show when={lock?.locked()} fallback={props.children}>
      <LockScreen onUnlock={() => lock?.unlock()} />
    </Show>
  );
}

function Shell(props: { me: Me; onLeave: () => void }) {
  const session = useSession();
  const { alerts } = useConsole();
  const [ended, setEnded] = createSignal(false);
  createEffect(() => {
    if (session.state() === "signedOut") setEnded(true);
    else if (session.state() === "signedIn" && ended()) {
      setEnded(false);
      alerts?.restart();
    }
  });
  return (
    <>
      <div class="c-shell" inert={ended()} data-ended={ended() ? "" : undefined}>
        <Router base={base} root={Root}>
          <Route path="/" component={Home} />
          <Route path="/alerts/:id?" component={AlertsRoute} />
          <Route path="/patients" component={PatientsRoute} />
          <Route path="/patients/devices" component={DevicesRoute} />
          <Route path="/patients/:id" component={PatientRoute} />
          <Route path="/agenda" component={AgendaRoute} />
          <Route path="/floor" component={FloorRoute} />
          <Route path="/rules" component={RulesRoute} />
          <Route path="/rules/new" component={NewRuleRoute} />
          <Route path="/rules/patients" component={PatientRulesRoute} />
          <Route path="/rules/load" component={AlarmLoadRoute} />
          <Route path="/rules/groups" component={GroupsRoute} />
          <Route path="/rules/:id" component={RuleRoute} />
          <Route path="/analytics" component={AnalyticsRoute} />
          <Route path="/system" component={SystemRoute} />
          <Route path="/system/data" component={SystemDataRoute} />
          <Route path="/system/members" component={MembersRoute} />
          <Route path="/settings" component={SettingsRoute} />
          <Route path="/settings/practice" component={PracticeRoute} />
          <Route path="/settings/absences" component={AbsencesRoute} />
          <Route path="/settings/closures" component={ClosuresRoute} />
          <Route path="/settings/transfer" component={TransferRoute} />
          <Route path="/settings/missed-visits" component={MissedVisitsRoute} />
          <Route path="/settings/rooms" component={RoomsRoute} />
          <Route path="/settings/waitlist" component={WaitlistRoute} />
          <Route path="/settings/calendar" component={CalendarRoute} />
          <Route path="/settings/on-call" component={OnCallRoute} />
          <Route path="*" component={NotFound} />
        </Router>
      </div>
      <Show when={ended()}>
        <div class="dialog-overlay" />
        <div class="dialog-place">
          <div class="dialog" role="dialog" aria-modal="true" aria-label={t("signIn.again")}>
            <SignIn email={props.me.email} onOtherAccount={() => props.onLeave()} />
          </div>
        </div>
      </Show>
    </>
  );
}

function Home() {
  const { roles } = useConsole();
  return <Navigate href={homeOf(roles())} />;
}

function NotFound() {
  return (
    <ConsolePage title={tc("problem.not-found")}>
      <p>
        <a href={base}>{t("nav.home")}</a>
      </p>
    </ConsolePage>
  );
}

function Root(props: RouteSectionProps) {
  const { roles } = useConsole();
  const location = useLocation();
  return (
    <>
      <Rail />
      <div class="c-page">
        <ErrorBoundary fallback={<Crashed />}>
          <Suspense fallback={<div class="c-wait" aria-busy="true" />}>
            <Show when={mayOpen(location.pathname.slice(base.length), roles())} fallback={<NotFound />}>
              {props.children}
            </Show>
          </Suspense>
        </ErrorBoundary>
      </div>
    </>
  );
}

function Crashed() {
  return (
    <main class="c-main" id="main" tabindex="-1">
      <p>{tc("app.crashed")}</p>
      <Button onClick={() => location.reload()}>{tc("app.reload")}</Button>
    </main>
  );
}
