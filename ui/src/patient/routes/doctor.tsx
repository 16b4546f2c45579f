import { useNavigate, useParams, useSearchParams } from "@solidjs/router";
import { createEffect, createMemo, createSignal, For, Show } from "solid-js";
import { Button } from "../../shared/components/Button.tsx";
import { Icon } from "../../shared/components/Icon.tsx";
import { Page } from "../../shared/components/Page.tsx";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { tc } from "../../shared/i18n/common.ts";
import { locale } from "../../shared/i18n/i18n.ts";
import type { CallProblem } from "../../shared/lib/call.ts";
import { capital, dateTime, languageName } from "../../shared/lib/format.ts";
import { createLoad } from "../../shared/lib/load.ts";
import { useSession } from "../../shared/lib/session.ts";
import { takeHold } from "../features/booking/create-booking.ts";
import { type Intent, intentQuery } from "../features/booking/intent.ts";
import { SlotPicker } from "../features/booking/SlotPicker.tsx";
import { SlotRefusal } from "../features/booking/SlotRefusal.tsx";
import { addressOf, type DoctorItem, doctorName, doctorOf, reasonName, reasonsOf, type VisitReason } from "../features/directory.ts";
import { DoctorMark } from "../features/search/DoctorMark.tsx";
import { Fact } from "../features/search/Fact.tsx";
import { PhoneLink } from "../features/search/PhoneLink.tsx";
import { FlowHeader } from "../features/shell/Shell.tsx";
import { Guidance } from "../features/visits/Guidance.tsx";
import { NotifyMe } from "../features/visits/NotifyMe.tsx";
import { t } from "../i18n/t.ts";
import { tv } from "../i18n/visit-texts.ts";

export function DoctorRoute() {
  const params = useParams();
  const id = () => params.id as DoctorItem["id"];
  const doctor = createLoad(id, doctorOf, { keep: false });
  const reasons = createLoad(id, reasonsOf, { keep: false });
  return (
    <>
      <FlowHeader back="/" backText={t("nav.results")} phone={doctor.value()?.phone} />
      <Show
        when={doctor.value()}
        fallback={
          <Page title={doctor.problem() ? t("gone.title") : tc("app.loading")} headingClass={doctor.problem() ? "" : "sr"}>
            <Show when={doctor.problem()}>
              {(problem) => <ProblemBanner problem={problem()} class="mt-4" onRetry={() => void doctor.reload()} />}
            </Show>
          </Page>
        }
      >
        {(known) => (
          <Show when={reasons.value() ?? (reasons.problem() ? [] : undefined)}>
            {(list) => <Profile doctor={known()} reasons={list().filter((reason) => reason.online)} />}
          </Show>
        )}
      </Show>
    </>
  );
}

