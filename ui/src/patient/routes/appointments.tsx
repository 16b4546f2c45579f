import { type Appointment, listAppointments } from "@episante/contracts/appointment";
import { A, useSearchParams } from "@solidjs/router";
import { createMemo, createSignal, For, Show } from "solid-js";
import { Icon } from "../../shared/components/Icon.tsx";
import { Page } from "../../shared/components/Page.tsx";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { Skeleton } from "../../shared/components/Waiting.tsx";
import { type CallResult, call } from "../../shared/lib/call.ts";
import { capital, dateDay, dateTime, dayNumber, machineTime, monthShort, time } from "../../shared/lib/format.ts";
import { createLoad } from "../../shared/lib/load.ts";
import { serverNow } from "../../shared/lib/server-clock.ts";
import { RequireSession } from "../features/account/RequireSession.tsx";
import { doctorName, doctorOf, reasonName, reasonsOf } from "../features/directory.ts";
import { useActing } from "../features/shell/acting.ts";
import { MainFrame } from "../features/shell/Shell.tsx";
import { CalendarLink } from "../features/visits/CalendarLink.tsx";
import { CancelVisit, isLate, isMovable, isOpen, LateCancel } from "../features/visits/CancelVisit.tsx";
import { createWaitlist } from "../features/visits/create-waitlist.ts";
import { MoveLink } from "../features/visits/MoveLink.tsx";
import { WaitlistEntries } from "../features/visits/WaitlistEntries.tsx";
import { WaitlistOffers } from "../features/visits/WaitlistOffers.tsx";
import { t } from "../i18n/t.ts";
import { tv } from "../i18n/visit-texts.ts";
import { tw } from "../i18n/waitlist-texts.ts";

export function AppointmentsRoute() {
  return (
    <MainFrame>
      <RequireSession title={t("nav.myAppointments")}>{() => <Visits />}</RequireSession>
    </MainFrame>
  );
}

/** All pages of the own list, or of the relative's who is acted for: a person's visits are few. */
async function allVisits(patientId: Appointment["patientId"] | undefined, signal: AbortSignal): Promise<CallResult<Appointment[]>> {
  const items: Appointment[] = [];
  let cursor: string | undefined;
  do {
    const result = await call(listAppointments, {
      query: { limit: 200, ...(patientId ? { patientId } : {}), ...(cursor ? { cursor } : {}) },
      signal,
    });
    if (!result.ok) return result;
    items.push(...result.value.items);
    cursor = result.value.next;
  } while (cursor && items.length < 2000);
  return { ok: true, value: items };
}

