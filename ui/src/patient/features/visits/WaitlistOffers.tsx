import type { Appointment } from "@episante/contracts/appointment";
import { acceptOffer, declineOffer } from "@episante/contracts/waitlist";
import { A } from "@solidjs/router";
import { createSignal, For, Show } from "solid-js";
import { Banner } from "../../../shared/components/Banner.tsx";
import { Button } from "../../../shared/components/Button.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { dateTime, dayOf, time } from "../../../shared/lib/format.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { serverNow } from "../../../shared/lib/server-clock.ts";
import { tw } from "../../i18n/waitlist-texts.ts";
import { doctorOf, reasonsOf } from "../directory.ts";
import type { Offered } from "./create-waitlist.ts";
import { VisitCard } from "./VisitCard.tsx";

/** What came of an answer; stays until the page is left. */
type Result = { readonly taken: Appointment } | { readonly said: "offer.declined" | "offer.expired" | "offer.gone" | "offer.over" };

/** Times that are offered now, above everything else: they do not wait long. What came of an answer stands in the same place. */
export function WaitlistOffers(props: { offered: Offered[]; onAnswer: () => void }) {
  const [result, setResult] = createSignal<Result>();
  const answered = (next: Result) => {
    setResult(next);
    props.onAnswer();
  };
  const taken = () => {
    const known = result();
    return known && "taken" in known ? known.taken : undefined;
  };
  const said = () => {
    const known = result();
    return known && "said" in known ? known.said : undefined;
  };
  return (
    <>
      <Show when={taken()}>
        {(visit) => (
          <Banner tone="good" live="polite" class="mt-4">
            <p>{tw("offer.taken", { when: dateTime(visit().start, visit().zone) })}</p>
            <A class="quiet -ml-3" href={`/appointments/${visit().id}`}>
              {tw("offer.see")}
            </A>
          </Banner>
        )}
      </Show>
      <Show when={said()}>
        {(key) => (
          <Banner tone="notice" live="polite" class="mt-4">
            <p>{tw(key())}</p>
          </Banner>
        )}
      </Show>
      <For each={props.offered.map(({ offer }) => offer.id)}>
        {(id) => (
          <Show when={props.offered.find(({ offer }) => offer.id === id)}>{(entry) => <Offer entry={entry()} onAnswer={answered} />}</Show>
        )}
      </For>
    </>
  );
}

function Offer(props: { entry: Offered; onAnswer: (result: Result) => void }) {
  const offer = () => props.entry.offer;
  const doctor = createLoad(() => offer().doctorId, doctorOf);
  const reasons = createLoad(() => offer().doctorId, reasonsOf);
  const [busy, setBusy] = createSignal<"take" | "decline">();
  const [problem, setProblem] = createSignal<CallProblem>();
  const until = () => {
    const { until: at, zone } = offer();
    return dayOf(at, zone) === dayOf(serverNow(), zone) ? time(at, zone) : dateTime(at, zone);
  };
  const title = () => `offer-${offer().id}`;

  /** A refusal that ends the offer is a result: the person still waits. Others stay beside the buttons. */
  function refused(refusal: CallProblem): void {
    if (refusal.code === "hold-expired") props.onAnswer({ said: "offer.expired" });
    else if (refusal.code === "slot-taken") props.onAnswer({ said: "offer.gone" });
    else if (refusal.code === "wrong-state") props.onAnswer({ said: "offer.over" });
    else setProblem(refusal);
  }
  async function take(): Promise<void> {
    setBusy("take");
    const result = await call(acceptOffer, { params: { id: offer().id } });
    setBusy(undefined);
    if (result.ok) props.onAnswer({ taken: result.value });
    else refused(result.problem);
  }
  async function decline(): Promise<void> {
    setBusy("decline");
    const result = await call(declineOffer, { params: { id: offer().id } });
    setBusy(undefined);
    if (result.ok) props.onAnswer({ said: "offer.declined" });
    else refused(result.problem);
  }
  return (
    <section class="section narrow" aria-labelledby={title()}>
      <h2 id={title()}>{tw("offer.title")}</h2>
      <VisitCard
        start={offer().start}
        end={offer().end}
        zone={offer().zone}
        doctor={doctor.value()}
        reason={reasons.value()?.find((entry) => entry.id === offer().reasonId)}
      >
        <div class="stack border-t border-line p-4">
          <p class="font-semibold">{tw(offer().held ? "offer.held" : "offer.open", { until: until() })}</p>
          <Show when={props.entry.insteadOf}>
            <p class="small muted">{tw("offer.instead")}</p>
          </Show>
          <Show when={problem()}>{(refusal) => <ProblemBanner problem={refusal()} />}</Show>
          <div class="grid gap-2">
            <Button wide icon="check" busy={busy() === "take"} busyText={tw("offer.taking")} onClick={() => void take()}>
              {tw("offer.take")}
              <span class="sr">{`, ${dateTime(offer().start, offer().zone)}`}</span>
            </Button>
            <Button variant="secondary" wide busy={busy() === "decline"} busyText={tw("offer.declining")} onClick={() => void decline()}>
              {tw("offer.decline")}
              <span class="sr">{`, ${dateTime(offer().start, offer().zone)}`}</span>
            </Button>
          </div>
        </div>
      </VisitCard>
    </section>
  );
}
