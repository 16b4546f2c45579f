import type { Appointment } from "@episante/contracts/appointment";
import { useSearchParams } from "@solidjs/router";
import { createContext, createEffect, createMemo, createSignal, untrack, useContext } from "solid-js";
import { announce } from "../../../shared/components/LiveRegion.tsx";
import { locale } from "../../../shared/i18n/i18n.ts";
import { addDays, clock, dayOf, mondayOf } from "../../../shared/lib/format.ts";
import { ta } from "../../i18n/agenda-texts.ts";
import { t } from "../../i18n/text.ts";
import { patientName } from "../../lib/words.ts";
import { useConsole } from "../../shell/console-context.tsx";
import { type AgendaDoctor, createAgendaDoctors, mostDoctors } from "./agenda-doctors.ts";
import { createAbsences } from "./create-absences.ts";
import { createElsewhere } from "./create-elsewhere.ts";
import { createHeld } from "./create-held.ts";
import { createVisits } from "./create-visits.ts";
import { addMonths, dayStartMs, hoursShown, minutesInto, monthDays } from "./day-layout.ts";
import { isStanding } from "./floor-actions.ts";
import { laneItems, type Taking } from "./lane-items.ts";
import type { Lane } from "./lane-keys.ts";

export const views = ["day", "week", "month"] as const;
export type View = (typeof views)[number];

/** Changes are announced together, at most this often. Milliseconds. */
const announceMs = 4000;

