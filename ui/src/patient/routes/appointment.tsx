import { type Appointment, getAppointment } from "@episante/contracts/appointment";
import type { AnswerOf } from "@episante/contracts/endpoint";
import { inbox } from "@episante/contracts/notification";
import { A, useParams } from "@solidjs/router";
import { createMemo, createSignal, For, Show } from "solid-js";
import { Banner } from "../../shared/components/Banner.tsx";
import { Icon } from "../../shared/components/Icon.tsx";
import { Page } from "../../shared/components/Page.tsx";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { tc } from "../../shared/i18n/common.ts";
import { call } from "../../shared/lib/call.ts";
import { dateTime } from "../../shared/lib/format.ts";
import { createInterval, createLoad } from "../../shared/lib/load.ts";
import { serverNow } from "../../shared/lib/server-clock.ts";
import type { Me } from "../../shared/lib/session.ts";
import { RequireSession } from "../features/account/RequireSession.tsx";
import { doctorOf, reasonsOf } from "../features/directory.ts";
import { useActing } from "../features/shell/acting.ts";
import { MainFrame } from "../features/shell/Shell.tsx";
import { CalendarLink } from "../features/visits/CalendarLink.tsx";
import { CancelVisit, isLate, isMovable, isOpen, LateCancel } from "../features/visits/CancelVisit.tsx";
import { Guidance } from "../features/visits/Guidance.tsx";
import { History } from "../features/visits/History.tsx";
import { MoveLink } from "../features/visits/MoveLink.tsx";
import { NotifyMe } from "../features/visits/NotifyMe.tsx";
import { Policy } from "../features/visits/Policy.tsx";
import { VisitCard } from "../features/visits/VisitCard.tsx";
import { t } from "../i18n/t.ts";
import { tv } from "../i18n/visit-texts.ts";

export function AppointmentRoute() {
  return (
    <MainFrame>
      <RequireSession title={t("visit.confirmed")}>{(me) => <Visit me={me} />}</RequireSession>
    </MainFrame>
  );
}

function Visit(props: { me: Me }) {
  const params = useParams();
  const visit = createLoad(
    () => params.id as Appointment["id"],
    (id, signal) => call(getAppointment, { params: { id }, signal }),
    { keep: false },
  );
  return (
    <Show
      when={visit.value()}
      fallback={
        <Page title={visit.problem() ? t("gone.title") : tc("app.loading")} headingClass={visit.problem() ? "" : "sr"}>
          <Show when={visit.problem()}>
            {(problem) => <ProblemBanner problem={problem()} class="mt-4" onRetry={() => void visit.reload()} />}
          </Show>
        </Page>
      }
    >
      {(known) => <Known visit={known()} me={props.me} onChange={visit.set} />}
    </Show>
  );
}

