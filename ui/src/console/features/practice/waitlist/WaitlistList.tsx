import type { Reason } from "@episante/contracts/doctor";
import { acceptOffer, declineOffer, leaveWaitlist, type WaitlistEntry, type WaitlistOffer } from "@episante/contracts/waitlist";
import { createSignal, For, type JSX, Show } from "solid-js";
import { Button } from "../../../../shared/components/Button.tsx";
import { Dialog } from "../../../../shared/components/Dialog.tsx";
import { ProblemBanner } from "../../../../shared/components/ProblemBanner.tsx";
import { locale } from "../../../../shared/i18n/i18n.ts";
import { type CallProblem, call } from "../../../../shared/lib/call.ts";
import { createEnding } from "../../../../shared/lib/ending.ts";
import { capital, dateOnly, dateTime } from "../../../../shared/lib/format.ts";
import { criteriaWords } from "../../../../shared/waitlist/criteria.ts";
import { twl } from "../../../i18n/waiting-texts.ts";
import { longSpan, patientName } from "../../../lib/words.ts";
import { useConsole } from "../../../shell/console-context.tsx";
import { patientLine } from "../../agenda/PatientPicker.tsx";
import { leftOf, reasonWith } from "./waitlist-rows.ts";

const mostListed = 500;

/** Who waits for a doctor, first come first: for what, since when, what is offered, and what staff can do for them. */
export function WaitlistList(props: {
  doctorId: string;
  entries: readonly WaitlistEntry[];
  reasons: readonly Reason[];
  onChanged: () => void;
  /** What can be done about the list as a whole. */
  children?: JSX.Element;
}) {
  const { names } = useConsole();
  const [told, setTold] = createSignal("");
  const [removing, setRemoving] = createSignal<WaitlistEntry>();
  let heading: HTMLHeadingElement | undefined;
  const nameOf = (entry: WaitlistEntry) => (names.get(entry.patientId) ? patientName(names.get(entry.patientId)) : twl("list.unknown"));
  // The row may be gone with the button that was pressed.
  const done = (text: string) => {
    setTold(text);
    setRemoving(undefined);
    queueMicrotask(() => heading?.focus());
    props.onChanged();
  };
  return (
    <section class="c-card" aria-labelledby="waitlist-list">
      <h2 id="waitlist-list" ref={heading} tabindex="-1">
        {twl("list.heading")}
      </h2>
      <p role="status">{told()}</p>
      <div class="c-split w-head">
        <p>
          {props.entries.length === 0 ? twl("list.none") : twl("list.count", { n: props.entries.length })}
          <Show when={props.entries.length >= mostListed}> {twl("list.most")}</Show>
        </p>
        {props.children}
      </div>
      <ol class="x-links">
        <For each={props.entries.map(({ id }) => id)}>
          {(id) => (
            <Show when={props.entries.find((entry) => entry.id === id)}>
              {(entry) => (
                <Row
                  entry={entry()}
                  name={nameOf(entry())}
                  reason={props.reasons.find((reason) => reason.id === reasonWith(entry(), props.doctorId))}
                  onRemove={() => setRemoving(entry())}
                  onDone={done}
                />
              )}
            </Show>
          )}
        </For>
      </ol>
      <Show when={removing()} keyed>
        {(entry) => (
          <RemoveDialog
            entry={entry}
            name={nameOf(entry)}
            onClose={() => setRemoving(undefined)}
            onDone={() => done(twl("list.removed", { name: nameOf(entry) }))}
          />
        )}
      </Show>
    </section>
  );
}

function Row(props: {
  entry: WaitlistEntry;
  name: string;
  reason: Reason | undefined;
  onRemove: () => void;
  onDone: (told: string) => void;
}) {
  const { names, zone } = useConsole();
  const facts = () =>
    [
      props.reason?.name[locale()] ?? twl("list.oldReason"),
      props.entry.others.length > 0 ? twl("list.others", { n: props.entry.others.length }) : "",
      props.entry.insteadOf ? twl("list.instead") : "",
      twl("list.since", { date: dateOnly(props.entry.createdAt, zone()) }),
    ]
      .filter(Boolean)
      .join(" · ");
  return (
    <li>
      <div class="c-split">
        <span>
          <b>{props.name}</b>
          <Show when={names.get(props.entry.patientId)}>{(patient) => <span class="s-note"> {patientLine(patient())}</span>}</Show>
          <span class="block">{capital(criteriaWords(props.entry))}</span>
          <span class="block s-note">{facts()}</span>
        </span>
        <button type="button" class="c-link" onClick={() => props.onRemove()}>
          {twl("list.remove")}
          <span class="sr"> {props.name}</span>
        </button>
      </div>
      <Show when={props.entry.offer}>{(offer) => <Offer offer={offer()} name={props.name} onDone={props.onDone} />}</Show>
    </li>
  );
}

/** What is offered now, how long still, and the patient's answer when it comes by telephone. */
function Offer(props: { offer: WaitlistOffer; name: string; onDone: (told: string) => void }) {
  const { now } = useConsole();
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  const when = () => dateTime(props.offer.start, props.offer.zone);
  const left = () => leftOf(props.offer, now());
  const deadline = () => {
    const words = { until: dateTime(props.offer.until, props.offer.zone), left: longSpan(left()) };
    return twl(props.offer.held ? "list.held" : "list.open", words);
  };
  async function answer(ask: () => ReturnType<typeof accept | typeof decline>, told: string): Promise<void> {
    if (busy()) return;
    setBusy(true);
    const result = await ask();
    setBusy(false);
    setProblem(result.ok ? undefined : result.problem);
    if (result.ok) props.onDone(told);
  }
  const accept = () => call(acceptOffer, { params: { id: props.offer.id } });
  const decline = () => call(declineOffer, { params: { id: props.offer.id } });
  return (
    <div class="w-offer">
      <p>
        <b>{twl("list.offered", { when: when() })}</b> <span role="timer">{left() > 0 ? deadline() : twl("list.over")}</span>
      </p>
      <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
      <Show when={left() > 0}>
        <div class="c-row">
          <Button
            variant="secondary"
            busy={busy()}
            onClick={() => void answer(accept, twl("list.accepted", { name: props.name, when: when() }))}
          >
            {twl("list.accept")}
            <span class="sr"> {twl("list.acceptOf", { name: props.name, when: when() })}</span>
          </Button>
          <Button variant="quiet" busy={busy()} onClick={() => void answer(decline, twl("list.declined", { name: props.name }))}>
            {twl("list.decline")}
            <span class="sr"> {twl("list.acceptOf", { name: props.name, when: when() })}</span>
          </Button>
        </div>
      </Show>
    </div>
  );
}

function RemoveDialog(props: { entry: WaitlistEntry; name: string; onClose: () => void; onDone: () => void }) {
  const { busy, problem, run } = createEnding(
    () => call(leaveWaitlist, { params: { id: props.entry.id } }),
    () => props.onDone(),
  );
  return (
    <Dialog open onClose={props.onClose} title={twl("list.removeAsk", { name: props.name })} description={twl("list.removeWhy")} modalOnly>
      <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
      <Button variant="danger" wide busy={busy()} onClick={() => void run()}>
        {twl("list.remove")}
      </Button>
      <Button variant="secondary" wide onClick={() => props.onClose()}>
        {twl("list.keep")}
      </Button>
    </Dialog>
  );
}