/** Everything an agenda screen shows: what the URL asks for, the doctors, their visits live, and the lanes made of them. */
export function createAgenda() {
  const { doctorId, zone, now, names } = useConsole();
  const [search, setSearch] = useSearchParams<{ view?: string; date?: string; doctors?: string }>();
  const phone = matchMedia("(max-width: 63.99rem)");
  const view = (): View => views.find((name) => name === search.view) ?? (phone.matches ? "day" : "week");
  const doctors = createAgendaDoctors((all) => {
    const asked = (search.doctors ?? "").split(",").filter(Boolean);
    if (asked.length > 0) return asked;
    const own = doctorId();
    return own ? [own] : all.slice(0, phone.matches ? 1 : 2).map((doctor) => doctor.id);
  });
  const minute = createMemo(() => Math.floor(now() / 60_000) * 60_000);
  const today = createMemo(() => dayOf(minute(), zone()));
  const date = () => (/^\d{4}-\d{2}-\d{2}$/.test(search.date ?? "") ? (search.date as string) : today());
  const hasHours = (day: string) => doctors.chosen().some((doctor) => (doctors.openingsOf(doctor, day) ?? []).length > 0);

  /** First day on screen. On a weekend without hours the coming week is the one people look for. */
  const first = createMemo(() => {
    const isWeekend = search.date === undefined && addDays(mondayOf(today()), 5) <= today();
    const rest = addDays(mondayOf(today()), 7);
    const isOver = isWeekend && ![today(), addDays(today(), 1)].some((day) => day < rest && hasHours(day));
    const day = isOver ? rest : date();
    return view() === "day" ? day : view() === "week" ? mondayOf(day) : (monthDays(day)[0] ?? day);
  });
  const span = createMemo(() => {
    if (view() === "day") return [first()];
    if (view() === "week") return Array.from({ length: 7 }, (_, index) => addDays(first(), index));
    return monthDays(date());
  });
  const shown = createMemo(
    () => {
      const chosen = doctors.chosen();
      if (chosen.length === 0 || !doctors.isReady()) return undefined;
      const last = span().at(-1) ?? first();
      return {
        doctorIds: chosen.map((doctor) => doctor.id),
        from: dayStartMs(first(), zone()),
        to: dayStartMs(addDays(last, 1), zone()),
      };
    },
    undefined,
    { equals: (a, b) => JSON.stringify(a) === JSON.stringify(b) },
  );
  const held = createHeld();
  const visits = createVisits(shown, changed, held.take);
  const absences = createAbsences(shown);
  const elsewhere = createElsewhere(shown);
  createEffect(() => void names.want(visits.all().map((visit) => visit.patientId)));

  const standing = createMemo(() => {
    const byLane = new Map<string, Appointment[]>();
    for (const visit of visits.all()) {
      if (!isStanding(visit.status)) continue;
      const key = `${dayOf(visit.start, zone())} ${visit.doctorId}`;
      byLane.set(key, [...(byLane.get(key) ?? []), visit]);
    }
    return byLane;
  });
  const visitsOf = (day: string, doctor: string) => standing().get(`${day} ${doctor}`) ?? [];
  const days = createMemo(() => {
    if (view() !== "week") return span();
    // The weekend is shown only when there are hours or visits on it.
    return span().filter(
      (day, index) => index < 5 || hasHours(day) || doctors.chosen().some((doctor) => visitsOf(day, doctor.id).length > 0),
    );
  });

  function takenOf(day: string, doctor: string): Taking[] {
    const taken = visitsOf(day, doctor).map((visit): Taking => {
      const from = minutesInto(visit.start, zone());
      const reason = doctors.reasonOf(doctor, visit.reasonId);
      return {
        kind: "visit",
        key: visit.id,
        from,
        to: from + minutesOf(visit),
        before: reason?.bufferBeforeMinutes ?? 0,
        after: reason?.bufferAfterMinutes ?? 0,
      };
    });
    return [...taken, ...held.of(doctor, day, zone()), ...absences.of(doctor, day, zone())];
  }
  const hours = createMemo(() =>
    hoursShown(
      days().flatMap((day) =>
        doctors
          .chosen()
          .flatMap((doctor) => [
            ...visitsOf(day, doctor.id).map((visit) => [minutesInto(visit.start, zone()), minutesInto(visit.end, zone())] as const),
            ...(view() === "month" ? [] : (doctors.openingsOf(doctor, day) ?? [])),
          ]),
      ),
    ),
  );
  const notBefore = (day: string) => (day < today() ? 24 * 60 : day > today() ? 0 : minutesInto(new Date(minute()).toISOString(), zone()));
  const lanes = createMemo((): Lane[] =>
    days().flatMap((day) =>
      doctors.chosen().map((doctor) => ({
        day,
        doctorId: doctor.id,
        items: laneItems({
          openings: doctors.openingsOf(doctor, day),
          shown: hours(),
          taken: takenOf(day, doctor.id),
          step: doctors.stepOf(doctor.id),
          notBefore: notBefore(day),
        }),
      })),
    ),
  );
  const laneOf = (day: string, doctor: string) => lanes().find((lane) => lane.day === day && lane.doctorId === doctor);

  let unspoken: Appointment[] = [];
  let isSpeaking = false;
  let ownUntil = 0;
  function changed(list: readonly Appointment[]): void {
    if (Date.now() < ownUntil) return;
    unspoken.push(...list);
    if (isSpeaking) return;
    isSpeaking = true;
    setTimeout(() => {
      isSpeaking = false;
      const [one] = unspoken;
      if (one && unspoken.length === 1)
        announce(ta("changed.one", { time: clock(one.start, zone()), name: nameOf(one), state: stateOf(one) }));
      else announce(ta("changed.many", { n: unspoken.length }));
      unspoken = [];
    }, announceMs);
  }
  const nameOf = (visit: Appointment) => patientName(names.get(visit.patientId));
  const stateOf = (visit: Appointment) => t(`agenda.status.${visit.status}`);

  const [message, setMessage] = createSignal<{ text: string; tone: "good" | "critical" }>();
  return {
    view,
    days,
    span,
    first,
    date,
    today,
    minute,
    zone,
    now,
    names,
    doctors,
    visits,
    held,
    absences,
    elsewhereOf: (day: string, doctor: string) => elsewhere.of(doctor, day, zone(), hours()),
    hours,
    lanes,
    laneOf,
    takenOf,
    visitsOf,
    notBefore,
    nameOf,
    stateOf,
    message,
    /** The result of an act, in place under the bar, and announced. */
    say(text: string, tone: "good" | "critical" = "good"): void {
      setMessage({ text, tone });
      announce(text);
    },
    clearMessage: () => setMessage(undefined),
    reasonName: (visit: Pick<Appointment, "doctorId" | "reasonId">) =>
      doctors.reasonOf(visit.doctorId, visit.reasonId)?.name[locale()] ?? "",
    doctorName: (id: string) => doctors.all().find((doctor) => doctor.id === id)?.name ?? "",
    show: (next: { view?: View; date?: string | undefined }) => setSearch(next),
    go(by: number): void {
      const from = view() === "month" ? date() : first();
      setSearch({ date: view() === "month" ? addMonths(from, by) : addDays(from, by * (view() === "day" ? 1 : 7)) });
    },
    toggleDoctor(doctor: AgendaDoctor): void {
      const ids = doctors.chosen().map((one) => one.id);
      const next = ids.includes(doctor.id) ? ids.filter((id) => id !== doctor.id) : [...ids, doctor.id].slice(0, mostDoctors);
      if (next.length > 0) setSearch({ doctors: next.join(",") });
    },
    /** Takes in the answer to an own act, which is told by its own words. */
    takeOwn(visit: Appointment): void {
      ownUntil = Date.now() + 1500;
      visits.take([visit]);
    },
  };
}
export type Agenda = ReturnType<typeof createAgenda>;

const minutesOf = (visit: Appointment) => (Date.parse(visit.end) - Date.parse(visit.start)) / 60_000;

export const AgendaContext = createContext<Agenda>();
/** The agenda of this page. */
export function useAgenda(): Agenda {
  const agenda = useContext(AgendaContext);
  if (!agenda) throw new Error("useAgenda outside the agenda page");
  return untrack(() => agenda);
}
