import { planDaySchema } from "@episante/contracts/appointment";
import {
  importedStatuses,
  type TransferFault,
  type TransferFaultCode,
  transferFault,
  type visitColumns,
  writtenDay,
} from "@episante/contracts/transfer";
import { minutesOf, wallAt, zoneDay } from "./calendar.ts";
import { type ClinicDirectory, findDoctorIn, findReasonIn, firstFound, plain } from "./directory.ts";
import { busyStateOf } from "./floor.ts";
import { cancelUntil } from "./policy.ts";
import { furthestDays, timesOf } from "./rules.ts";

type Column = (typeof visitColumns)[number];
type Status = (typeof importedStatuses)[number];
/** What the columns of a visits' table may be called besides their key. */
export const visitTable = {
  doctor: { names: ["médecin", "docteur", "praticien"] },
  doctorName: { names: ["nom du médecin"] },
  patient: { names: ["patient number", "numéro du patient", "identifiant du patient"], isRequired: true },
  reason: { names: ["motif", "motif de consultation"] },
  reasonName: { names: ["nom du motif"] },
  start: { names: ["begin", "date and time", "début", "date et heure"], isRequired: true },
  minutes: { names: ["duration", "durée", "durée (min)"] },
  status: { names: ["state", "statut", "état"] },
} as const satisfies Record<Column, { names: readonly string[]; isRequired?: boolean }>;

const statusNames: Readonly<Record<Status, readonly string[]>> = {
  booked: ["", "planned", "prevu", "reserve", "a venir"],
  fulfilled: ["done", "honore", "effectue", "vu", "termine"],
  cancelled: ["canceled", "annule"],
  noshow: ["no show", "missed", "absent", "non venu", "manque"],
};
const longestStart = 40;
const dayMinutes = 24 * 60;
const dayMs = dayMinutes * 60_000;

interface Row {
  readonly row: number;
  readonly cells: Readonly<Record<Column, string>>;
}
/** A visit as it will be written, if its time is free. Instants in ms since the epoch. */
export interface ImportedVisit {
  readonly row: number;
  readonly doctorId: string;
  readonly patientId: string;
  readonly reasonId: string;
  readonly status: Status;
  /** What becomes of the doctor's time. */
  readonly busyState: ReturnType<typeof busyStateOf>;
  readonly startMs: number;
  readonly endMs: number;
  readonly busyFromMs: number;
  readonly busyToMs: number;
  readonly cancelUntilMs: number;
  /** Kinds of room or device of which it takes one each. */
  readonly resourceTypes: readonly string[];
}

/**
 * Reads every row of a visits' table. Times before and after a visit, and rooms, are taken by visits to come only: for those that are over they
 * protect nobody, and former software knew none. @param patients ids by what a row calls them
 */
