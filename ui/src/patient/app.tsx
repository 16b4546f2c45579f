import { Route, Router } from "@solidjs/router";
import { ErrorBoundary, type JSX, lazy } from "solid-js";
import { Button } from "../shared/components/Button.tsx";
import { tc } from "../shared/i18n/common.ts";
import { Shell } from "./features/shell/Shell.tsx";
import { AppointmentRoute } from "./routes/appointment.tsx";
import { AppointmentsRoute } from "./routes/appointments.tsx";
import { BookRoute } from "./routes/book.tsx";
import { DoctorRoute } from "./routes/doctor.tsx";
import { NotFound } from "./routes/not-found.tsx";
import { SearchRoute } from "./routes/search.tsx";
import { SignInRoute } from "./routes/sign-in.tsx";

const later = {
  calendar: lazy(() => import("./routes/calendar.tsx").then((module) => ({ default: module.CalendarRoute }))),
  link: lazy(() => import("./routes/link.tsx").then((module) => ({ default: module.LinkRoute }))),
  move: lazy(() => import("./routes/move.tsx").then((module) => ({ default: module.MoveRoute }))),
  account: lazy(() => import("./routes/account.tsx").then((module) => ({ default: module.AccountRoute }))),
  devices: lazy(() => import("./routes/devices.tsx").then((module) => ({ default: module.DevicesRoute }))),
  relatives: lazy(() => import("./routes/relatives.tsx").then((module) => ({ default: module.RelativesRoute }))),
  mail: lazy(() => import("./routes/mail.tsx").then((module) => ({ default: module.MailRoute }))),
  waitlist: lazy(() => import("./routes/waitlist.tsx").then((module) => ({ default: module.WaitlistRoute }))),
  vitals: lazy(() => import("./routes/vitals.tsx").then((module) => ({ default: module.VitalsRoute }))),
};

/** The patient app. */
export function App() {
  return (
    <Router root={Root}>
      <Route path="/" component={SearchRoute} />
      <Route path="/doctors/:id" component={DoctorRoute} />
      <Route path="/book/:holdId?" component={BookRoute} />
      <Route path="/appointments" component={AppointmentsRoute} />
      <Route path="/appointments/calendar" component={later.calendar} />
      <Route path="/appointments/:id" component={AppointmentRoute} />
      <Route path="/appointments/:id/move" component={later.move} />
      <Route path="/links/:signed" component={later.link} />
      <Route path="/waitlist" component={later.waitlist} />
      <Route path="/vitals" component={later.vitals} />
      <Route path="/devices" component={later.devices} />
      <Route path="/account" component={later.account} />
      <Route path="/account/relatives" component={later.relatives} />
      <Route path="/mail" component={later.mail} />
      <Route path="/sign-in" component={SignInRoute} />
      <Route path="*" component={NotFound} />
    </Router>
  );
}

/** A defect in a page must not leave an empty screen. */
function Root(props: { children?: JSX.Element }) {
  return (
    <Shell>
      <ErrorBoundary
        fallback={
          <main id="main" class="page">
            <h1>{tc("app.crashed")}</h1>
            <Button class="mt-4" onClick={() => location.reload()}>
              {tc("app.reload")}
            </Button>
          </main>
        }
      >
        {props.children}
      </ErrorBoundary>
    </Shell>
  );
}
