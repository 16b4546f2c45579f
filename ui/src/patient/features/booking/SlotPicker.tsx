import { listSlots } from "@episante/contracts/appointment";
import { batch, createEffect, createMemo, createSignal, For, on, Show } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import { Icon } from "../../../shared/components/Icon.tsx";
import { announce } from "../../../shared/components/LiveRegion.tsx";
import { Skeleton } from "../../../shared/components/Waiting.tsx";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import {
  addDays,
  capital,
  dateDay,
  dateRange,
  dateTime,
  dayInstant,
  dayNumber,
  dayOf,
  mondayOf,
  offset,
  ownZone,
  relativeDay,
  time,
  weekdayShort,
  zoneCity,
} from "../../../shared/lib/format.ts";
import { createInterval } from "../../../shared/lib/load.ts";
import { serverNow } from "../../../shared/lib/server-clock.ts";
import { t } from "../../i18n/t.ts";
import type { DoctorItem, VisitReason } from "../directory.ts";
import { arrowTarget, dayParts, justGone, mergeSlots, type SlotCell, weekDays } from "./slot-grid.ts";

/** What others take or give back is on screen within five seconds. */
const refreshMs = 4_000;

/**
 * Week of day chips, then that day's times. Refreshes by itself without moving anything: a time that goes stays in
 * place, struck; one that comes waits for a press. Nothing is held by touching a time.
 */
