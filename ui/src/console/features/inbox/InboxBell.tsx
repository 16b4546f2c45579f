import "./inbox.css";
import type { AnswerOf } from "@episante/contracts/endpoint";
import { inbox as inboxEndpoint, readAllPages, readPage } from "@episante/contracts/notification";
import * as Popover from "@kobalte/core/popover";
import { A } from "@solidjs/router";
import { createSignal, createUniqueId, For, type JSX, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { Icon } from "../../../shared/components/Icon.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { SeverityMark } from "../../../shared/components/SeverityMark.tsx";
import { call } from "../../../shared/lib/call.ts";
import { age, machineTime } from "../../../shared/lib/format.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { tib } from "../../i18n/inbox-texts.ts";
import { levelWord } from "../../lib/words.ts";
import { useConsole } from "../../shell/console-context.tsx";
import type { Inbox } from "./create-inbox.ts";

type Item = AnswerOf<typeof inboxEndpoint>["items"][number];
type PageItem = Item & { readonly page: NonNullable<Item["page"]> };

/** Pages received: how many are unread, and the newest of them in a popover. Names stand in the console's list, not here. */
export function InboxBell(props: { inbox: Inbox }) {
  const [isOpen, setOpen] = createSignal(false);
  const heading = createUniqueId();
  let content: HTMLDivElement | undefined;
  // Asked when it opens, and again when more arrive while it is open.
  const list = createLoad(
    () => (isOpen() ? props.inbox.unread() + 1 : undefined),
    (_, signal) => call(inboxEndpoint, { query: { about: "alerts", limit: 20 }, signal }),
  );
  const items = () => (list.value()?.items ?? []).filter((item): item is PageItem => item.page !== undefined);
  async function mark(id: Item["id"] | undefined): Promise<void> {
    const result = id === undefined ? await call(readAllPages) : await call(readPage, { params: { id: id as `pag_${string}` } });
    if (!result.ok) return;
    props.inbox.set(result.value.unread);
    await list.reload();
  }
  return (
    <Popover.Root open={isOpen()} onOpenChange={setOpen} placement="bottom-end" gutter={6} overflowPadding={12} fitViewport>
      <Popover.Trigger class="c-tool ib-bell" data-testid="inbox-bell">
        <Icon name="bell" size={18} />
        <Show when={props.inbox.unread() > 0} fallback={<span class="sr">{tib("openNone")}</span>}>
          <b aria-hidden="true">{props.inbox.unread() > 99 ? "99+" : props.inbox.unread()}</b>
          <span class="sr">{tib("open", { n: props.inbox.unread() })}</span>
        </Show>
      </Popover.Trigger>
      <Popover.Portal>
        {/* The list takes the focus, not its first button: Enter pressed twice must not mark all as read. */}
        <Popover.Content
          ref={content}
          class="ib-pop"
          aria-labelledby={heading}
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            content?.focus();
          }}
        >
          <div class="ib-head">
            <Popover.Title as="h2" id={heading}>
              {tib("title")}
            </Popover.Title>
            <Show when={props.inbox.unread() > 0}>
              <Button variant="quiet" onClick={() => void mark(undefined)}>
                {tib("readAll")}
              </Button>
            </Show>
          </div>
          <Show when={list.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void list.reload()} />}</Show>
          <Show when={list.value() && items().length === 0}>
            <p class="s-note">{tib("none")}</p>
          </Show>
          <ul class="ib-list" aria-busy={list.pending() ? "true" : undefined}>
            <For each={items()}>
              {(item) => (
                <li data-unread={item.readAt ? undefined : ""}>
                  <Entry
                    item={item}
                    onOpen={() => {
                      setOpen(false);
                      if (!item.readAt) void mark(item.id);
                    }}
                    onRead={() => void mark(item.id)}
                  />
                </li>
              )}
            </For>
          </ul>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** One page. A doctor goes from it to the alert, or to the list when there are several; others only mark it as read. */
function Entry(props: { item: PageItem; onOpen: () => void; onRead: () => void }) {
  const { roles } = useConsole();
  const alerts = () => props.item.page.alerts;
  const only = () => (alerts().length === 1 ? alerts()[0]?.id : undefined);
  return (
    <Show
      when={roles().includes("doctor")}
      fallback={
        <>
          <Words item={props.item} />
          <Show when={!props.item.readAt}>
            <Button variant="quiet" onClick={() => props.onRead()}>
              {tib("markRead")}
            </Button>
          </Show>
        </>
      }
    >
      <A class="ib-item" href={only() ? `/alerts/${only()}` : "/alerts"} onClick={() => props.onOpen()}>
        <Words item={props.item} />
      </A>
    </Show>
  );
}

function Words(props: { item: PageItem }): JSX.Element {
  const { zone, now } = useConsole();
  const page = () => props.item.page;
  const counts = () =>
    (["critical", "warning", "notice"] as const).flatMap((level) => {
      const n = page().alerts.filter(({ severity }) => severity === level).length;
      return n > 0 ? [`${levelWord(level)}\u00a0${n}`] : [];
    });
  const more = () =>
    [
      page().step ? tib("step", { n: (page().step ?? 0) + 1 }) : "",
      page().late ? tib("late") : "",
      props.item.status === "failed" ? tib("failed") : "",
    ].filter(Boolean);
  return (
    <span class="ib-words">
      <SeverityMark level={page().severity} size={18} />
      <span>
        <b>{tib(page().kind === "digest" ? "held" : "alerts", { n: page().alerts.length })}</b>
        <Show when={!props.item.readAt}>
          <span class="ib-new">{tib("unread")}</span>
        </Show>
        <span class="s-note">
          {[...counts(), ...more()].join(" · ")} ·{" "}
          <time datetime={machineTime(props.item.createdAt, zone())}>{age(props.item.createdAt, zone(), now())}</time>
        </span>
      </span>
    </span>
  );
}