function Visits() {
  const [query] = useSearchParams();
  const waitlist = createWaitlist();
  const tab = () => (query.tab === "waitlist" ? "waitlist" : "visits");
  const count = () => waitlist.value()?.items.length ?? 0;
  const [version] = createSignal(0);
  const { acting } = useActing();
  const visits = createLoad(version, (_, signal) => allVisits(acting()?.patientId, signal));
  const byStart = (sign: 1 | -1) => (a: Appointment, b: Appointment) => sign * (Date.parse(a.start) - Date.parse(b.start));
  const isUpcoming = (visit: Appointment) => visit.status !== "cancelled" && Date.parse(visit.end) > serverNow();
  const upcoming = createMemo(() => (visits.value() ?? []).filter(isUpcoming).sort(byStart(1)));
  const past = createMemo(() => (visits.value() ?? []).filter((visit) => !isUpcoming(visit)).sort(byStart(-1)));
  const replace = (changed: Appointment) => visits.set((visits.value() ?? []).map((visit) => (visit.id === changed.id ? changed : visit)));
  return (
    <Page title={t("nav.myAppointments")}>
      <nav class="flex flex-wrap mt-2 -ml-3" aria-label={tw("tabs.label")}>
        <a class="quiet plain" href="/appointments" aria-current={tab() === "visits" ? "page" : undefined}>
          {tw("tabs.visits")}
        </a>
        <a class="quiet plain" href="/appointments?tab=waitlist" aria-current={tab() === "waitlist" ? "page" : undefined}>
          {tw("tabs.waitlist")}
          <Show when={count() > 0}>
            <span aria-hidden="true">{count()}</span>
            <span class="sr">{`, ${tw("tabs.count", { n: count() })}`}</span>
          </Show>
        </a>
      </nav>
      <WaitlistOffers
        offered={waitlist.offered()}
        onAnswer={() => {
          void waitlist.reload();
          void visits.reload();
        }}
      />
      <Show when={tab() === "waitlist"} fallback={<VisitLists />}>
        <Show when={waitlist.problem()}>
          {(problem) => <ProblemBanner problem={problem()} class="mt-4" onRetry={() => void waitlist.reload()} />}
        </Show>
        <Show when={waitlist.value()}>{(list) => <WaitlistEntries entries={list().items} onLeave={() => void waitlist.reload()} />}</Show>
      </Show>
    </Page>
  );

  function VisitLists() {
    return (
      <>
        <Show when={visits.problem()}>
          {(problem) => <ProblemBanner problem={problem()} class="mt-4" onRetry={() => void visits.reload()} />}
        </Show>
        <section class="section" aria-labelledby="upcoming">
          <h2 id="upcoming">{t("visits.upcoming")}</h2>
          <Show when={visits.waiting()}>
            <Skeleton class="h-40" />
          </Show>
          <Show when={visits.value()}>
            <Show
              when={upcoming().length > 0}
              fallback={
                <div class="card empty">
                  <Icon name="calendar" size={32} />
                  <p>{t("visits.noneUpcoming")}</p>
                  <A class="btn" href="/">
                    {t("visits.book")}
                  </A>
                </div>
              }
            >
              <ul class="card rows">
                <For each={upcoming()}>{(visit) => <Row visit={visit} onChange={replace} />}</For>
              </ul>
              <div class="flex flex-wrap items-center gap-x-4 gap-y-2 mt-4">
                <A class="btn" data-variant="secondary" href="/">
                  <Icon name="plus" />
                  {t("visits.book")}
                </A>
                <Show when={!acting()}>
                  <A class="quiet" href="/appointments/calendar">
                    <Icon name="calendar" />
                    {tv("feedLink")}
                  </A>
                </Show>
              </div>
            </Show>
          </Show>
        </section>
        <Show when={visits.value()}>
          <section class="section" aria-labelledby="past">
            <h2 id="past">{t("visits.past")}</h2>
            <Show when={past().length > 0} fallback={<p class="muted">{t("visits.nonePast")}</p>}>
              <ul class="card rows">
                <For each={past()}>{(visit) => <Row visit={visit} onChange={replace} />}</For>
              </ul>
            </Show>
          </section>
        </Show>
      </>
    );
  }
}

function Row(props: { visit: Appointment; onChange: (visit: Appointment) => void }) {
  const doctor = createLoad(() => props.visit.doctorId, doctorOf);
  const reasons = createLoad(() => props.visit.doctorId, reasonsOf);
  const reason = () => reasons.value()?.find((entry) => entry.id === props.visit.reasonId);
  const when = () => dateTime(props.visit.start, props.visit.zone);
  const state = () => {
    if (!isOpen(props.visit) || props.visit.status === "pending") return t(`status.${props.visit.status}`);
    return props.visit.movedFrom ? tv("wasMoved") : "";
  };
  return (
    <li class="rowline">
      <div class="flex items-center gap-4 basis-72">
        <span class="leaf" data-past={isOpen(props.visit) ? undefined : ""} aria-hidden="true">
          <i>{monthShort(props.visit.start, props.visit.zone)}</i>
          <b>{dayNumber(props.visit.start, props.visit.zone)}</b>
        </span>
        <div class="min-w-0">
          <h3 class="!text-18 !text-ink">
            <time datetime={machineTime(props.visit.start, props.visit.zone)}>
              {`${capital(dateDay(props.visit.start, props.visit.zone))}, ${time(props.visit.start, props.visit.zone)}`}
            </time>
          </h3>
          <p>
            <Show when={doctor.value()} fallback={"\u00a0"}>
              {(known) => doctorName(known())}
            </Show>
          </p>
          <p class="small muted">{[reasonName(reason()), state()].filter(Boolean).join(" · ")}</p>
        </div>
      </div>
      <div class="acts">
        <Show when={isMovable(props.visit)}>
          <MoveLink visit={props.visit} />
        </Show>
        <Show when={isOpen(props.visit) && !isLate(props.visit)}>
          <CancelVisit visit={props.visit} onCancelled={props.onChange} />
        </Show>
        <Show when={isOpen(props.visit)}>
          <CalendarLink visit={props.visit} quiet />
        </Show>
        <A class="quiet" href={`/appointments/${props.visit.id}`}>
          {t("visit.details")}
          <span class="sr">{` ${t("visit.detailsOf", { when: when() })}`}</span>
          <Icon name="right" size={18} />
        </A>
      </div>
      <Show when={isLate(props.visit)}>
        <div class="w-full pb-1">
          <LateCancel visit={props.visit} doctor={doctor.value()} />
        </div>
      </Show>
    </li>
  );
}
