import { type Alert, getAlert, listAlerts } from "@episante/contracts/alert";
import { useNavigate, useParams, useSearchParams } from "@solidjs/router";
import { createEffect, createMemo, createSignal, For, on, Show } from "solid-js";
import { Dialog } from "../../shared/components/Dialog.tsx";
import { Icon } from "../../shared/components/Icon.tsx";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { call } from "../../shared/lib/call.ts";
import { createLoad } from "../../shared/lib/load.ts";
import { AlertDetail } from "../features/alerts/AlertDetail.tsx";
import { AlertList } from "../features/alerts/AlertList.tsx";
import type { Asked } from "../features/alerts/AlertQuestion.tsx";
import { isOpen, isQuiet, levelOf } from "../features/alerts/alert-board.ts";
import type { Alerts } from "../features/alerts/create-alerts.ts";
import { HeldBar } from "../features/alerts/HeldBar.tsx";
import { t } from "../i18n/text.ts";
import { useShortcuts } from "../lib/shortcuts.ts";
import { patientName } from "../lib/words.ts";
import { ConsolePage } from "../shell/ConsolePage.tsx";
import { useConsole } from "../shell/console-context.tsx";

const wide = () => matchMedia("(min-width: 64rem)").matches;

/** Accents and case do not matter when looking for a name. */
function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

export function AlertsRoute() {
  const { alerts } = useConsole();
  return (
    <ConsolePage title={t("alerts.title")} class="a-page">
      <Show when={alerts}>{(live) => <AlertDesk alerts={live()} />}</Show>
    </ConsolePage>
  );
}