function Known(props: { visit: Appointment; me: Me; onChange: (visit: Appointment) => void }) {
  const { nameOf } = useActing();
  const doctor = createLoad(() => props.visit.doctorId, doctorOf);
  const reasons = createLoad(() => props.visit.doctorId, reasonsOf);
  const reason = () => reasons.value()?.find((entry) => entry.id === props.visit.reasonId);
  const cancelled = () => props.visit.status === "cancelled";
  const past = () => !cancelled() && Date.parse(props.visit.end) <= serverNow();
  const isOwn = () => props.visit.patientId === props.me.patientId;
  const title = () => {
    if (cancelled()) return t("visit.cancelled");
    if (past()) return t("visit.past");
    return props.visit.movedFrom ? tv("moved") : t("visit.confirmed");
  };
  const subtitle = () =>
    cancelled() && props.visit.cancelledAt
      ? cancelledText(props.visit, isOwn())
      : t("visit.for", { name: nameOf(props.visit.patientId) ?? props.me.displayName });
  const route = () => {
    const known = doctor.value();
    return known ? `https://www.openstreetmap.org/?mlat=${known.lat}&mlon=${known.lng}#map=17/${known.lat}/${known.lng}` : "#";
  };
  return (
    <Page
      title={title()}
      heading={
        <span class="done">
          <span class="tick" data-off={cancelled() || past() ? "" : undefined} aria-hidden="true">
            <Icon name={cancelled() ? "close" : "check"} size={26} />
          </span>
          <span>
            <span class="block">{title()}</span>
            <span class="block muted small font-normal leading-normal tracking-normal mt-1">{subtitle()}</span>
          </span>
        </span>
      }
    >
      <div class="cols mt-6">
        <div class="stack">
          <Show when={!cancelled() && props.visit.movedFrom}>
            {(from) => (
              <Banner tone="notice">
                <p>
                  {tv("movedFrom", {
                    at: dateTime(from().at, props.visit.zone),
                    from: dateTime(from().start, props.visit.zone),
                  })}
                </p>
              </Banner>
            )}
          </Show>
          <VisitCard
            start={props.visit.start}
            end={props.visit.end}
            zone={props.visit.zone}
            doctor={doctor.value()}
            reason={reason()}
            past={cancelled() || past()}
          >
            <Show when={isOpen(props.visit)}>
              <Show when={isMovable(props.visit) || !isLate(props.visit)}>
                <div class="acts">
                  <Show when={isMovable(props.visit)}>
                    <MoveLink visit={props.visit} />
                  </Show>
                  <Show when={!isLate(props.visit)}>
                    <CancelVisit visit={props.visit} onCancelled={props.onChange} />
                  </Show>
                </div>
              </Show>
              <Show when={isLate(props.visit)}>
                <div class="border-t border-line p-4">
                  <LateCancel visit={props.visit} doctor={doctor.value()} />
                </div>
              </Show>
            </Show>
          </VisitCard>
          <Show
            when={isOpen(props.visit)}
            fallback={
              <A class="btn" data-variant="secondary" href={`/doctors/${props.visit.doctorId}`}>
                <Icon name="calendar" />
                {t("visit.again")}
              </A>
            }
          >
            <div class="grid gap-2">
              <CalendarLink visit={props.visit} />
              <a class="btn" data-variant="secondary" data-wide href={route()} target="_blank" rel="noreferrer">
                <Icon name="route" />
                {t("visit.route")}
              </a>
              <Show when={!isLate(props.visit)}>
                <NotifyMe doctorId={props.visit.doctorId} reasonId={props.visit.reasonId} visitId={props.visit.id} />
              </Show>
              <Show when={isOwn()}>
                <A class="quiet justify-self-start -ml-3" href="/appointments/calendar">
                  {tv("feedLink")}
                  <Icon name="right" size={18} />
                </A>
              </Show>
            </div>
          </Show>
        </div>
        <aside>
          <Show when={isOpen(props.visit)}>
            <Guidance reason={reason()} heading={tv("before")} class="mb-8" />
            <section class="mb-8" aria-labelledby="policy">
              <h2 id="policy" class="mb-3">
                {tv("policy")}
              </h2>
              <Policy visit={props.visit} />
            </section>
          </Show>
          <Messages visit={props.visit} me={props.me} />
          <History visit={props.visit} isOwn={isOwn()} />
        </aside>
      </div>
    </Page>
  );
}

/** Who cancelled, when and why. Of a relative's visit "the patient" is not the reader. */
function cancelledText(visit: Appointment, isOwn: boolean): string {
  const when = dateTime(visit.cancelledAt ?? visit.start, visit.zone);
  const { cancelledBy: by } = visit;
  const who = by === undefined || (by === "patient" && !isOwn) ? tv("cancelledOn", { when }) : tv(`cancelledBy.${by}`, { when });
  return visit.cancelReason ? `${who} ${tv("cancelReason", { reason: visit.cancelReason })}` : who;
}

type Message = AnswerOf<typeof inbox>["items"][number];

/** What was sent about this visit. Asked again every 2 s until the mail has left, for at most a minute. */
function Messages(props: { visit: Appointment; me: Me }) {
  const [asked, setAsked] = createSignal(0);
  const messages = createLoad(
    () => `${asked()}|${props.visit.status}`,
    () => call(inbox, { query: { about: "visits", limit: 50 } }),
  );
  // Messages about visits that were left out are not listed at all.
  const mine = createMemo(() =>
    (messages.value()?.items ?? []).flatMap((message) =>
      message.appointmentId === props.visit.id && message.status !== "skipped" ? [{ ...message, status: message.status }] : [],
    ),
  );
  const settled = () => mine().length > 0 && mine().every((message) => message.status !== "queued");
  createInterval(() => {
    if (!settled() && asked() < 30) setAsked(asked() + 1);
  }, 2_000);
  const name = (message: Message) => {
    if (/move/.test(message.template)) return tv("mailMoved");
    if (/cancel/.test(message.template)) return t("visit.mailCancellation");
    return /book|confirm/.test(message.template) ? t("visit.mailConfirmation") : t("visit.mailOther");
  };
  return (
    <section aria-labelledby="messages">
      <h2 id="messages" class="mb-3">
        {t("visit.messages")}
      </h2>
      <div class="card" role="status">
        <Show when={mine().length > 0} fallback={<p class="small muted">{t("visit.mail.none")}</p>}>
          <ul class="sent">
            <For each={mine()}>
              {(message) => (
                <li>
                  <Icon name="mail" />
                  <span>{name(message)}</span>
                  <em data-done={message.status === "sent" ? "" : undefined}>{t(`visit.mail.${message.status}`)}</em>
                </li>
              )}
            </For>
          </ul>
        </Show>
        <Show when={props.me.demo}>
          <A class="more" href="/mail">
            {t("visit.mail.demo")}
            <Icon name="right" size={18} />
          </A>
        </Show>
      </div>
    </section>
  );
}