export function SlotPicker(props: {
  doctor: DoctorItem;
  reason: VisitReason;
  /** The chosen start, or undefined. */
  chosen: string | undefined;
  onChoose: (start: string | undefined) => void;
}) {
  const zone = () => props.doctor.zone;
  const today = () => dayOf(serverNow(), zone());
  const firstDay = () => dayOf(props.chosen ?? props.doctor.nextSlotAt ?? serverNow(), zone());
  const [monday, setMonday] = createSignal(mondayOf(firstDay()));
  const [day, setDay] = createSignal<string | undefined>(props.chosen ? firstDay() : undefined);
  const [cells, setCells] = createStore<SlotCell[]>([]);
  const [loaded, setLoaded] = createSignal<string>();
  const [nextFreeAt, setNextFreeAt] = createSignal<string>();
  const [problem, setProblem] = createSignal<CallProblem>();
  const [freshAt, setFreshAt] = createSignal(serverNow());
  const [gone, setGone] = createSignal<string>();
  let dayGroup: HTMLDivElement | undefined;
  let timeGroup: HTMLDivElement | undefined;

  const loading = () => loaded() !== viewKey();
  const viewKey = () => `${props.reason.id}|${monday()}`;
  let running = 0;
  async function refresh(): Promise<void> {
    running += 1;
    const mine = running;
    const key = viewKey();
    const sunday = addDays(monday(), 6);
    const from = atStart() ? today() : monday();
    const result = await call(listSlots, { query: { doctorId: props.doctor.id, reasonId: props.reason.id, from, to: sunday } });
    if (mine !== running || key !== viewKey()) return;
    if (!result.ok) {
      setProblem(result.problem);
      return;
    }
    const before = cells.map((cell) => ({ ...cell }));
    const starts = result.value.items.map((slot) => slot.start);
    const view = { from: monday(), to: sunday, zone: zone(), nowMs: serverNow(), watchedDay: loaded() === key ? day() : undefined };
    const after = mergeSlots(before, starts, view);
    batch(() => {
      setCells(reconcile(after, { key: "start" }));
      setProblem(undefined);
      setFreshAt(serverNow());
      setNextFreeAt(result.value.nextFreeAt);
      if (loaded() !== key) openWeek(key);
    });
    tellGone(justGone(before, after));
  }

  /** First answer for a week: the day is the chosen one, or the first with times; an empty week leads to the next free one, once. */
  function openWeek(key: string): void {
    const first = loaded() === undefined;
    setLoaded(key);
    const wanted = day();
    const days = weekDays(monday(), cells);
    if (wanted && days.some((entry) => entry.day === wanted)) return;
    const free = days.find((entry) => entry.free > 0);
    const next = nextFreeAt();
    if (!free && first && next) {
      setMonday(mondayOf(dayOf(next, zone())));
      return;
    }
    setDay(free?.day);
  }

  function tellGone(starts: readonly string[]): void {
    const mine = starts.find((start) => start === props.chosen) ?? starts.find((start) => dayOf(start, zone()) === day());
    if (!mine) return;
    setGone(mine);
    announce(t("slot.goneLive", { time: time(mine, zone()) }));
    if (mine === props.chosen) props.onChoose(undefined);
  }

  createEffect(
    on(
      () => props.reason.id,
      () => {
        batch(() => {
          setCells(reconcile([], { key: "start" }));
          setLoaded(undefined);
          setGone(undefined);
        });
      },
      { defer: true },
    ),
  );
  createEffect(on(viewKey, () => void refresh()));
  createInterval(() => void refresh(), refreshMs);

  const days = createMemo(() => weekDays(monday(), cells));
  const parts = createMemo(() => {
    const shown = day();
    return shown ? dayParts(shown, cells, zone()) : { morning: [], afternoon: [] };
  });
  const dayIsEmpty = () => parts().morning.length + parts().afternoon.length === 0;
  const waiting = () => cells.filter((cell) => cell.waiting && cell.day === day());
  const period = (start: string) => dateRange(dayInstant(start), dayInstant(addDays(start, days().length > 5 ? 6 : 4)), "UTC");
  const atStart = () => monday() <= mondayOf(today());

  function showWeek(start: string, wanted?: string): void {
    if (start < mondayOf(today())) return;
    batch(() => {
      setMonday(start);
      setDay(wanted);
      setGone(undefined);
    });
  }
  function showDay(next: string): void {
    batch(() => {
      setDay(next);
      setGone(undefined);
      setCells(
        reconcile(
          cells.map((cell) => ({ ...cell, waiting: false })),
          { key: "start" },
        ),
      );
    });
  }
  function showNextFree(): void {
    const next = nextFreeAt();
    if (!next) return;
    const nextDay = dayOf(next, zone());
    if (mondayOf(nextDay) === monday()) showDay(nextDay);
    else showWeek(mondayOf(nextDay), nextDay);
    dayGroup?.querySelector("button")?.focus();
  }

  /** Days: arrows, Home and End move and show; page keys change the week and keep the focus in the group. */
  function onDayKey(event: KeyboardEvent): void {
    if (event.key === "PageDown" || event.key === "PageUp") {
      event.preventDefault();
      showWeek(addDays(monday(), event.key === "PageDown" ? 7 : -7));
      queueMicrotask(() => dayGroup?.querySelector<HTMLButtonElement>("[tabindex='0']")?.focus());
      return;
    }
    const next = moveFocus(dayGroup, event);
    const entry = next === undefined ? undefined : days()[next];
    if (entry) showDay(entry.day);
  }

  const dayStop = () => {
    const index = days().findIndex((entry) => entry.day === day());
    return index === -1 ? 0 : index;
  };
  const [timeStop, setTimeStop] = createSignal<string>();
  const stopStart = () => {
    const all = [...parts().morning, ...parts().afternoon];
    const wanted = [timeStop(), props.chosen].find((start) => all.some((cell) => cell.start === start));
    return wanted ?? all[0]?.start;
  };
  function choose(cell: SlotCell): void {
    setTimeStop(cell.start);
    if (!cell.gone) props.onChoose(props.chosen === cell.start ? undefined : cell.start);
  }

  function renderTimes(list: SlotCell[]) {
    return (
      <div class="slots">
        <For each={list}>
          {(cell) => (
            <button
              type="button"
              class="slot"
              data-gone={cell.gone ? "" : undefined}
              aria-disabled={cell.gone ? "true" : undefined}
              aria-pressed={cell.gone ? undefined : props.chosen === cell.start}
              tabindex={stopStart() === cell.start ? 0 : -1}
              onFocus={() => setTimeStop(cell.start)}
              onClick={() => choose(cell)}
            >
              <span>
                <span class="sr">{`${dateDay(cell.start, zone())}, `}</span>
                <span class="t">{time(cell.start, zone())}</span>
                <Show when={cell.gone}>
                  <span class="sr">{`, ${t("slot.gone")}`}</span>
                </Show>
              </span>
            </button>
          )}
        </For>
      </div>
    );
  }

  return (
    <>
      <div class="weeknav">
        <button type="button" aria-disabled={atStart() ? "true" : undefined} onClick={() => showWeek(addDays(monday(), -7))}>
          <Icon name="left" />
          <span class="sr">{atStart() ? t("slot.noPrevWeek") : t("slot.prevWeek", { period: period(addDays(monday(), -7)) })}</span>
        </button>
        <span aria-live="polite">{period(monday())}</span>
        <button type="button" onClick={() => showWeek(addDays(monday(), 7))}>
          <Icon name="right" />
          <span class="sr">{t("slot.nextWeek", { period: period(addDays(monday(), 7)) })}</span>
        </button>
      </div>
      <div class="week" role="group" aria-label={t("slot.days")} ref={dayGroup} onKeyDown={onDayKey} aria-busy={loading()}>
        <For each={days()}>
          {(entry, index) => (
            <button
              type="button"
              class="day"
              data-empty={entry.free === 0 ? "" : undefined}
              aria-pressed={day() === entry.day}
              tabindex={index() === dayStop() ? 0 : -1}
              onClick={() => showDay(entry.day)}
            >
              <i aria-hidden="true">{weekdayShort(dayInstant(entry.day), "UTC")}</i>
              <b aria-hidden="true">{dayNumber(dayInstant(entry.day), "UTC")}</b>
              <em aria-hidden="true">{loading() ? "…" : entry.free > 0 ? t("slot.free", { n: entry.free }) : t("slot.noneShort")}</em>
              <span class="sr">
                {`${dateDay(dayInstant(entry.day), "UTC")}, ${entry.free > 0 ? t("slot.free", { n: entry.free }) : t("slot.noneLong")}`}
              </span>
            </button>
          )}
        </For>
      </div>
      <div class="flow-root min-h-[26rem] min-[56rem]:min-h-[19rem]">
        <Show when={!loading()} fallback={<WaitingTimes />}>
          <Show
            when={day() && !dayIsEmpty()}
            fallback={
              <NoTimes
                text={
                  nextFreeAt()
                    ? t(day() ? "slot.none" : "slot.noneWeek", { when: dateTime(nextFreeAt() ?? "", zone()) })
                    : t("slot.noneAtAll")
                }
                onNext={nextFreeAt() ? showNextFree : undefined}
              />
            }
          >
            <p class="when">{relativeDay(dayInstant(day() ?? ""), "UTC")}</p>
            <div role="group" aria-label={t("slot.times")} ref={timeGroup} onKeyDown={(event) => moveFocus(timeGroup, event)}>
              <Show when={parts().morning.length > 0}>
                <h3>{t("slot.morning")}</h3>
                {renderTimes(parts().morning)}
              </Show>
              <Show when={parts().afternoon.length > 0}>
                <h3>{t("slot.afternoon")}</h3>
                {renderTimes(parts().afternoon)}
              </Show>
            </div>
          </Show>
        </Show>
        <div class="live" classList={{ invisible: loading() && !problem() }}>
          <Icon name={problem() ? "offline" : "clock"} />
          <div>
            <Show
              when={problem()}
              fallback={<p>{gone() ? t("slot.goneLive", { time: time(gone() ?? "", zone()) }) : t("slot.upToDate")}</p>}
            >
              <p>{t("slot.refreshFailed", { time: time(freshAt(), zone()) })}</p>
            </Show>
            <Show when={offset(serverNow(), zone()) !== offset(serverNow(), ownZone())}>
              <p>{t("zone.note", { city: zoneCity(zone()), offset: offset(serverNow(), zone()) })}</p>
            </Show>
            <Show when={waiting().length > 0}>
              <p>
                {capital(t("slot.appeared", { n: waiting().length }))}{" "}
                <button type="button" class="quiet -ml-3" onClick={() => showDay(day() ?? "")}>
                  {t("slot.show")}
                </button>
              </p>
            </Show>
          </div>
        </div>
        <button
          type="button"
          class="quiet -ml-3"
          classList={{ invisible: loading() }}
          onClick={() => dayGroup?.querySelector<HTMLButtonElement>("[tabindex='0']")?.focus()}
        >
          {t("slot.otherDay")}
        </button>
      </div>
    </>
  );
}

