import { type Appointment, getSchedule, listAppointments } from "@episante/contracts/appointment";
import { listMembers } from "@episante/contracts/auth";
import { listReasons } from "@episante/contracts/doctor";
import { A, useSearchParams } from "@solidjs/router";
import { createEffect, createMemo, createSignal, For, on, Show } from "solid-js";
import { Button } from "../../shared/components/Button.tsx";
import { Icon } from "../../shared/components/Icon.tsx";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { locale } from "../../shared/i18n/i18n.ts";
import { call } from "../../shared/lib/call.ts";
import {
  addDays,
  clock,
  dateDay,
  dateRange,
  dayInstant,
  dayNumber,
  dayOf,
  mondayOf,
  offset,
  ownZone,
  weekdayShort,
  zoneCity,
} from "../../shared/lib/format.ts";
import { createInterval, createLoad } from "../../shared/lib/load.ts";
import {
  closedParts,
  dayStartMs,
  hoursShown,
  isoWeek,
  layDay,
  minutesInto,
  openingsOf,
  pxPerMinute,
} from "../features/agenda/day-layout.ts";
import { t } from "../i18n/text.ts";
import { useShortcuts } from "../lib/shortcuts.ts";
import { patientName } from "../lib/words.ts";
import { ConsolePage } from "../shell/ConsolePage.tsx";
import { useConsole } from "../shell/console-context.tsx";

/** State as a sign beside its fill: colour alone says nothing. The words are read out. */
const glyphs: Record<Appointment["status"], string> = {
  pending: "?",
  booked: "",
  arrived: "●",
  "checked-in": "▶",
  fulfilled: "✓✓",
  cancelled: "✕",
  noshow: "⊘",
  "entered-in-error": "✕",
};

