import { getHold } from "@episante/contracts/appointment";
import { useNavigate, useParams, useSearchParams } from "@solidjs/router";
import { createEffect, createSignal, Match, on, onCleanup, onMount, Show, Switch } from "solid-js";
import { Banner } from "../../shared/components/Banner.tsx";
import { Button } from "../../shared/components/Button.tsx";
import { Icon } from "../../shared/components/Icon.tsx";
import { announce } from "../../shared/components/LiveRegion.tsx";
import { Page } from "../../shared/components/Page.tsx";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { Spinner } from "../../shared/components/Waiting.tsx";
import { type CallProblem, call } from "../../shared/lib/call.ts";
import { dateTime } from "../../shared/lib/format.ts";
import { keepFocus } from "../../shared/lib/keep-focus.ts";
import { createLoad } from "../../shared/lib/load.ts";
import { serverNow } from "../../shared/lib/server-clock.ts";
import { useSession } from "../../shared/lib/session.ts";
import { SignIn } from "../features/account/SignIn.tsx";
import { createBooking, giveBack, takeHold } from "../features/booking/create-booking.ts";
import { ForWhom } from "../features/booking/ForWhom.tsx";
import { type Hold, HoldPanel } from "../features/booking/HoldPanel.tsx";
import { alternativesOf, type Intent, intentQuery, readIntent, timesLink } from "../features/booking/intent.ts";
import { SlotTaken } from "../features/booking/SlotTaken.tsx";
import { doctorOf, phoneText, reasonsOf } from "../features/directory.ts";
import { useActing } from "../features/shell/acting.ts";
import { FlowHeader } from "../features/shell/Shell.tsx";
import { VisitCard } from "../features/visits/VisitCard.tsx";
import { t } from "../i18n/t.ts";
import { NotFound } from "./not-found.tsx";

/** `/book?…`: a chosen time, before it is held. Signs in or registers here, then holds. `/book/:holdId?…`: verify and confirm. */
export function BookRoute() {
  const params = useParams();
  const [query] = useSearchParams();
  const intent = () => readIntent(query);
  return (
    <Show when={intent()} fallback={<NotFound />}>
      {(wanted) => <Booking intent={wanted()} holdId={params.holdId as Hold["id"] | undefined} />}
    </Show>
  );
}

