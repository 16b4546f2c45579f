import { type Appointment, getAppointment } from "@episante/contracts/appointment";
import { moveVisit } from "@episante/contracts/visit";
import { useNavigate, useParams } from "@solidjs/router";
import { createSignal, Match, Show, Switch } from "solid-js";
import { Banner } from "../../shared/components/Banner.tsx";
import { Button } from "../../shared/components/Button.tsx";
import { announce } from "../../shared/components/LiveRegion.tsx";
import { Page } from "../../shared/components/Page.tsx";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { tc } from "../../shared/i18n/common.ts";
import { type CallProblem, call } from "../../shared/lib/call.ts";
import { capital, dateTime } from "../../shared/lib/format.ts";
import { createLoad } from "../../shared/lib/load.ts";
import { serverNow } from "../../shared/lib/server-clock.ts";
import { RequireSession } from "../features/account/RequireSession.tsx";
import { SlotPicker } from "../features/booking/SlotPicker.tsx";
import { SlotRefusal } from "../features/booking/SlotRefusal.tsx";
import { type DoctorItem, doctorName, doctorOf, phoneText, reasonName, reasonsOf, type VisitReason } from "../features/directory.ts";
import { PhoneLink } from "../features/search/PhoneLink.tsx";
import { FlowHeader } from "../features/shell/Shell.tsx";
import { Policy } from "../features/visits/Policy.tsx";
import { choicesAt, isOpenAt, limitsAt, moveKey } from "../features/visits/visit-state.ts";
import { t } from "../i18n/t.ts";
import { tv } from "../i18n/visit-texts.ts";

/** `/appointments/:id/move`: another time of the same doctor, chosen as for a booking. */
export function MoveRoute() {
  const params = useParams();
  const id = () => params.id as Appointment["id"];
  return (
    <>
      <FlowHeader back={`/appointments/${id()}`} backText={tv("back")} />
      <RequireSession title={tv("moveTitle")}>{() => <Loaded id={id()} />}</RequireSession>
    </>
  );
}

function Loaded(props: { id: Appointment["id"] }) {
  const id = () => props.id;
  const visit = createLoad(id, (wanted, signal) => call(getAppointment, { params: { id: wanted }, signal }), { keep: false });
  const doctor = createLoad(() => visit.value()?.doctorId, doctorOf);
  const reasons = createLoad(() => visit.value()?.doctorId, reasonsOf);
  const problem = () => visit.problem() ?? doctor.problem() ?? reasons.problem();
  return (
    <Show
      when={visit.value() && doctor.value() && reasons.value()}
      fallback={
        <Page title={problem() ? t("gone.title") : tc("app.loading")} headingClass={problem() ? "" : "sr"}>
          <Show when={problem()}>
            {(refusal) => <ProblemBanner problem={refusal()} class="mt-4" onRetry={() => void visit.reload()} />}
          </Show>
        </Page>
      }
    >
      <Move
        visit={visit.value() as Appointment}
        doctor={doctor.value() as DoctorItem}
        reason={reasons.value()?.find((entry) => entry.id === visit.value()?.reasonId && entry.online)}
      />
    </Show>
  );
}