/** Moves focus between the buttons of a group by arrow keys; answers the index that got it. */
export function moveFocus(group: HTMLElement | undefined, event: KeyboardEvent): number | undefined {
  if (!group || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const buttons = [...group.querySelectorAll<HTMLButtonElement>("button")];
  const at = buttons.indexOf(event.target as HTMLButtonElement);
  const places = buttons.map((button) => {
    const box = button.getBoundingClientRect();
    return { left: box.left, top: box.top };
  });
  const target = arrowTarget(event.key, at, places);
  const button = target === undefined ? undefined : buttons[target];
  if (!button) return undefined;
  event.preventDefault();
  button.focus();
  return target;
}

function WaitingTimes() {
  return (
    <div aria-busy="true" class="grid gap-3 pt-5">
      <Skeleton class="h-7 w-56" />
      <div class="slots">
        <For each={[1, 2, 3, 4, 5, 6]}>{() => <Skeleton class="h-13" />}</For>
      </div>
    </div>
  );
}

function NoTimes(props: { text: string; onNext: (() => void) | undefined }) {
  return (
    <div class="grid gap-2 py-5 justify-items-start">
      <p role="status">{props.text}</p>
      <Show when={props.onNext}>
        <button type="button" class="btn" data-variant="secondary" onClick={() => props.onNext?.()}>
          {t("slot.goNext")}
        </button>
      </Show>
    </div>
  );
}
