// biome-ignore-all lint/a11y/useFocusableInteractive: the focus goes through the rows (roving tabindex); heads are no stop
import type { Alert } from "@episante/contracts/alert";
import { createEffect, createMemo, For, on, onCleanup, Show } from "solid-js";
import { Sparkline } from "../../../shared/charts/Sparkline.tsx";
import { SeverityMark } from "../../../shared/components/SeverityMark.tsx";
import { clock } from "../../../shared/lib/format.ts";
import { t } from "../../i18n/text.ts";
import { ageAndSex, alertLevel, patientName, shortSpan } from "../../lib/words.ts";
import { useConsole } from "../../shell/console-context.tsx";
import { isQuiet, levelOf } from "./alert-board.ts";
import { limitOf, ownerWords, ruleWords, trendGapMs, trendPoints, valueWords } from "./alert-words.ts";

const trendMs = 30 * 60_000;
/** After the last scroll the list counts as read for this long. */
const scrollRestMs = 3000;

export interface AlertListProps {
  label: string;
  ids: readonly string[];
  get: (id: string) => Alert | undefined;
  selected: string | undefined;
  pinned?: readonly string[];
  onSelect: (id: string) => void;
  onOpen: (id: string) => void;
  onMove: (by: number) => void;
  /** Focus, hover or scroll began or ended. */
  onReading?: (reading: boolean) => void;
}