function Booking(props: { intent: Intent; holdId: Hold["id"] | undefined }) {
  const navigate = useNavigate();
  const session = useSession();
  const { acting } = useActing();
  const doctor = createLoad(() => props.intent.doctorId, doctorOf);
  const reasons = createLoad(() => props.intent.doctorId, reasonsOf);
  const reason = () => reasons.value()?.find((entry) => entry.id === props.intent.reasonId);
  const [held, setHeld] = createSignal<Hold>();
  const [expired, setExpired] = createSignal(false);
  const [working, setWorking] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  const booking = createBooking();
  /** Booked, or given back: nothing more to release. */
  let settled = false;
  const isPatient = () => session.state() === "signedIn" && session.me()?.patientId !== undefined;
  const zone = () => held()?.zone ?? doctor.value()?.zone ?? "Europe/Paris";

  const cancelUntil = (hours: number) => Date.parse(held()?.start ?? props.intent.start) - hours * 3_600_000;

  /** Takes the wanted time, or another one offered instead, and shows it under its own address. */
  async function take(intent: Intent): Promise<void> {
    setWorking(true);
    const result = await takeHold(intent);
    setWorking(false);
    if (!result.ok) {
      setProblem(result.problem);
      return;
    }
    setProblem(undefined);
    setExpired(false);
    setHeld(result.value);
    navigate(`/book/${result.value.id}${intentQuery(intent)}`, { replace: true });
    // The button that was pressed is gone with the refusal: the step is read anew from its heading.
    keepFocus(() => document.querySelector("h1"));
  }

  /** An address with a hold: after a reload it may be gone, then the same time is asked for again. */
  async function recall(id: Hold["id"]): Promise<void> {
    if (held()?.id === id) return;
    setWorking(true);
    const result = await call(getHold, { params: { id } });
    setWorking(false);
    if (result.ok) setHeld(result.value);
    else if (result.problem.code === "not-found" || result.problem.code === "hold-expired") await take(props.intent);
    else setProblem(result.problem);
  }
  createEffect(
    on(isPatient, (ready) => {
      if (!ready) return;
      void (props.holdId ? recall(props.holdId) : take(props.intent));
    }),
  );

  function release(): void {
    const current = held();
    if (current && !settled && !expired()) giveBack(current.id);
    settled = true;
  }
  onMount(() => addEventListener("pagehide", release));
  onCleanup(() => {
    removeEventListener("pagehide", release);
    release();
  });

  async function confirm(): Promise<void> {
    const current = held();
    if (!current || settled) return;
    setProblem(undefined);
    const result = await booking.confirm(current.id, acting()?.patientId);
    if (result.ok) {
      settled = true;
      navigate(`/appointments/${result.value.id}`, { replace: true, state: { booked: true } });
      return;
    }
    if (result.problem.code === "hold-expired") expire();
    else setProblem(result.problem);
  }

  /** The time is over: seen by the countdown, or heard from the server by a page that slept. */
  function expire(): void {
    announce(t("hold.expired"));
    setExpired(true);
  }

  /** Before the session is known there is a heading only, that of the likelier page: an address with a hold is a reload under it. */
  const mayBook = () => isPatient() || (session.state() === "unknown" && props.holdId !== undefined);
  const title = () => (mayBook() ? t("book.verify") : t("book.identify"));
  return (
    <>
      <FlowHeader back={timesLink(props.intent)} backText={t("nav.slots")} phone={doctor.value()?.phone} />
      <Page title={title()} above={<p class="stepno">{t("book.step")}</p>} class="verify">
        <Show when={session.state() !== "unknown"}>
          <div class="cols mt-5">
            <div>
              <Switch>
                <Match when={session.state() === "signedOut"}>
                  <p class="muted mb-4">{t("sign.why")}</p>
                  <SignIn onDone={() => undefined} initial="in" />
                </Match>
                <Match when={session.state() === "signedIn" && !isPatient()}>
                  <Banner tone="warning">
                    <p>{t("book.notPatient")}</p>
                    <Button variant="quiet" icon="out" class="-ml-3" onClick={() => void session.signOut()}>
                      {t("book.signOutFirst")}
                    </Button>
                  </Banner>
                </Match>
                <Match when={isPatient()}>
                  <Show when={problem()}>
                    {(refusal) => (
                      <Show
                        when={refusal().code === "slot-taken"}
                        fallback={
                          <Refused
                            problem={refusal()}
                            onRetry={() => void (held() && !expired() ? confirm() : take(props.intent))}
                            back={timesLink(props.intent)}
                          />
                        }
                      >
                        <SlotTaken
                          alternatives={alternativesOf(refusal().alternatives)}
                          zone={zone()}
                          busy={working()}
                          onChoose={(start) => void take({ ...props.intent, start })}
                        />
                      </Show>
                    )}
                  </Show>
                  <ForWhom />
                  <section class="section" aria-labelledby="messages">
                    <h2 id="messages">{t("book.messages")}</h2>
                    <p class="small muted">{t("book.mailTo", { email: session.me()?.email ?? "" })}</p>
                    <p class="note">
                      <Icon name="lock" />
                      <span>{t("book.privacy")}</span>
                    </p>
                  </section>
                  <Show when={reason()}>
                    {(wanted) => (
                      <section class="section" aria-labelledby="hindered">
                        <h2 id="hindered">{t("book.hindered")}</h2>
                        <p class="small muted narrow">
                          {cancelUntil(wanted().cancelHours) > serverNow()
                            ? t("book.cancelUntil", { until: dateTime(cancelUntil(wanted().cancelHours), zone()) })
                            : t("book.cancelOver", { phone: phoneText(doctor.value()?.phone ?? "") })}
                        </p>
                      </section>
                    )}
                  </Show>
                </Match>
              </Switch>
            </div>
            <aside class="stack">
              <Show when={mayBook()}>
                <Switch fallback={<div class="hold min-h-[9.6rem]">{working() ? <Spinner text={t("book.holding")} /> : <span />}</div>}>
                  <Match when={expired()}>
                    <section class="hold" aria-label={t("book.holdTitle")}>
                      <p class="col-span-full">
                        <b>{t("hold.expired")}</b>
                      </p>
                      <Button
                        variant="secondary"
                        class="col-span-full mt-2"
                        busy={working()}
                        busyText={t("hold.retaking")}
                        onClick={() => void take(props.intent)}
                      >
                        {t("hold.retake")}
                      </Button>
                    </section>
                  </Match>
                  <Match when={held()}>{(current) => <HoldPanel hold={current()} onExtended={setHeld} onExpired={expire} />}</Match>
                </Switch>
              </Show>
              <section aria-label={t("book.visit")}>
                <VisitCard
                  start={held()?.start ?? props.intent.start}
                  end={held()?.end ?? new Date(Date.parse(props.intent.start) + (reason()?.minutes ?? 20) * 60_000).toISOString()}
                  zone={zone()}
                  doctor={doctor.value()}
                  reason={reason()}
                />
              </section>
            </aside>
          </div>
        </Show>
      </Page>
      <Show when={mayBook()}>
        <section class="bar inline" aria-label={t("book.confirm")}>
          <div class="wrap">
            <Button
              wide
              busy={booking.busy()}
              busyText={t("book.confirming")}
              unavailable={!held() || expired()}
              onClick={() => void confirm()}
            >
              {t("book.confirm")}
            </Button>
          </div>
        </section>
      </Show>
    </>
  );
}

function Refused(props: { problem: CallProblem; onRetry: () => void; back: string }) {
  const choosable = () => props.problem.code === "slot-in-past" || props.problem.code === "slot-outside-hours";
  return (
    <div class="mb-5">
      <ProblemBanner problem={props.problem} {...(choosable() ? {} : { onRetry: props.onRetry })} />
      <a class="quiet -ml-3" href={props.back}>
        <Icon name="calendar" />
        {t("hold.otherTime")}
      </a>
    </div>
  );
}