/** The visits of one doctor, by week or day; read only. The doctor, the day and the view live in the URL. */
export function AgendaRoute() {
  const { doctorId, zone, now, names, roles, me } = useConsole();
  const [search, setSearch] = useSearchParams<{ view?: string; date?: string; doctor?: string }>();
  const members = createLoad(
    () => true,
    (_, signal) => call(listMembers, { signal }),
  );
  const doctors = createMemo(() => (members.value()?.items ?? []).filter((member) => member.doctorId && member.status === "active"));
  const chosen = createMemo(() => {
    const wanted = search.doctor ?? doctorId() ?? doctors()[0]?.doctorId;
    return wanted as `doc_${string}` | undefined;
  });
  const today = createMemo(() => dayOf(now(), zone()));
  const phone = matchMedia("(max-width: 63.99rem)");
  const view = () => (search.view === "day" || (search.view === undefined && phone.matches) ? "day" : "week");
  const date = () => (/^\d{4}-\d{2}-\d{2}$/.test(search.date ?? "") ? (search.date as string) : today());
  // Hours are a help: without them (not readable, not yet set) nothing is hatched.
  const schedule = createLoad(chosen, (id, signal) => call(getSchedule, { params: { doctorId: id }, signal }), { keep: false });
  const openings = (day: string) => {
    const known = schedule.value();
    return known && known.windows.length > 0 ? openingsOf(known, day) : undefined;
  };
  // On a weekend without hours the coming week is the one people look for.
  const weekend = () => {
    if (search.date !== undefined || addDays(mondayOf(today()), 5) > today()) return false;
    const rest = today() === addDays(mondayOf(today()), 5) ? [today(), addDays(today(), 1)] : [today()];
    return rest.every((day) => (openings(day) ?? []).length === 0);
  };
  const first = createMemo(() => {
    const start = weekend() ? addDays(mondayOf(today()), 7) : date();
    return view() === "day" ? start : mondayOf(start);
  });
  const visits = createLoad(
    () => {
      const doctor = chosen();
      // The hours may decide which week is opened: wait for them, or for their refusal.
      return doctor && (schedule.value() || schedule.problem())
        ? { doctor, from: dayStartMs(first(), zone()), to: dayStartMs(addDays(first(), view() === "day" ? 1 : 7), zone()) }
        : undefined;
    },
    async ({ doctor, from, to }, signal) => {
      const items: Appointment[] = [];
      let cursor: string | undefined;
      do {
        const page = await call(listAppointments, {
          query: {
            doctorId: doctor,
            from: new Date(from).toISOString(),
            to: new Date(to).toISOString(),
            limit: 200,
            ...(cursor ? { cursor } : {}),
          },
          signal,
        });
        if (!page.ok) return page;
        items.push(...page.value.items);
        cursor = page.value.next;
      } while (cursor);
      return { ok: true as const, value: items };
    },
  );
  createInterval(() => void visits.reload(), 15_000);
  const reasons = createLoad(chosen, (id, signal) => call(listReasons, { params: { id }, signal }));
  createEffect(() => void names.want((visits.value() ?? []).map((visit) => visit.patientId)));

  const days = createMemo(() => {
    if (view() === "day") return [first()];
    // The weekend is shown only when there are hours or visits on it.
    const week = Array.from({ length: 7 }, (_, index) => addDays(first(), index));
    const used = new Set((visits.value() ?? []).map((visit) => dayOf(visit.start, zone())));
    return week.filter((day, index) => index < 5 || used.has(day) || (openings(day) ?? []).length > 0);
  });
  const hours = createMemo(() =>
    hoursShown([
      ...(visits.value() ?? []).map((visit) => [minutesInto(visit.start, zone()), minutesInto(visit.end, zone())] as const),
      ...days().flatMap((day) => openings(day) ?? []),
    ]),
  );
  const closed = (day: string) => {
    const open = openings(day);
    return open ? closedParts(open, hours()) : [];
  };
  const nowTop = createMemo(() => {
    const at = minutesInto(new Date(now()).toISOString(), zone()) - hours().from;
    return days().includes(today()) && at >= 0 && at <= hours().minutes ? at * pxPerMinute : undefined;
  });
  // Opened on today: the present is in view.
  const [grid, setGrid] = createSignal<HTMLElement>();
  createEffect(
    on([() => visits.value() !== undefined, first, grid], ([ready, , place]) => {
      const top = nowTop();
      if (ready && place && top !== undefined) place.scrollTop = Math.max(0, top - place.clientHeight / 2);
    }),
  );
  const of = (day: string) => (visits.value() ?? []).filter((visit) => dayOf(visit.start, zone()) === day);
  const reasonName = (id: string) => reasons.value()?.items.find((reason) => reason.id === id)?.name[locale()] ?? "";
  const go = (by: number) => setSearch({ date: addDays(view() === "day" ? date() : first(), by * (view() === "day" ? 1 : 7)) });
  useShortcuts(() => me().preferences.shortcuts !== false, {
    t: () => setSearch({ date: undefined }),
    ArrowLeft: () => go(-1),
    ArrowRight: () => go(1),
    "1": () => setSearch({ view: "day" }),
    "2": () => setSearch({ view: "week" }),
  });
  const visit = (appointment: Appointment) => ({
    name: patientName(names.get(appointment.patientId)),
    minutes: Math.round((Date.parse(appointment.end) - Date.parse(appointment.start)) / 60_000),
    reason: reasonName(appointment.reasonId),
    status: t(`agenda.status.${appointment.status}`),
  });
  return (
    <ConsolePage title={t("agenda.title")} class="g-page">
      <div class="g-bar">
        <button type="button" class="c-sq" onClick={() => go(-1)}>
          <Icon name="left" size={18} />
          <span class="sr">{view() === "day" ? t("agenda.previousDay") : t("agenda.previousWeek")}</span>
        </button>
        <button type="button" class="c-sq" onClick={() => go(1)}>
          <Icon name="right" size={18} />
          <span class="sr">{view() === "day" ? t("agenda.nextDay") : t("agenda.nextWeek")}</span>
        </button>
        <Button variant="secondary" onClick={() => setSearch({ date: undefined })}>
          {t("agenda.today")}
        </Button>
        <h2>
          {view() === "day"
            ? dateDay(dayInstant(first()), "UTC")
            : dateRange(dayInstant(first()), dayInstant(days().at(-1) ?? first()), "UTC")}
          <small>{t("agenda.weekNumber", { n: isoWeek(first()) })}</small>
        </h2>
        <span class="sp" />
        <Show when={doctors().length > 1}>
          <label class="c-select">
            <span class="sr">{t("agenda.doctor")}</span>
            <select class="input" value={chosen()} onChange={(event) => setSearch({ doctor: event.currentTarget.value })}>
              <For each={doctors()}>
                {(doctor) => (
                  <option value={doctor.doctorId} selected={doctor.doctorId === chosen()}>
                    {doctor.displayName}
                  </option>
                )}
              </For>
            </select>
          </label>
        </Show>
        <div class="c-seg" role="group" aria-label={t("agenda.view")}>
          <For each={["day", "week"] as const}>
            {(name) => (
              <button type="button" aria-pressed={view() === name} onClick={() => setSearch({ view: name })}>
                {t(`agenda.${name}`)}
              </button>
            )}
          </For>
        </div>
      </div>
      <div class="g-note" role="status">
        <Show when={members.problem() ?? visits.problem()}>
          {(problem) => <ProblemBanner problem={problem()} onRetry={() => void visits.reload()} />}
        </Show>
        <Show when={members.value() && !chosen()}>
          <p>{t("agenda.noDoctor")}</p>
        </Show>
        <Show when={visits.value()?.length === 0}>
          <p>{t("agenda.empty")}</p>
        </Show>
        <Show when={ownZone() !== zone()}>
          <p>{t("agenda.zone", { city: zoneCity(zone()), offset: offset(now(), zone()) })}</p>
        </Show>
      </div>
      <section
        ref={setGrid}
        class="g-cal"
        tabindex="0"
        aria-label={t("agenda.title")}
        aria-busy={visits.pending()}
        style={{ "grid-template-columns": `56px repeat(${days().length}, minmax(${view() === "day" ? 0 : 132}px, 1fr))` }}
      >
        <div class="g-head" />
        <For each={days()}>
          {(day) => (
            <div class="g-head g-day-head" data-today={day === today() ? "" : undefined}>
              {weekdayShort(dayInstant(day), "UTC")} <b>{dayNumber(dayInstant(day), "UTC")}</b>
              <em>
                {of(day).length > 0
                  ? t("agenda.visits", { n: of(day).length })
                  : openings(day)?.length === 0
                    ? t("agenda.closed")
                    : t("agenda.noVisits")}
              </em>
            </div>
          )}
        </For>
        <div class="g-hours" style={{ height: `${hours().minutes * pxPerMinute}px` }} aria-hidden="true">
          <For each={Array.from({ length: Math.max(0, hours().minutes / 60 - 1) }, (_, index) => index + 1)}>
            {(hour) => <time style={{ top: `${hour * 60 * pxPerMinute}px` }}>{`${hours().from / 60 + hour}:00`}</time>}
          </For>
          <Show when={nowTop()}>
            {(top) => (
              <b class="g-clock" style={{ top: `${top()}px` }}>
                {clock(now(), zone())}
              </b>
            )}
          </Show>
        </div>
        <For each={days()}>
          {(day) => (
            <ol class="g-day" data-today={day === today() ? "" : undefined} aria-label={dateDay(dayInstant(day), "UTC")}>
              <For each={closed(day)}>
                {([from, to]) => (
                  <li
                    class="g-closed"
                    style={{ top: `${(from - hours().from) * pxPerMinute}px`, height: `${(to - from) * pxPerMinute}px` }}
                  >
                    <span class="sr">{t("agenda.closedFromTo", { from: wall(from), to: wall(to) })}</span>
                  </li>
                )}
              </For>
              <For each={layDay(of(day), zone())}>
                {(placed) => {
                  const words = () => visit(placed.appointment);
                  return (
                    <li
                      class="g-visit"
                      data-status={placed.appointment.status}
                      style={{
                        top: `${(placed.from - hours().from) * pxPerMinute + 1}px`,
                        height: `${Math.max(24, (placed.to - placed.from) * pxPerMinute - 2)}px`,
                        left: `calc(${(placed.lane / placed.lanes) * 100}% + 3px)`,
                        right: `calc(${(1 - (placed.lane + 1) / placed.lanes) * 100}% + 3px)`,
                      }}
                    >
                      <span class="l1">
                        <time datetime={placed.appointment.start}>{clock(placed.appointment.start, zone())}</time>
                        <Show when={roles().includes("doctor")} fallback={<b>{words().name}</b>}>
                          <b>
                            <A href={`/patients/${placed.appointment.patientId}`}>{words().name}</A>
                          </b>
                        </Show>
                        <span class="g-glyph" aria-hidden="true">
                          {glyphs[placed.appointment.status]}
                        </span>
                      </span>
                      <Show when={placed.to - placed.from >= 30}>
                        <span class="l2" aria-hidden="true">
                          {words().reason || words().status}
                        </span>
                      </Show>
                      <span class="sr">
                        , {words().reason}, {t("agenda.minutes", { n: words().minutes })}, {words().status}
                      </span>
                    </li>
                  );
                }}
              </For>
              <Show when={nowTop()}>
                {(top) => (
                  <li class="g-now" aria-hidden="true" data-today={day === today() ? "" : undefined} style={{ top: `${top()}px` }} />
                )}
              </Show>
            </ol>
          )}
        </For>
      </section>
      <p class="g-legend">
        <For each={["booked", "arrived", "checked-in", "fulfilled", "noshow"] as const}>
          {(status) => (
            <span>
              <i class="g-visit" data-status={status} aria-hidden="true" />
              {t(`agenda.status.${status}`)} <span aria-hidden="true">{glyphs[status]}</span>
            </span>
          )}
        </For>
        <span>
          <i class="g-closed" aria-hidden="true" />
          {t("agenda.closed")}
        </span>
      </p>
    </ConsolePage>
  );
}

/** Minutes since midnight as `9:00`. */
function wall(minutes: number): string {
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}