function AlertDesk(props: { alerts: Alerts }) {
  const { alerts } = props;
  const { names, me, now, sound } = useConsole();
  const params = useParams<{ id?: string }>();
  const [search, setSearch] = useSearchParams<{ tab?: string; q?: string }>();
  const navigate = useNavigate();
  const [help, setHelp] = createSignal(false);
  const [asking, setAsking] = createSignal<Asked | undefined>();
  const [gone, setGone] = createSignal<string | undefined>();
  let filter: HTMLInputElement | undefined;

  const tab = () => (search.tab === "resolved" ? "resolved" : "open");
  const query = () => plain(search.q ?? "").trim();
  const shortcuts = () => me().preferences.shortcuts !== false;
  const resolved = createLoad(
    () => (tab() === "resolved" ? alerts.resolvedSince() : undefined),
    (from, signal) => call(listAlerts, { query: { status: "resolved", from, limit: 200 }, signal }),
  );
  createEffect(() => {
    for (const alert of resolved.value()?.items ?? []) alerts.learn(alert);
  });
  const resolvedIds = createMemo(() =>
    Object.values(alerts.board().alerts)
      .filter((alert) => !isOpen(alert))
      .sort((a, b) => (a.firedAt < b.firedAt ? 1 : -1))
      .map((alert) => alert.id as string),
  );
  const matches = (id: string): boolean => {
    const alert = alerts.alerts[id];
    return query() === "" || (alert !== undefined && plain(patientName(names.get(alert.patientId))).includes(query()));
  };
  const visible = createMemo(() => (tab() === "open" ? alerts.order() : resolvedIds()).filter(matches));

  const path = (id: string) => `/alerts/${id}${location.search}`;
  const go = (id: string | undefined, replace: boolean) =>
    navigate(id ? path(id) : `/alerts${location.search}`, { replace, scroll: false });
  createEffect(
    on(
      () => params.id,
      (id) => {
        if (id && id !== alerts.selected()) alerts.select(id);
      },
    ),
  );
  createEffect(
    on(
      () => alerts.selected(),
      (id) => {
        setAsking(undefined);
        if (id !== params.id && (wide() || params.id)) go(id, true);
      },
      { defer: true },
    ),
  );
  // The first alert is opened beside the list; on a phone the list comes first.
  createEffect(() => {
    if (alerts.loaded() && !params.id && !alerts.selected() && wide()) alerts.select(visible()[0]);
  });
  createEffect(
    on([() => params.id, alerts.loaded], async ([id, loaded]) => {
      setGone(undefined);
      if (!id || !loaded || alerts.alerts[id]) return;
      const result = await call(getAlert, { params: { id: id as Alert["id"] } });
      if (result.ok) alerts.learn(result.value);
      else if (result.problem.status !== 401) setGone(id);
    }),
  );
  const detail = () => (params.id ? alerts.alerts[params.id] : undefined);

  function step(by: number): void {
    if (!alerts.selected() && visible().length > 0) alerts.select(visible()[0]);
    else alerts.move(visible(), by);
  }
  const current = () => (detail() && isOpen(detail() as Alert) ? detail() : undefined);
  function moveInList(by: number): void {
    step(by);
    queueMicrotask(() => document.querySelector<HTMLElement>('.a-row[aria-selected="true"]')?.focus());
  }
  useShortcuts(shortcuts, {
    j: () => moveInList(1),
    k: () => moveInList(-1),
    "]": () => step(1),
    "[": () => step(-1),
    a: () => {
      const alert = current();
      if (alert?.status === "open") void alerts.ack(alert.id);
    },
    r: () => {
      if (current()) setAsking("resolve");
    },
    s: () => {
      if (current()) setAsking("snooze");
    },
    z: () => {
      const alert = current();
      if (alert && isQuiet(alert, now())) void alerts.endSnooze(alert.id);
    },
    g: () => {
      if (current()) setAsking("assign");
    },
    c: () => {
      if (detail()) setAsking("comment");
    },
    n: () => alerts.showNew(),
    "/": () => filter?.focus(),
    "?": () => setHelp(true),
  });
  const heldLevels = createMemo(() => alerts.held().flatMap((id) => (alerts.alerts[id] ? [levelOf(alerts.alerts[id] as Alert)] : [])));
  return (
    <div class="a-work" data-open={params.id ? "" : undefined}>
      <section class="a-list" aria-label={t("alerts.list")}>
        <div class="a-tools">
          <div class="a-tabs" role="tablist" aria-label={t("alerts.title")}>
            <TabButton name="open" current={tab()} onPick={() => setSearch({ tab: undefined })}>
              {t("alerts.open")} <span>{alerts.order().length + alerts.held().length}</span>
            </TabButton>
            <TabButton name="resolved" current={tab()} onPick={() => setSearch({ tab: "resolved" })}>
              {t("alerts.resolved")} <span>{t("alerts.resolvedSpan")}</span>
            </TabButton>
          </div>
          <label class="a-filter">
            <span class="sr">{t("alerts.filter")}</span>
            <Icon name="filter" size={16} />
            <input
              ref={filter}
              type="search"
              value={search.q ?? ""}
              placeholder={t("alerts.filterHint")}
              onInput={(event) => setSearch({ q: event.currentTarget.value || undefined }, { replace: true })}
              onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
            />
            <Show when={shortcuts()}>
              <span class="kbd" aria-hidden="true">
                /
              </span>
            </Show>
          </label>
        </div>
        <HeldBar levels={tab() === "open" ? heldLevels() : []} shortcuts={shortcuts()} onShow={() => alerts.showNew()} />
        <div class="a-panel" role="tabpanel" id="alerts-panel" aria-labelledby={`tab-${tab()}`} aria-busy={!alerts.loaded()}>
          <Show when={alerts.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => alerts.restart()} />}</Show>
          <Show when={tab() === "resolved" && resolved.problem()}>
            {(problem) => <ProblemBanner problem={problem()} onRetry={() => void resolved.reload()} />}
          </Show>
          <Show
            when={visible().length > 0}
            fallback={
              <Show when={alerts.loaded()}>
                <p class="a-empty">
                  <Icon name="check" />
                  {query() !== ""
                    ? t("alerts.noneFiltered", { text: search.q ?? "" })
                    : tab() === "open"
                      ? t("alerts.none")
                      : t("alerts.noneResolved")}
                </p>
              </Show>
            }
          >
            <AlertList
              label={tab() === "open" ? t("alerts.grid", { n: visible().length }) : t("alerts.gridResolved")}
              ids={visible()}
              get={(id) => alerts.alerts[id]}
              selected={params.id ?? alerts.selected()}
              pinned={alerts.pinned()}
              onSelect={(id) => alerts.select(id)}
              onOpen={(id) => {
                if (params.id !== id) go(id, wide());
                if (!wide()) queueMicrotask(() => document.getElementById("alert-heading")?.focus());
              }}
              onMove={(by) => alerts.move(visible(), by)}
              {...(tab() === "open" ? { onReading: (reading: boolean) => alerts.setReading(reading) } : {})}
            />
          </Show>
        </div>
      </section>
      <Show
        when={detail()?.id}
        keyed
        fallback={
          <aside class="d-panel d-empty" aria-label={t("alerts.detail")}>
            <p>{gone() ? t("alerts.gone") : t("alerts.pick")}</p>
            <Show when={gone()}>
              <button type="button" class="btn d-back" data-variant="secondary" onClick={() => go(undefined, false)}>
                {t("alerts.title")}
              </button>
            </Show>
          </aside>
        }
      >
        <Show when={detail()}>
          {(alert) => (
            <AlertDetail
              alert={alert()}
              shortcuts={shortcuts()}
              asking={asking()}
              onAsk={setAsking}
              onClose={() => {
                alerts.select(undefined);
                go(undefined, false);
              }}
              onStep={step}
            />
          )}
        </Show>
      </Show>
      <footer class="a-foot">
        <Show when={shortcuts()}>
          <span>
            <kbd>J</kbd>
            <kbd>K</kbd> {t("keys.move")}
          </span>
          <span>
            <kbd>A</kbd> {t("keys.take")}
          </span>
          <span>
            <kbd>R</kbd> {t("keys.resolve")}
          </span>
          <span>
            <kbd>S</kbd> {t("keys.snooze")}
          </span>
        </Show>
        <button type="button" onClick={() => setHelp(true)}>
          <kbd>?</kbd> {t("keys.help")}
        </button>
        <span class="a-foot-note">{t("foot.secondary")}</span>
      </footer>
      <Dialog
        open={help()}
        onClose={() => setHelp(false)}
        title={t("keys.title")}
        description={shortcuts() ? t("keys.note") : t("keys.off")}
      >
        <KeyList heading={t("keys.list")} rows={listKeys()} />
        <KeyList heading={t("keys.chart")} rows={chartKeys()} />
        <Show when={sound}>
          <button type="button" class="btn" data-variant="secondary" onClick={() => sound?.test()}>
            {t("sound.test")}
          </button>
        </Show>
      </Dialog>
    </div>
  );
}

