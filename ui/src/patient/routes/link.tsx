import { answerLink, type LinkedVisit, readLink } from "@episante/contracts/visit-link";
import { A, useParams } from "@solidjs/router";
import { createSignal, Match, Show, Switch } from "solid-js";
import { CancelReasons } from "../../shared/cancel/CancelReasons.tsx";
import { Banner } from "../../shared/components/Banner.tsx";
import { Button } from "../../shared/components/Button.tsx";
import { Icon } from "../../shared/components/Icon.tsx";
import { announce } from "../../shared/components/LiveRegion.tsx";
import { Page } from "../../shared/components/Page.tsx";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { tc } from "../../shared/i18n/common.ts";
import { type CallProblem, call } from "../../shared/lib/call.ts";
import { capital, dateLong, dateTime, dayNumber, machineTime, monthShort, time } from "../../shared/lib/format.ts";
import { keepFocus } from "../../shared/lib/keep-focus.ts";
import { createLoad } from "../../shared/lib/load.ts";
import { serverNow } from "../../shared/lib/server-clock.ts";
import { phoneText, telLink } from "../features/directory.ts";
import { LanguageButton } from "../features/shell/Shell.tsx";
import { tl } from "../i18n/link-texts.ts";

/** `/links/:signed`: what a mail's link opens, for whoever has it. Opening it changes nothing: only the buttons do. */
export function LinkRoute() {
  const params = useParams();
  const visit = createLoad(
    () => params.signed,
    (signed, signal) => call(readLink, { params: { signed }, signal }),
    { keep: false },
  );
  const isGone = () => visit.problem()?.code === "not-found" || visit.problem()?.code === "bad-path";
  return (
    <>
      <header class="wrap">
        <div class="top">
          <A class="brandname" href="/" end>
            {tc("app.name")}
          </A>
          <LanguageButton />
        </div>
      </header>
      <Show when={visit.value()} fallback={<Nothing isGone={isGone()} problem={visit.problem()} onRetry={() => void visit.reload()} />}>
        {(known) => <Linked visit={known()} signed={params.signed ?? ""} onChange={visit.set} />}
      </Show>
    </>
  );
}

/** No link, or not yet: every link that is none says the same. */
function Nothing(props: { isGone: boolean; problem: CallProblem | undefined; onRetry: () => void }) {
  return (
    <Page title={props.isGone ? tl("goneTitle") : tl("title")} headingClass={props.problem ? "" : "sr"}>
      <Show when={props.problem}>
        {(problem) => (
          <Show when={props.isGone} fallback={<ProblemBanner problem={problem()} class="mt-4" onRetry={props.onRetry} />}>
            <p class="mt-4 max-w-[60ch]">{tl("gone")}</p>
            <A class="btn mt-5" href="/appointments">
              {tl("goneSignIn")}
            </A>
          </Show>
        )}
      </Show>
    </Page>
  );
}

