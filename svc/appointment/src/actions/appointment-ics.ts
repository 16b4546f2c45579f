import type { Appointment } from "@episante/contracts/appointment";
import ical, { ICalCalendarMethod, ICalEventClass, ICalEventStatus } from "ical-generator";

/**
 * The visit as an iCalendar file (RFC 5545). One UID for the life of the visit; the sequence rises when it is moved or cancelled. Instants are
 * written in UTC: a zone beside a JavaScript date would be written an hour off. No doctor, reason or speciality: calendars are shared.
 */
export function icsOf(visit: Appointment, place: { name: string; address: string } | null, nowMs: number): string {
  const isCancelled = visit.status === "cancelled";
  const calendar = ical({
    prodId: { company: "EpiSante", product: "appointments" },
    method: isCancelled ? ICalCalendarMethod.CANCEL : ICalCalendarMethod.PUBLISH,
  });
  calendar.createEvent({
    id: `${visit.id}@episante`,
    sequence: visit.sequence ?? 0,
    status: isCancelled ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
    class: ICalEventClass.PRIVATE,
    stamp: new Date(nowMs),
    start: new Date(visit.start),
    end: new Date(visit.end),
    summary: "Rendez-vous · Appointment",
    ...(place ? { location: [place.name, place.address].filter(Boolean).join(", ") } : {}),
  });
  return calendar.toString();
}