/** The list as a grid with one tab stop. It never moves a row that somebody reads: rows that come in above shift the scroll, not the eye. */
export function AlertList(props: AlertListProps) {
  let scroller: HTMLDivElement | undefined;
  let hovered = false;
  let focused = false;
  let scrolledAt = 0;
  let ownScroll = false;
  let rest: ReturnType<typeof setTimeout> | undefined;

  function tell(): void {
    clearTimeout(rest);
    const scrolling = Date.now() - scrolledAt < scrollRestMs;
    if (scrolling && !hovered && !focused) rest = setTimeout(tell, scrollRestMs);
    props.onReading?.(hovered || focused || scrolling);
  }
  onCleanup(() => {
    clearTimeout(rest);
    props.onReading?.(false);
  });

  function rowOf(id: string | undefined): HTMLElement | null {
    return id === undefined ? null : (scroller?.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`) ?? null);
  }
  /** The row the eye is on: focused, under the pointer, or the first one in view. */
  function anchorRow(): HTMLElement | undefined {
    if (!scroller) return undefined;
    const top = scroller.getBoundingClientRect().top + headHeight();
    const rows = [...scroller.querySelectorAll<HTMLElement>(".a-row")];
    return (
      rows.find((row) => row === document.activeElement) ??
      rows.find((row) => row.matches(":hover")) ??
      rows.find((row) => row.getBoundingClientRect().bottom > top + 8)
    );
  }
  const headHeight = () => scroller?.querySelector<HTMLElement>(".a-head")?.offsetHeight ?? 0;

  // `ids` has changed but the page has not been laid out yet: measure, let Solid update, then put the read row back where it was.
  let before: { id: string; top: number } | undefined;
  const remember = () => {
    const row = anchorRow();
    before = row?.dataset.id ? { id: row.dataset.id, top: row.getBoundingClientRect().top } : undefined;
  };
  const shown = createMemo(() => {
    const { ids } = props;
    if (hovered || focused || Date.now() - scrolledAt < scrollRestMs) remember();
    return ids;
  });
  createEffect(
    on(shown, () => {
      const kept = before;
      before = undefined;
      const row = rowOf(kept?.id);
      if (!scroller || !kept || !row) {
        scroller?.style.setProperty("--spare", "0px");
        return;
      }
      const pins = scroller.querySelectorAll(".a-row[data-pinned]").length;
      const lowest = scroller.getBoundingClientRect().top + headHeight() + pins * row.offsetHeight;
      const shift = row.getBoundingClientRect().top - Math.max(kept.top, lowest);
      if (shift <= 0) return;
      // A short list cannot scroll: it gets the room to.
      scroller.style.setProperty("--spare", "0px");
      const content = (scroller.firstElementChild as HTMLElement).offsetHeight + 12;
      const missing = scroller.clientHeight + scroller.scrollTop + shift - content;
      if (missing > 0) scroller.style.setProperty("--spare", `${missing}px`);
      ownScroll = true;
      scroller.scrollTop += shift;
    }),
  );
  createEffect(
    on(
      () => props.selected,
      (id) => {
        const row = rowOf(id);
        if (!row) return;
        row.scrollIntoView({ block: "nearest" });
        if (scroller?.contains(document.activeElement)) row.focus({ preventScroll: true });
      },
    ),
  );
  function press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const last = props.ids.length;
    const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, Home: -last, End: last, PageDown: 8, PageUp: -8 };
    const by = moves[event.key];
    if (by !== undefined) {
      event.preventDefault();
      props.onMove(by);
    } else if (event.key === "Enter" && props.selected) {
      event.preventDefault();
      props.onOpen(props.selected);
    }
  }
  return (
    <div
      class="a-scroll"
      ref={scroller}
      onPointerEnter={(event) => {
        hovered = event.pointerType === "mouse";
        tell();
      }}
      onPointerLeave={() => {
        hovered = false;
        tell();
      }}
      onFocusIn={() => {
        focused = true;
        tell();
      }}
      onFocusOut={(event) => {
        focused = event.currentTarget.contains(event.relatedTarget as Node | null);
        tell();
      }}
      onScroll={() => {
        if (ownScroll) {
          ownScroll = false;
          return;
        }
        scrolledAt = Date.now();
        tell();
      }}
    >
      <div class="a-grid" role="grid" aria-label={props.label} aria-rowcount={props.ids.length + 1} onKeyDown={press}>
        <div class="a-head" role="row" aria-rowindex={1}>
          <span role="columnheader">{t("alerts.col.level")}</span>
          <span role="columnheader">{t("alerts.col.patient")}</span>
          <span role="columnheader">{t("alerts.col.value")}</span>
          <span role="columnheader" class="a-spark">
            {t("alerts.col.trend")}
          </span>
          <span role="columnheader">{t("alerts.col.since")}</span>
          <span role="columnheader">{t("alerts.col.owner")}</span>
        </div>
        <For each={shown()}>
          {(id, index) => (
            <Show when={props.get(id)}>
              {(alert) => (
                <Row
                  alert={alert()}
                  index={index()}
                  selected={props.selected === id}
                  stop={props.selected === id || (index() === 0 && !props.ids.includes(props.selected ?? ""))}
                  pin={props.pinned?.indexOf(id) ?? -1}
                  onPick={() => {
                    props.onSelect(id);
                    props.onOpen(id);
                  }}
                />
              )}
            </Show>
          )}
        </For>
      </div>
    </div>
  );
}

function Row(props: { alert: Alert; index: number; selected: boolean; stop: boolean; pin: number; onPick: () => void }) {
  const { names, now, zone, me, alerts } = useConsole();
  const patient = () => names.get(props.alert.patientId);
  const level = () => levelOf(props.alert);
  const live = () => alerts?.link() !== "lost" && !props.alert.stale;
  const value = () => valueWords(props.alert);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid handles the keys
    <div
      class="a-row"
      role="row"
      aria-rowindex={props.index + 2}
      aria-selected={props.selected}
      tabindex={props.stop ? 0 : -1}
      data-id={props.alert.id}
      data-level={level()}
      data-status={props.alert.status}
      data-pinned={props.pin >= 0 ? "" : undefined}
      style={{ "--pin": props.pin >= 0 ? String(props.pin) : undefined }}
      onClick={() => props.onPick()}
    >
      <span role="gridcell" class="a-level">
        <SeverityMark level={level()} size={18} />
        {alertLevel(props.alert)}
      </span>
      <span role="gridcell" class="a-patient">
        <b>{patientName(patient())}</b>
        <small>{ageAndSex(patient(), now())}</small>
      </span>
      <span role="gridcell" class="a-value">
        <b classList={{ old: !live() }}>
          {value().value}
          <i>{value().unit}</i>
        </b>
        <small>{ruleWords(props.alert)}</small>
      </span>
      <span role="gridcell" class="a-spark">
        <Sparkline
          points={trendPoints(props.alert)}
          window={{ from: now() - trendMs, to: now() }}
          gapMs={trendGapMs(props.alert)}
          {...(props.alert.class === "clinical" ? { limit: limitOf(props.alert) } : {})}
          level={level()}
        />
      </span>
      <span role="gridcell" class="a-age">
        <b>{shortSpan(now() - Date.parse(props.alert.firedAt))}</b>
        <small>{clock(props.alert.firedAt, zone())}</small>
      </span>
      <span role="gridcell" class="a-owner">
        <Show when={props.alert.owner} fallback={<span class="a-nobody">{t("alerts.nobody")}</span>}>
          {(owner) => <span>{ownerWords(props.alert, owner(), me().accountId)}</span>}
        </Show>
        <Modifier alert={props.alert} />
      </span>
    </div>
  );
}

/** Words that stand beside the level, never instead of it. */
function Modifier(props: { alert: Alert }) {
  const { now, zone } = useConsole();
  return (
    <Show
      when={props.alert.status !== "resolved" && props.alert.status !== "withdrawn"}
      fallback={
        <span class="a-tag">{props.alert.status === "withdrawn" ? t("alerts.status.withdrawn") : t("alerts.status.resolved")}</span>
      }
    >
      <Show when={props.alert.stale}>
        <span class="a-tag" data-kind="stale">
          {t("alerts.status.stale", { age: shortSpan(now() - Date.parse(props.alert.lastReadingAt)) })}
        </span>
      </Show>
      <Show when={isQuiet(props.alert, now()) && props.alert.snoozedUntil}>
        {(until) => <span class="a-tag">{t("alerts.status.snoozed", { time: clock(until(), zone()) })}</span>}
      </Show>
      <Show when={props.alert.late}>
        <span class="a-tag">{t("alerts.status.late", { age: shortSpan(props.alert.explanation.delaySeconds * 1000) })}</span>
      </Show>
      <Show when={props.alert.partial}>
        <span class="a-tag">{t("alerts.status.partial")}</span>
      </Show>
      <Show when={!props.alert.stale && props.alert.clearedAt}>
        {(cleared) => <span class="a-tag">{t("alerts.status.cleared", { time: clock(cleared(), zone()) })}</span>}
      </Show>
    </Show>
  );
}