function Linked(props: { visit: LinkedVisit; signed: string; onChange: (visit: LinkedVisit) => void }) {
  const [isAsking, setAsking] = createSignal(false);
  const [reason, setReason] = createSignal<string>();
  const [busy, setBusy] = createSignal<"confirm" | "cancel">();
  const [problem, setProblem] = createSignal<CallProblem>();
  const isOpen = () => props.visit.status === "booked";
  const isLate = () => Date.parse(props.visit.cancelUntil) < serverNow();
  const until = () => dateTime(props.visit.cancelUntil, props.visit.zone);
  function ask(isAsked: boolean): void {
    setAsking(isAsked);
    // The button that was pressed goes.
    keepFocus(() => document.querySelector(isAsked ? "#ask" : "h1"));
  }
  async function answer(action: "confirm" | "cancel"): Promise<void> {
    if (busy()) return;
    setBusy(action);
    const why = reason();
    const body = action === "cancel" && why ? { action, reason: why } : { action };
    const result = await call(answerLink, { params: { signed: props.signed }, body });
    setBusy(undefined);
    setProblem(result.ok ? undefined : result.problem);
    if (!result.ok) return;
    ask(false);
    announce(action === "confirm" ? tl("confirmed") : tl("cancelled"));
    props.onChange(result.value);
  }
  return (
    <Page title={tl("title")}>
      <div class="stack mt-5 max-w-[36rem]">
        <Card visit={props.visit} />
        <Switch>
          <Match when={props.visit.status === "cancelled"}>
            <Banner tone="notice">
              <p>
                {tl("cancelled")} {tl("cancelledNext")}
              </p>
            </Banner>
          </Match>
          <Match when={props.visit.status === "over"}>
            <p>{tl("over")}</p>
          </Match>
          <Match when={props.visit.confirmedAt}>
            <Banner tone="notice" icon="check">
              <p>{tl("confirmed")}</p>
            </Banner>
          </Match>
        </Switch>
        <Show when={problem()}>{(refusal) => <ProblemBanner problem={refusal()} />}</Show>
        <Show when={isOpen() && !isAsking()}>
          <Show when={!props.visit.confirmedAt}>
            <h2>{tl("question")}</h2>
            <Button icon="check" wide busy={busy() === "confirm"} busyText={tl("coming")} onClick={() => void answer("confirm")}>
              {tl("come")}
            </Button>
          </Show>
          <Show when={!isLate()} fallback={<p class="small muted">{tl("late", { until: until() })}</p>}>
            <Button variant="secondary" tone="danger" icon="close" wide onClick={() => ask(true)}>
              {tl("cancel")}
            </Button>
            <p class="small muted">{tl("policy", { until: until() })}</p>
          </Show>
        </Show>
        <Show when={isOpen() && isAsking()}>
          <section class="stack" aria-labelledby="ask">
            <h2 id="ask" tabindex="-1">
              {tl("cancelAsk")}
            </h2>
            <p class="small muted">
              {tl("cancelEffect")} {tl("policy", { until: until() })}
            </p>
            <CancelReasons reasons={props.visit.reasons} by="patient" onChange={setReason} />
            <Button variant="danger" wide busy={busy() === "cancel"} busyText={tl("cancelling")} onClick={() => void answer("cancel")}>
              {tl("cancelDo")}
            </Button>
            <Button variant="secondary" wide onClick={() => ask(false)}>
              {tl("keep")}
            </Button>
          </section>
        </Show>
        <div class="grid gap-2">
          <Show when={props.visit.clinic?.phone}>
            {(phone) => (
              <a class="btn" data-variant="secondary" data-wide href={telLink(phone())}>
                <Icon name="phone" />
                {tl("call", { phone: phoneText(phone()) })}
              </a>
            )}
          </Show>
          <A class="quiet justify-self-start -ml-3" href="/appointments">
            {tl("signIn")}
            <Icon name="right" size={18} />
          </A>
        </div>
      </div>
    </Page>
  );
}

/** When, with whom, where; nothing of why. */
function Card(props: { visit: LinkedVisit }) {
  return (
    <div class="card visit">
      <div class="big">
        <span class="leaf" data-past={props.visit.status === "booked" ? undefined : ""} aria-hidden="true">
          <i>{monthShort(props.visit.start, props.visit.zone)}</i>
          <b>{dayNumber(props.visit.start, props.visit.zone)}</b>
        </span>
        <p>
          <span class="muted small">{capital(dateLong(props.visit.start, props.visit.zone))}</span>
          <b>
            <time datetime={machineTime(props.visit.start, props.visit.zone)}>{time(props.visit.start, props.visit.zone)}</time>
          </b>
        </p>
      </div>
      <ul class="lines">
        <Show when={props.visit.doctor}>
          {(doctor) => (
            <li>
              <Icon name="user" />
              <b>{doctor()}</b>
            </li>
          )}
        </Show>
        <Show when={props.visit.clinic}>
          {(clinic) => (
            <li>
              <Icon name="pin" />
              <span>
                <b>{clinic().name}</b>
                <span>{clinic().address}</span>
              </span>
            </li>
          )}
        </Show>
      </ul>
    </div>
  );
}