function Profile(props: { doctor: DoctorItem; reasons: VisitReason[] }) {
  const [query, setQuery] = useSearchParams();
  const navigate = useNavigate();
  const { state, me } = useSession();
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  const [reminded, setReminded] = createSignal(false);
  const reason = createMemo(
    () =>
      props.reasons.find((entry) => entry.id === query.reason) ??
      props.reasons.find((entry) => entry.id === props.doctor.nextReasonId) ??
      props.reasons[0],
  );
  const chosen = () => (typeof query.at === "string" && !Number.isNaN(Date.parse(query.at)) ? query.at : undefined);
  const intent = (start: string): Intent | undefined => {
    const wanted = reason();
    return wanted ? { doctorId: props.doctor.id, reasonId: wanted.id, start } : undefined;
  };
  createEffect(() => {
    if (chosen()) setReminded(false);
  });

  /** Holds the time and goes on; without a session the choice travels to the sign-in step. */
  async function goOn(start: string | undefined): Promise<void> {
    const wanted = start ? intent(start) : undefined;
    if (!wanted) {
      setReminded(true);
      document.querySelector<HTMLElement>(".slots [tabindex='0'], .week [tabindex='0']")?.focus();
      return;
    }
    if (state() !== "signedIn" || !me()?.patientId) {
      navigate(`/book${intentQuery(wanted)}`);
      return;
    }
    setBusy(true);
    const result = await takeHold(wanted);
    setBusy(false);
    if (result.ok) navigate(`/book/${result.value.id}${intentQuery(wanted)}`);
    else if (result.problem.code === "not-signed-in") navigate(`/book${intentQuery(wanted)}`);
    else setProblem(result.problem);
  }
  const choose = (start: string | undefined) => {
    setProblem(undefined);
    setQuery({ at: start ?? null }, { replace: true, scroll: false });
  };

  return (
    <>
      <Page
        title={doctorName(props.doctor)}
        class="profile-page"
        heading={
          <span class="who">
            <DoctorMark doctor={props.doctor} big />
            <span>
              <span class="block">{doctorName(props.doctor)}</span>
              <span class="block muted small font-normal leading-normal tracking-normal">
                {t(`specialty.${props.doctor.specialty}`)} · {t("doctor.sector", { n: props.doctor.sector })}
                <br />
                {props.doctor.clinicName}
              </span>
            </span>
          </span>
        }
      >
        <div class="profile">
          <div class="main">
            <section class="step" aria-labelledby="step-reason">
              <h2 id="step-reason">
                <span class="num" data-done={reason() ? "" : undefined} aria-hidden="true">
                  <Show when={reason()} fallback="1">
                    <Icon name="check" size={18} />
                  </Show>
                </span>
                {t("slot.reason")}
              </h2>
              <Show when={reason()} fallback={<p>{t("slot.reasonNone")}</p>}>
                {(wanted) => (
                  <div class="pick">
                    <b aria-hidden="true">{reasonName(wanted())}</b>
                    <span aria-hidden="true">{t("book.minutesAt", { minutes: tc("minutes", { n: wanted().minutes }) })}</span>
                    <Icon name="down" />
                    <select
                      aria-labelledby="step-reason"
                      value={wanted().id}
                      onChange={(event) => {
                        setProblem(undefined);
                        setQuery({ reason: event.currentTarget.value, at: null }, { replace: true, scroll: false });
                      }}
                    >
                      <For each={props.reasons}>
                        {(entry) => (
                          <option value={entry.id} selected={entry.id === wanted().id}>
                            {`${reasonName(entry)}, ${tc("minutes", { n: entry.minutes })}`}
                          </option>
                        )}
                      </For>
                    </select>
                  </div>
                )}
              </Show>
            </section>
            <Show when={reason()}>
              {(wanted) => (
                <section class="step" aria-labelledby="step-when">
                  <h2 id="step-when">
                    <span class="num" aria-hidden="true">
                      2
                    </span>
                    {t("slot.when")}
                  </h2>
                  <SlotPicker doctor={props.doctor} reason={wanted()} chosen={chosen()} onChoose={choose} />
                </section>
              )}
            </Show>
            <Show when={problem()}>
              {(refusal) => (
                <SlotRefusal
                  problem={refusal()}
                  zone={props.doctor.zone}
                  busy={busy()}
                  onChoose={(start) => {
                    choose(start);
                    void goOn(start);
                  }}
                />
              )}
            </Show>
          </div>
          <div class="aside">
            <About doctor={props.doctor} reason={reason()} />
          </div>
        </div>
      </Page>
      <Show when={reason()}>
        {(wanted) => (
          <section class="bar" aria-label={t("slot.choice")}>
            <div class="wrap choice">
              <p>
                <b data-reminded={reminded() ? "" : undefined}>
                  {chosen() ? capital(dateTime(chosen() ?? "", props.doctor.zone)) : t("slot.choose")}
                </b>
                {chosen() ? t("slot.with", { reason: reasonName(wanted()), name: doctorName(props.doctor) }) : t("slot.chooseHint")}
              </p>
              <Button wide busy={busy()} busyText={t("slot.continuing")} onClick={() => void goOn(chosen())}>
                {t("slot.continue")}
              </Button>
            </div>
          </section>
        )}
      </Show>
    </>
  );
}

function About(props: { doctor: DoctorItem; reason: VisitReason | undefined }) {
  const doctor = () => props.doctor;
  return (
    <>
      <section class="section" aria-labelledby="about">
        <h2 id="about">{t("doctor.about")}</h2>
        <ul class="card facts">
          <Fact icon="pin">
            {doctor().clinicName}
            <br />
            {addressOf(doctor())}
          </Fact>
          <Show when={doctor().wheelchair}>
            <Fact icon="wheelchair">{t("doctor.wheelchair")}</Fact>
          </Show>
          <Show when={doctor().video}>
            <Fact icon="video">{t("doctor.video")}</Fact>
          </Show>
          <Fact icon="user">{t(doctor().acceptsNew ? "doctor.acceptsNew" : "doctor.knownOnly")}</Fact>
          <Fact icon="globe">{capital(doctor().languages.map(languageName).join(", "))}</Fact>
          <Show when={props.reason}>
            {(reason) => (
              <Fact icon="calendar">
                {reason().cancelHours === 0 ? t("doctor.cancelAny") : t("doctor.cancelHours", { n: reason().cancelHours })}
              </Fact>
            )}
          </Show>
        </ul>
      </section>
      <Guidance reason={props.reason} heading={tv("before")} />
      <Show when={doctor().about}>
        {(about) => (
          <section class="section" aria-labelledby="presentation">
            <h2 id="presentation">{t("doctor.presentation")}</h2>
            <p class="small muted">{about()[locale()]}</p>
          </section>
        )}
      </Show>
      <section class="section stack" aria-labelledby="no-slot">
        <h2 id="no-slot" class="!mb-0">
          {t("doctor.noSlot")}
        </h2>
        <PhoneLink doctor={doctor()} look="button" />
        <Show when={props.reason}>{(reason) => <NotifyMe doctorId={doctor().id} reasonId={reason().id} />}</Show>
      </section>
    </>
  );
}
