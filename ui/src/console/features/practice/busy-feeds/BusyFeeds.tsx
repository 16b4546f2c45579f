import { addBusyFeed, type BusyFeed, listBusyFeeds, removeBusyFeed } from "@episante/contracts/busy-feed";
import { createEffect, createSignal, createUniqueId, For, Show } from "solid-js";
import { Button } from "../../../../shared/components/Button.tsx";
import { Dialog } from "../../../../shared/components/Dialog.tsx";
import { Field } from "../../../../shared/components/Field.tsx";
import { ProblemBanner } from "../../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../../shared/lib/call.ts";
import { dateTime } from "../../../../shared/lib/format.ts";
import { createInterval, createLoad } from "../../../../shared/lib/load.ts";
import { tb } from "../../../i18n/busy-feed-texts.ts";
import { patientName } from "../../../lib/words.ts";
import { useConsole } from "../../../shell/console-context.tsx";

/** A first reading takes seconds, later ones come every 15 minutes. Milliseconds. */
const everyMs = 5_000;

/** A doctor's calendars elsewhere: what each gives and how its last reading went; add one, remove one. */
export function BusyFeeds(props: { doctorId: `doc_${string}` }) {
  const id = createUniqueId();
  const feeds = createLoad(
    () => props.doctorId,
    (doctorId, signal) => call(listBusyFeeds, { query: { doctorId }, signal }),
  );
  createInterval(() => void feeds.reload(), everyMs);
  const [said, setSaid] = createSignal("");
  let heading: HTMLHeadingElement | undefined;
  return (
    <section class="c-card" aria-labelledby={id}>
      <h2 id={id} ref={heading} tabindex="-1">
        {tb("title")}
      </h2>
      <p>{tb("lead")}</p>
      <Show when={feeds.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void feeds.reload()} />}</Show>
      <p role="status">{said()}</p>
      <Show when={feeds.value()?.items.length === 0}>
        <p>{tb("none")}</p>
      </Show>
      <ul class="x-links">
        <For each={feeds.value()?.items.map((feed) => feed.id)}>
          {(feedId) => (
            <Show when={feeds.value()?.items.find((feed) => feed.id === feedId)}>
              {(feed) => (
                <Feed
                  feed={feed()}
                  onRemoved={() => {
                    setSaid(tb("removed"));
                    // Its row goes, and its button with it.
                    void feeds.reload().then(() => heading?.focus());
                  }}
                />
              )}
            </Show>
          )}
        </For>
      </ul>
      <AddForm
        doctorId={props.doctorId}
        onAdded={() => {
          setSaid(tb("added"));
          void feeds.reload();
        }}
      />
    </section>
  );
}

function Feed(props: { feed: BusyFeed; onRemoved: () => void }) {
  const { zone, names } = useConsole();
  const [isAsking, setAsking] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  createEffect(() => void names.want(props.feed.visits.map(({ patientId }) => patientId)));
  const when = (instant: string) => dateTime(instant, zone());
  function state(): string {
    const { fault, answeredAt, triedAt, blocks } = props.feed;
    if (!triedAt) return tb("waiting");
    if (!fault) return tb("read", { when: when(answeredAt ?? triedAt), n: blocks });
    const words = tb(`fault.${fault}`);
    return answeredAt
      ? `${tb("faulty", { when: when(answeredAt), fault: words })} ${tb("kept", { n: blocks })}`
      : tb("never", { fault: words });
  }
  async function remove(): Promise<void> {
    if (busy()) return;
    setBusy(true);
    const result = await call(removeBusyFeed, { params: { id: props.feed.id } });
    setBusy(false);
    setAsking(false);
    setProblem(result.ok ? undefined : result.problem);
    if (result.ok) props.onRemoved();
  }
  return (
    <li>
      <div class="c-split">
        <span>
          <b>{props.feed.host}</b>
          <br />
          <span class="s-note">{state()}</span>
        </span>
        <Button variant="secondary" onClick={() => setAsking(true)}>
          {tb("remove")}
          <span class="sr"> {tb("removeOf", { host: props.feed.host })}</span>
        </Button>
      </div>
      <Show when={props.feed.visits.length > 0}>
        <p class="s-note mt-2">{tb("visits", { n: props.feed.visits.length })}</p>
        <ul>
          <For each={props.feed.visits}>
            {(visit) => (
              <li>
                {when(visit.start)} · {patientName(names.get(visit.patientId))}
              </li>
            )}
          </For>
        </ul>
      </Show>
      <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
      <Dialog
        open={isAsking()}
        onClose={() => setAsking(false)}
        title={tb("removeAsk", { host: props.feed.host })}
        description={tb("removeEffect")}
        modalOnly
      >
        <Button variant="danger" wide busy={busy()} busyText={tb("removing")} onClick={() => void remove()}>
          {tb("remove")}
        </Button>
        <Button variant="secondary" wide onClick={() => setAsking(false)}>
          {tb("keep")}
        </Button>
      </Dialog>
    </li>
  );
}

function AddForm(props: { doctorId: `doc_${string}`; onAdded: () => void }) {
  const [url, setUrl] = createSignal("");
  const [isFaulty, setFaulty] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  async function add(event: Event): Promise<void> {
    event.preventDefault();
    if (busy()) return;
    setBusy(true);
    const result = await call(addBusyFeed, { body: { doctorId: props.doctorId, url: url().trim() } });
    setBusy(false);
    const isWrong = !result.ok && result.problem.code === "invalid-input";
    setFaulty(isWrong);
    setProblem(result.ok || isWrong ? undefined : result.problem);
    if (!result.ok) return;
    setUrl("");
    props.onAdded();
  }
  return (
    <form onSubmit={add} noValidate>
      <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
      <Field
        label={tb("url")}
        hint={tb("urlHint")}
        type="url"
        inputmode="url"
        autocomplete="off"
        spellcheck={false}
        value={url()}
        onInput={setUrl}
        error={isFaulty() ? tb("urlFault") : undefined}
      />
      <Button type="submit" class="mt-4" busy={busy()} busyText={tb("adding")}>
        {tb("add")}
      </Button>
    </form>
  );
}
