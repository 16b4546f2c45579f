import { type CalendarFeed, createFeed, listFeeds, revokeFeed } from "@episante/contracts/calendar-feed";
import type { AnswerOf } from "@episante/contracts/endpoint";
import { createSignal, For, onMount, Show } from "solid-js";
import { Banner } from "../components/Banner.tsx";
import { Button } from "../components/Button.tsx";
import { Choices } from "../components/Choices.tsx";
import { Dialog } from "../components/Dialog.tsx";
import { Field } from "../components/Field.tsx";
import { Icon } from "../components/Icon.tsx";
import { announce } from "../components/LiveRegion.tsx";
import { ProblemBanner } from "../components/ProblemBanner.tsx";
import { locale } from "../i18n/i18n.ts";
import { type CallProblem, call } from "../lib/call.ts";
import { createEnding } from "../lib/ending.ts";
import { dateOnly, ownZone } from "../lib/format.ts";
import { createLoad } from "../lib/load.ts";
import { tcal } from "./texts.ts";

type Made = AnswerOf<typeof createFeed>;
type Kind = CalendarFeed["kind"];

/** Private calendar addresses of one's own visits, or of a doctor's agenda: make one, copy it while it is shown, end it. */
export function PrivateCalendar(props: { kind: Kind; doctorId?: CalendarFeed["doctorId"] }) {
  const feeds = createLoad(
    () => true,
    (_, signal) => call(listFeeds, { signal }),
  );
  let heading: HTMLHeadingElement | undefined;
  const mine = () => (feeds.value()?.items ?? []).filter(({ kind, doctorId }) => kind === props.kind && doctorId === props.doctorId);
  const [details, setDetails] = createSignal<"plain" | "full">("plain");
  const [made, setMade] = createSignal<Made>();
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();

  async function make(): Promise<void> {
    setBusy(true);
    const result = await call(createFeed, {
      body: {
        kind: props.kind,
        ...(props.doctorId ? { doctorId: props.doctorId } : {}),
        details: details() === "full",
        locale: locale(),
      },
    });
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
      <p class="max-w-[68ch] mt-2">{tcal(`lead.${props.kind}`)}</p>
      <p class="note max-w-[68ch]">
        <Icon name="lock" />
        <span>{tcal(`warning.${props.kind}`)}</span>
      </p>
      <Show
        when={made()}
        fallback={<MakeForm kind={props.kind} details={details()} onDetails={setDetails} busy={busy()} problem={problem()} onMake={make} />}
      >
        {(feed) => <Address feed={feed()} onAnother={() => setMade(undefined)} />}
      </Show>
      <Help />
      <section class="section" aria-labelledby="addresses">
        <h2 id="addresses" ref={heading} tabindex="-1">
          {tcal("mine")}
        </h2>
        <Show when={feeds.problem()}>{(refusal) => <ProblemBanner problem={refusal()} onRetry={() => void feeds.reload()} />}</Show>
        <Show when={feeds.value()}>
          <Show when={mine().length > 0} fallback={<p class="muted">{tcal("none")}</p>}>
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
  kind: Kind;
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
        legend={tcal("details")}
        kind="radio"
        options={[
          { value: "plain", text: tcal("details.plain"), hint: tcal(`details.plainHint.${props.kind}`) },
          { value: "full", text: tcal(`details.full.${props.kind}`) },
        ]}
        chosen={[props.details]}
        onChange={([one]) => one && props.onDetails(one)}
      />
      <Show when={props.problem}>{(refusal) => <ProblemBanner problem={refusal()} />}</Show>
      <Button wide busy={props.busy} busyText={tcal("making")} onClick={() => void props.onMake()}>
        {tcal("make")}
      </Button>
    </div>
  );
}

/** The address while it is known: never again after this page. */
function Address(props: { feed: Made; onAnother: () => void }) {
  const [said, setSaid] = createSignal("");
  let box: HTMLDivElement | undefined;
  onMount(() => box?.querySelector("input")?.focus());
  const address = () => new URL(props.feed.url, location.origin).href;
  async function copy(): Promise<void> {
    const input = box?.querySelector("input");
    try {
      await navigator.clipboard.writeText(address());
      setSaid(tcal("copied"));
    } catch {
      input?.focus();
      input?.select();
      setSaid(tcal("select"));
    }
  }
  return (
    <div class="mt-6 max-w-2xl" ref={box}>
      <Banner tone="good" live="polite">
        <p>{tcal("once")}</p>
      </Banner>
      <Field
        class="mt-4"
        label={tcal("address")}
        value={address()}
        readonly
        onFocus={(event) => event.currentTarget.select()}
        after={
          <Button variant="secondary" onClick={() => void copy()}>
            {tcal("copy")}
          </Button>
        }
      />
      <p class="small mt-2 min-h-6" role="status">
        {said()}
      </p>
      <div class="flex flex-wrap gap-2">
        <a class="btn" data-variant="secondary" href={address().replace(/^https?:/, "webcal:")} rel="external">
          <Icon name="calendar" />
          {tcal("subscribe")}
        </a>
        <Button variant="quiet" onClick={() => props.onAnother()}>
          {tcal("another")}
        </Button>
      </div>
    </div>
  );
}

function Row(props: { feed: CalendarFeed; onRevoked: () => void }) {
  const [open, setOpen] = createSignal(false);
  const { busy, problem, run } = createEnding(
    () => call(revokeFeed, { params: { id: props.feed.id } }),
    () => {
      setOpen(false);
      announce(tcal("revoked"));
      props.onRevoked();
    },
  );
  const date = () => dateOnly(props.feed.createdAt, ownZone());
  const read = () => (props.feed.lastReadOn ? tcal("read", { date: dateOnly(props.feed.lastReadOn, "UTC") }) : tcal("unread"));
  return (
    <li class="rowline">
      <p>
        <span class="block">{`${tcal("created", { date: date() })}, ${tcal(props.feed.details ? `full.${props.feed.kind}` : "plain")}`}</span>
        <span class="block small muted">{read()}</span>
      </p>
      <div class="acts">
        <Button variant="quiet" tone="danger" icon="close" onClick={() => setOpen(true)}>
          {tcal("revoke")}
          <span class="sr">{` ${tcal("revokeOf", { date: date() })}`}</span>
        </Button>
      </div>
      <Dialog
        open={open()}
        onClose={() => setOpen(false)}
        title={tcal("revokeAsk", { date: date() })}
        description={tcal("revokeEffect")}
        modalOnly
      >
        <Show when={problem()}>{(refusal) => <ProblemBanner problem={refusal()} />}</Show>
        <Button variant="danger" wide busy={busy()} busyText={tcal("revoking")} onClick={() => void run()}>
          {tcal("revokeDo")}
        </Button>
        <Button variant="secondary" wide onClick={() => setOpen(false)}>
          {tcal("keep")}
        </Button>
      </Dialog>
    </li>
  );
}

const programs = ["iphone", "google", "outlook"] as const;

/** Where calendar programs take an address. */
function Help() {
  return (
    <details class="mt-6 max-w-[68ch]">
      <summary class="font-semibold">{tcal("help.title")}</summary>
      <dl class="small mt-2">
        <For each={programs}>
          {(program) => (
            <>
              <dt class="font-semibold">{tcal(`help.${program}`)}</dt>
              <dd class="ml-0 mb-2">{tcal(`help.${program}How`)}</dd>
            </>
          )}
        </For>
      </dl>
      <p class="small muted">{tcal("help.delay")}</p>
    </details>
  );
}
