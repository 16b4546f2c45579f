import type { Appointment } from "@episante/contracts/appointment";
import ical, { type ICalCalendar, ICalCalendarMethod, ICalEventClass, ICalEventStatus } from "ical-generator";

const visitTitle = "Rendez-vous · Appointment";
const prodId = { company: "EpiSante", product: "appointments" };

/** Where a visit takes place. */
export interface CalendarPlace {
  readonly name: string;
  readonly address: string;
}
/** A visit with what its entry says. */
export interface CalendarEntry {
  readonly visit: Appointment;
  readonly place: CalendarPlace | null;
  readonly title: string;
}

/**
 * The visit as an iCalendar file (RFC 5545). One UID for the life of the visit; the sequence rises when it is moved or cancelled. Instants are
 * written in UTC: a zone beside a JavaScript date would be written an hour off. No doctor, reason or speciality: calendars are shared.
 */
export function icsOf(visit: Appointment, place: CalendarPlace | null, nowMs: number): string {
  const isCancelled = visit.status === "cancelled";
  const calendar = ical({ prodId, method: isCancelled ? ICalCalendarMethod.CANCEL : ICalCalendarMethod.PUBLISH });
  addVisit(calendar, { visit, place, title: visitTitle }, nowMs);
  return calendar.toString();
}

/** Visits of a series as one file: each its own entry, as in the file it would have alone. */
export function seriesIcs(visits: readonly Appointment[], place: CalendarPlace | null, nowMs: number): string {
  const calendar = ical({ prodId, method: ICalCalendarMethod.PUBLISH });
  for (const visit of visits) addVisit(calendar, { visit, place, title: visitTitle }, nowMs);
  return calendar.toString();
}

/**
 * A private calendar: the same entries, for a program that asks again and again. The text depends on the visits alone, not on the clock,
 * so that an entity tag can be made of it.
 */
export function feedIcs(name: string, entries: readonly CalendarEntry[]): string {
  const calendar = ical({ prodId, method: ICalCalendarMethod.PUBLISH, name, ttl: 3600 });
  for (const entry of entries) addVisit(calendar, entry, changedAt(entry.visit));
  return calendar.toString();
}

/** When the entry last became what it is, milliseconds. */
function changedAt({ bookedAt, cancelledAt, movedFrom }: Appointment): number {
  return Math.max(...[bookedAt, cancelledAt, movedFrom?.at].flatMap((instant) => (instant ? [Date.parse(instant)] : [])));
}

const statuses: Partial<Record<Appointment["status"], ICalEventStatus>> = {
  cancelled: ICalEventStatus.CANCELLED,
  pending: ICalEventStatus.TENTATIVE,
};

function addVisit(calendar: ICalCalendar, { visit, place, title }: CalendarEntry, stampMs: number): void {
  calendar.createEvent({
    id: `${visit.id}@episante`,
    sequence: visit.sequence ?? 0,
    status: statuses[visit.status] ?? ICalEventStatus.CONFIRMED,
    class: ICalEventClass.PRIVATE,
    stamp: new Date(stampMs),
    start: new Date(visit.start),
    end: new Date(visit.end),
    summary: title,
    ...(place ? { location: [place.name, place.address].filter(Boolean).join(", ") } : {}),
  });
}
