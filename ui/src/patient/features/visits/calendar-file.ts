/** One visit as an iCalendar file (RFC 5545), in UTC so that no reader can shift it. */
export interface CalendarVisit {
  readonly id: string;
  readonly start: string;
  readonly end: string;
  readonly title: string;
  readonly place: string;
}

const utc = (instant: string) => new Date(instant).toISOString().replace(/[-:]|\.\d{3}/g, "");
const escaped = (text: string) => text.replace(/[\\;,]/g, (mark) => `\\${mark}`).replace(/\n/g, "\\n");

/** Text of the file. The UID is that of the mail's attachment, so a calendar keeps one entry of both. */
export function calendarFile(visit: CalendarVisit, nowMs: number): string {
  return [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//EpiSante//EN",
    "METHOD:PUBLISH",
    "BEGIN:VEVENT",
    `UID:${visit.id}@episante`,
    `DTSTAMP:${utc(new Date(nowMs).toISOString())}`,
    `DTSTART:${utc(visit.start)}`,
    `DTEND:${utc(visit.end)}`,
    `SUMMARY:${escaped(visit.title)}`,
    `LOCATION:${escaped(visit.place)}`,
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ].join("\r\n");
}

/** Offers the file for download. */
export function saveCalendarFile(visit: CalendarVisit, nowMs: number): void {
  const url = URL.createObjectURL(new Blob([calendarFile(visit, nowMs)], { type: "text/calendar" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = "rendez-vous.ics";
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
