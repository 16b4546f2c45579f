import { type CalendarFeed, createFeed, listFeeds, revokeFeed } from "@episante/contracts/calendar-feed";
import type { AnswerOf } from "@episante/contracts/endpoint";
import { createSignal, For, onMount, Show } from "solid-js";
import { Banner } from "../../../shared/components/Banner.tsx";
import { Button } from "../../../shared/components/Button.tsx";
import { Dialog } from "../../../shared/components/Dialog.tsx";
import { Field } from "../../../shared/components/Field.tsx";
import { Icon } from "../../../shared/components/Icon.tsx";
import { announce } from "../../../shared/components/LiveRegion.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { locale } from "../../../shared/i18n/i18n.ts";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { dateOnly, ownZone } from "../../../shared/lib/format.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { tv } from "../../i18n/visit-texts.ts";
import { Choices } from "../account/Choices.tsx";

type Made = AnswerOf<typeof createFeed>;

/** Private calendar addresses: make one, copy it while it is shown, end it. */
export function PrivateCalendar() {
  const feeds = createLoad(
    () => true,
    (_, signal) => call(listFeeds, { signal }),
  );
  let heading: HTMLHeadingElement | undefined;
  const mine = () => (feeds.value()?.items ?? []).filter(({ kind }) => kind === "patient");
  const [details, setDetails] = createSignal<"plain" | "full">("plain");
  const [made, setMade] = createSignal<Made>();
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();

  async function make(): Promise<void> {
    setBusy(true);
    const result = await call(createFeed, { body: { kind: "patient", details: details() === "full", locale: locale() } });
    setBusy(false);
    setProblem(result.ok ? undefined : result.problem);
    if (!result.ok) return;
    setMade(result.value);
    void feeds.reload();
  }
  function onRevoked(id: CalendarFeed["id"]): void {
    if (made()?.id === id) setMade(undefined);
    // The button that was pressed goes with its row.
    heading?.focus();
    void feeds.reload();
  }
  return (
    <>
      <p class="narrow mt-2">{tv("feedLead")}</p>
      <p class="note narrow">
        <Icon name="lock" />
        <span>{tv("feedWarning")}</span>
      </p>
      <Show
        when={made()}
        fallback={<MakeForm details={details()} onDetails={setDetails} busy={busy()} problem={problem()} onMake={make} />}
      >
        {(feed) => <Address feed={feed()} />}
      </Show>
      <section class="section" aria-labelledby="addresses">
        <h2 id="addresses" ref={heading} tabindex="-1">
          {tv("feedMine")}
        </h2>
        <Show when={feeds.problem()}>{(refusal) => <ProblemBanner problem={refusal()} onRetry={() => void feeds.reload()} />}</Show>
        <Show when={feeds.value()}>
          <Show when={mine().length > 0} fallback={<p class="muted">{tv("feedNone")}</p>}>
            <ul class="card rows">
              <For each={mine()}>{(feed) => <Row feed={feed} onRevoked={() => onRevoked(feed.id)} />}</For>
            </ul>
          </Show>
        </Show>
      </section>
    </>
  );
}

function MakeForm(props: {
  details: "plain" | "full";
  onDetails: (details: "plain" | "full") => void;
  busy: boolean;
  problem: CallProblem | undefined;
  onMake: () => Promise<void>;
}) {
  return (
    <div class="stack mt-6 max-w-lg">
      <Choices
        id="feed-details"
        legend={tv("feedDetails")}
        kind="radio"
        options={[
          { value: "plain", text: tv("feedDetails.plain"), hint: tv("feedDetails.plainHint") },
          { value: "full", text: tv("feedDetails.full") },
        ]}
        chosen={[props.details]}
        onChange={([one]) => one && props.onDetails(one)}
      />
      <Show when={props.problem}>{(refusal) => <ProblemBanner problem={refusal()} />}</Show>
      <Button wide busy={props.busy} busyText={tv("feedMaking")} onClick={() => void props.onMake()}>
        {tv("feedMake")}
      </Button>
    </div>
  );
}

/** The address while it is known: never again after this page. */
function Address(props: { feed: Made }) {
  const [said, setSaid] = createSignal("");
  let box: HTMLDivElement | undefined;
  onMount(() => box?.querySelector("input")?.focus());
  const address = () => new URL(props.feed.url, location.origin).href;
  async function copy(): Promise<void> {
    const input = box?.querySelector("input");
    try {
      await navigator.clipboard.writeText(address());
      setSaid(tv("feedCopied"));
    } catch {
      input?.focus();
      input?.select();
      setSaid(tv("feedSelect"));
    }
  }
  return (
    <div class="mt-6 max-w-2xl" ref={box}>
      <Banner tone="good" live="polite">
        <p>{tv("feedOnce")}</p>
      </Banner>
      <Field
        class="mt-4"
        label={tv("feedNew")}
        value={address()}
        readonly
        onFocus={(event) => event.currentTarget.select()}
        after={
          <Button variant="secondary" onClick={() => void copy()}>
            {tv("feedCopy")}
          </Button>
        }
      />
      <p class="small mt-2 min-h-6" role="status">
        {said()}
      </p>
      <a class="quiet -ml-3" href={address().replace(/^https?:/, "webcal:")} rel="external">
        <Icon name="calendar" />
        {tv("feedSubscribe")}
      </a>
    </div>
  );
}

function Row(props: { feed: CalendarFeed; onRevoked: () => void }) {
  const [open, setOpen] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  const date = () => dateOnly(props.feed.createdAt, ownZone());
  const read = () => (props.feed.lastReadOn ? tv("feedRead", { date: dateOnly(props.feed.lastReadOn, "UTC") }) : tv("feedUnread"));

  async function revoke(): Promise<void> {
    setBusy(true);
    const result = await call(revokeFeed, { params: { id: props.feed.id } });
    setBusy(false);
    // Ended elsewhere meanwhile: what was wanted.
    if (!result.ok && result.problem.code !== "not-found") {
      setProblem(result.problem);
      return;
    }
    setOpen(false);
    announce(tv("feedRevoked"));
    props.onRevoked();
  }
  return (
    <li class="rowline">
      <p>
        <span class="block">{`${tv("feedCreated", { date: date() })}, ${tv(props.feed.details ? "feedFull" : "feedPlain")}`}</span>
        <span class="block small muted">{read()}</span>
      </p>
      <div class="acts">
        <Button variant="quiet" tone="danger" icon="close" onClick={() => setOpen(true)}>
          {tv("feedRevoke")}
          <span class="sr">{` ${tv("feedRevokeOf", { date: date() })}`}</span>
        </Button>
      </div>
      <Dialog
        open={open()}
        onClose={() => setOpen(false)}
        title={tv("feedRevokeAsk", { date: date() })}
        description={tv("feedRevokeEffect")}
        modalOnly
      >
        <Show when={problem()}>{(refusal) => <ProblemBanner problem={refusal()} />}</Show>
        <Button variant="danger" wide busy={busy()} busyText={tv("feedRevoking")} onClick={() => void revoke()}>
          {tv("feedRevokeDo")}
        </Button>
        <Button variant="secondary" wide onClick={() => setOpen(false)}>
          {tv("feedKeep")}
        </Button>
      </Dialog>
    </li>
  );
}