export function readVisits(
  rows: readonly Row[],
  directory: ClinicDirectory,
  patients: ReadonlyMap<string, string>,
  nowMs: number,
): { visits: ImportedVisit[]; faults: TransferFault[] } {
  const faults: TransferFault[] = [];
  const visits = rows.flatMap(({ row, cells }): ImportedVisit[] => {
    const before = faults.length;
    const fault = (column: Column, code: TransferFaultCode) => void faults.push(transferFault({ row, column, code }));
    const start = readStart(cells.start, directory.zone);
    if (typeof start === "string") fault("start", start);
    const startMs = typeof start === "number" ? start : nowMs;
    const isToCome = startMs > nowMs;
    if (startMs > nowMs + furthestDays * dayMs) fault("start", "too-far");

    const status = importedStatuses.find((one) => plain(cells.status) === one || statusNames[one].includes(plain(cells.status)));
    if (!status) fault("status", "bad-choice");
    if (isToCome && (status === "fulfilled" || status === "noshow")) fault("status", "not-begun");
    const takesTime = isToCome && status === "booked";

    const patientId = patients.get(cells.patient);
    if (patientId === undefined) fault("patient", cells.patient === "" ? "required" : "unknown-patient");

    const doctor = firstFound([cells.doctor, cells.doctorName], (cell) => findDoctorIn(directory, cell));
    if (typeof doctor === "string") fault("doctor", doctor);
    else if (takesTime && !doctor.isActive) fault("doctor", "doctor-left");
    const reason =
      typeof doctor === "string" ? undefined : firstFound([cells.reason, cells.reasonName], (cell) => findReasonIn(doctor, cell));
    if (typeof reason === "string") fault("reason", reason);
    else if (reason && takesTime && reason.isRetired) fault("reason", "reason-retired");

    const minutes = cells.minutes === "" ? undefined : /^\d{1,4}$/.test(cells.minutes) ? Number(cells.minutes) : 0;
    if (minutes !== undefined && (minutes < 1 || minutes > dayMinutes)) fault("minutes", "bad-number");
    if (faults.length > before || !status || !patientId || typeof doctor === "string" || !reason || typeof reason === "string") return [];
    const { visit, around } = timesOf({ ...reason, isOnline: false, minutes: minutes ?? reason.minutes }, startMs);
    return [
      {
        row,
        doctorId: doctor.doctorId,
        patientId,
        reasonId: reason.reasonId,
        status,
        busyState: busyStateOf(status),
        ...visit,
        busyFromMs: takesTime ? around.startMs : visit.startMs,
        busyToMs: takesTime ? around.endMs : visit.endMs,
        cancelUntilMs: cancelUntil(startMs, reason.cancelHours),
        resourceTypes: takesTime ? reason.resourceTypes : [],
      },
    ];
  });
  return { visits, faults };
}

/** An instant written as a day and a time of the zone's wall clock, or with an offset; or why it is none. */
export function readStart(text: string, zone: string): number | TransferFaultCode {
  if (text === "") return "required";
  if (text.length > longestStart) return "bad-start";
  const [, dayText = "", hour = "", minute = "", offset] =
    /^(\S+?)[T ]+(?:à )?(\d{1,2})[:h](\d{2})(?::00(?:\.0+)?)?(Z|[+-]\d{2}:\d{2})?$/.exec(text) ?? [];
  const day = writtenDay(dayText);
  const time = `${hour.padStart(2, "0")}:${minute}`;
  if (day === undefined || !planDaySchema.safeParse(day).success || !/^(?:[01]\d|2[0-3]):[0-5]\d$/.test(time)) return "bad-start";
  if (offset) {
    const instant = Date.parse(`${day}T${time}:00${offset}`);
    return Number.isNaN(instant) ? "bad-start" : instant;
  }
  const [first, second] = instantsAt(zone, day, minutesOf(time));
  if (first === undefined) return "skipped-time";
  return second === undefined ? first : "ambiguous-time";
}

/** Every instant at which the wall clock shows a time: none in spring's gap, two in autumn. */
function instantsAt(zone: string, day: string, minutes: number): number[] {
  const { midnightWallMs, offsets } = zoneDay(zone, day);
  const wall = midnightWallMs + minutes * 60_000;
  return [...new Set(offsets.map((offset) => wall - offset))].filter((instant) => wallAt(zone, instant) === wall);
}

/** An instant as `readStart` reads it: wall-clock time, with the offset where the clock shows it twice. */
export function writeStart(instantMs: number, zone: string): string {
  const wallMs = wallAt(zone, instantMs);
  const wall = new Date(wallMs).toISOString();
  const [day, time] = [wall.slice(0, 10), wall.slice(11, 16)];
  if (instantsAt(zone, day, minutesOf(time)).length < 2) return `${day} ${time}`;
  const offset = (wallMs - instantMs) / 60_000;
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60].map((part) => String(part).padStart(2, "0"));
  return `${day}T${time}${offset < 0 ? "-" : "+"}${hours}:${minutes}`;
}
