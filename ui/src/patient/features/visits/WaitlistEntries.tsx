import { leaveWaitlist, type WaitlistEntry } from "@episante/contracts/waitlist";
import { A } from "@solidjs/router";
import { createSignal, For, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { Icon } from "../../../shared/components/Icon.tsx";
import { announce } from "../../../shared/components/LiveRegion.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { capital } from "../../../shared/lib/format.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { criteriaWords } from "../../../shared/waitlist/criteria.ts";
import { t } from "../../i18n/t.ts";
import { tw } from "../../i18n/waitlist-texts.ts";
import { doctorName, doctorOf, reasonName, reasonsOf } from "../directory.ts";

/** What somebody waits for, each with a way out. */
export function WaitlistEntries(props: { entries: WaitlistEntry[]; onLeave: () => void }) {
  let heading: HTMLHeadingElement | undefined;
  const left = () => {
    announce(tw("list.left"));
    heading?.focus();
    props.onLeave();
  };
  return (
    <section class="section" aria-labelledby="waiting">
      <h2 id="waiting" ref={heading} tabindex="-1">
        {tw("list.title")}
      </h2>
      <Show
        when={props.entries.length > 0}
        fallback={
          <div class="card empty">
            <Icon name="bell" size={32} />
            <p>{tw("list.none")}</p>
            <A class="btn" href="/">
              {t("visits.book")}
            </A>
          </div>
        }
      >
        <ul class="card rows">
          <For each={props.entries.map(({ id }) => id)}>
            {(id) => <Show when={props.entries.find((entry) => entry.id === id)}>{(entry) => <Row entry={entry()} onLeave={left} />}</Show>}
          </For>
        </ul>
      </Show>
    </section>
  );
}

function Row(props: { entry: WaitlistEntry; onLeave: () => void }) {
  const doctor = createLoad(() => props.entry.doctorId, doctorOf);
  const reasons = createLoad(() => props.entry.doctorId, reasonsOf);
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  const name = () => {
    const known = doctor.value();
    return known ? doctorName(known) : "";
  };
  async function leave(): Promise<void> {
    setBusy(true);
    const result = await call(leaveWaitlist, { params: { id: props.entry.id } });
    setBusy(false);
    if (result.ok) props.onLeave();
    else setProblem(result.problem);
  }
  return (
    <li class="rowline">
      <div class="basis-72 min-w-0">
        <h3 class="!text-18 !text-ink">{name() || "\u00a0"}</h3>
        <p>{capital(criteriaWords(props.entry))}</p>
        <p class="small muted">
          {[reasonName(reasons.value()?.find((one) => one.id === props.entry.reasonId)), props.entry.insteadOf ? tw("list.instead") : ""]
            .filter(Boolean)
            .join(" · ")}
        </p>
      </div>
      <div class="acts">
        <Button variant="quiet" tone="danger" icon="close" busy={busy()} busyText={tw("list.leaving")} onClick={() => void leave()}>
          {tw("list.leave")}
          <span class="sr">{` ${tw("list.leaveOf", { name: name() })}`}</span>
        </Button>
      </div>
      <Show when={problem()}>{(refusal) => <ProblemBanner problem={refusal()} class="w-full" />}</Show>
    </li>
  );
}