function Move(props: { visit: Appointment; doctor: DoctorItem; reason: VisitReason | undefined }) {
  const navigate = useNavigate();
  const [chosen, setChosen] = createSignal<string>();
  const [reminded, setReminded] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  const now = () => capital(dateTime(props.visit.start, props.visit.zone));
  const choices = () => choicesAt(props.visit, serverNow());
  const phone = () => phoneText(props.doctor.phone);

  /** What would count at the chosen time. */
  const limits = () => {
    const start = chosen();
    return start && props.reason ? limitsAt(start, props.reason) : undefined;
  };

  function choose(start: string | undefined): void {
    setProblem(undefined);
    setReminded(false);
    setChosen(start);
  }
  /** The new time or nothing: refused, the visit stays where it is. */
  async function move(start: string | undefined): Promise<void> {
    if (!start) {
      setReminded(true);
      document.querySelector<HTMLElement>(".slots [tabindex='0'], .week [tabindex='0']")?.focus();
      return;
    }
    setBusy(true);
    const result = await call(moveVisit, {
      params: { id: props.visit.id },
      body: { start },
      idempotencyKey: moveKey(props.visit, start),
    });
    setBusy(false);
    if (!result.ok) {
      setProblem(result.problem);
      return;
    }
    announce(tv("movedDone", { when: dateTime(result.value.start, result.value.zone) }));
    navigate(`/appointments/${props.visit.id}`, { replace: true });
  }
  return (
    <>
      <Page
        title={tv("moveTitle")}
        class="profile-page"
        heading={
          <>
            <span class="block">{tv("moveTitle")}</span>
            <span class="block muted small font-normal leading-normal tracking-normal mt-1">{tv("moveLead")}</span>
          </>
        }
      >
        <div class="profile">
          <div class="main">
            <Switch>
              <Match when={!isOpenAt(props.visit, serverNow())}>
                <Banner tone="warning" class="mt-4">
                  <p>{tv("moveNot")}</p>
                </Banner>
              </Match>
              <Match when={!choices().canMove}>
                <Banner tone="warning" class="mt-4">
                  <p>{tv("moveLate", { when: dateTime(choices().moveUntilMs, props.visit.zone), phone: phone() })}</p>
                </Banner>
              </Match>
              <Match when={!props.reason}>
                <Banner tone="warning" class="mt-4">
                  <p>{tv("moveGone", { phone: phone() })}</p>
                </Banner>
              </Match>
              <Match when={props.reason}>
                {(reason) => (
                  <section class="step" aria-labelledby="step-when">
                    <h2 id="step-when">{tv("moveTo")}</h2>
                    <SlotPicker doctor={props.doctor} reason={reason()} chosen={chosen()} onChoose={choose} />
                  </section>
                )}
              </Match>
            </Switch>
            <Show when={problem()}>
              {(refusal) => (
                <>
                  <SlotRefusal
                    problem={refusal()}
                    zone={props.visit.zone}
                    busy={busy()}
                    onChoose={(start) => {
                      choose(start);
                      void move(start);
                    }}
                  />
                  <p role="status">{tv("moveLost", { when: dateTime(props.visit.start, props.visit.zone) })}</p>
                </>
              )}
            </Show>
          </div>
          <div class="aside">
            <section class="section" aria-labelledby="current">
              <h2 id="current">{tv("moveNow")}</h2>
              <div class="card">
                <p class="font-semibold">{now()}</p>
                <p class="small muted">{`${doctorName(props.doctor)} · ${reasonName(props.reason)}`}</p>
              </div>
            </section>
            <section class="section" aria-labelledby="policy">
              <h2 id="policy">{tv("policy")}</h2>
              <Policy visit={props.visit} />
              <Show when={choices().canMove}>
                <p class="small muted narrow mt-2">{tv("policyNew")}</p>
              </Show>
              <PhoneLink doctor={props.doctor} look="quiet" />
            </section>
          </div>
        </div>
      </Page>
      <Show when={props.reason && choices().canMove}>
        <section class="bar" aria-label={t("slot.choice")}>
          <div class="wrap choice">
            <p>
              <b data-reminded={reminded() ? "" : undefined}>
                {chosen() ? capital(dateTime(chosen() ?? "", props.visit.zone)) : tv("moveChoose")}
              </b>
              {tv("moveFrom", { when: dateTime(props.visit.start, props.visit.zone) })}
              <Show when={limits()}>{(then) => <span class="block">{thenText(then(), props.visit.zone)}</span>}</Show>
            </p>
            <Button wide busy={busy()} busyText={tv("moving")} onClick={() => void move(chosen())}>
              {tv("moveDo")}
            </Button>
          </div>
        </section>
      </Show>
    </>
  );
}

/** Whether and until when the visit could be cancelled online at its new time. */
function thenText(limits: ReturnType<typeof limitsAt>, zone: string): string {
  const { canCancel, cancelUntilMs } = choicesAt(limits, serverNow());
  return canCancel ? tv("moveThen", { until: dateTime(cancelUntilMs, zone) }) : tv("moveThenNot");
}