const listKeys = (): [string, string][] => [
  ["J K ↑ ↓", t("keys.move")],
  ["↵", t("keys.open")],
  ["A", t("keys.take")],
  ["R", t("keys.resolve")],
  ["S", t("keys.snooze")],
  ["Z", t("keys.endSnooze")],
  ["G", t("keys.assign")],
  ["C", t("keys.comment")],
  ["N", t("keys.new")],
  ["[ ]", t("keys.neighbour")],
  ["/", t("keys.filter")],
];
const chartKeys = (): [string, string][] => [
  ["← →", t("keys.sample")],
  ["⇧ ← →", t("keys.ten")],
  ["⇞ ⇟", t("keys.mark")],
  ["+ −", t("keys.zoom")],
  ["0", t("keys.now")],
  ["T", t("keys.table")],
];

function KeyList(props: { heading: string; rows: [string, string][] }) {
  return (
    <section>
      <h3 class="k-head">{props.heading}</h3>
      <dl class="k-list">
        <For each={props.rows}>
          {([keys, words]) => (
            <div>
              <dt>
                <For each={keys.split(" ")}>{(name) => <kbd>{name}</kbd>}</For>
              </dt>
              <dd>{words}</dd>
            </div>
          )}
        </For>
      </dl>
    </section>
  );
}

function TabButton(props: { name: string; current: string; onPick: () => void; children: import("solid-js").JSX.Element }) {
  const chosen = () => props.current === props.name;
  return (
    <button
      type="button"
      role="tab"
      id={`tab-${props.name}`}
      class="a-tab"
      aria-selected={chosen()}
      aria-controls="alerts-panel"
      tabindex={chosen() ? 0 : -1}
      onClick={() => props.onPick()}
      onKeyDown={(event) => {
        if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
        const other = document.querySelector<HTMLElement>('.a-tab[aria-selected="false"]');
        other?.focus();
        other?.click();
      }}
    >
      {props.children}
    </button>
  );
}
