import { planDaySchema, type Schedule } from "@episante/contracts/appointment";
import type { ReasonId } from "@episante/contracts/ids";
import { timeOfDaySchema } from "@episante/contracts/time";
import { type hoursColumns, type TransferFault, type TransferFaultCode, transferFault, writtenDay } from "@episante/contracts/transfer";
import { type ClinicDirectory, findDoctorIn, findReasonIn, firstFound, type ListedDoctor, nameOf, plain } from "./directory.ts";
import { faultsOf } from "./hours.ts";

type Column = (typeof hoursColumns)[number];
type Window = Schedule["windows"][number];
/** What the columns of an hours' table may be called besides their key. */
export const hoursTable = {
  doctor: { names: ["médecin", "docteur", "praticien"] },
  doctorName: { names: ["nom du médecin"] },
  weekday: { names: ["day", "jour"], isRequired: true },
  from: { names: ["de", "début"], isRequired: true },
  to: { names: ["à", "fin"], isRequired: true },
  everyWeeks: { names: ["toutes les n semaines"] },
  anchor: { names: ["semaine de référence"] },
  validFrom: { names: ["valable du", "à partir du"] },
  validTo: { names: ["valable au", "jusqu'au"] },
  reasons: { names: ["motifs"] },
} as const satisfies Record<Column, { names: readonly string[]; isRequired?: boolean }>;

const weekdays = [
  ["monday", "mon", "lundi", "lun"],
  ["tuesday", "tue", "mardi", "mar"],
  ["wednesday", "wed", "mercredi", "mer"],
  ["thursday", "thu", "jeudi", "jeu"],
  ["friday", "fri", "vendredi", "ven"],
  ["saturday", "sat", "samedi", "sam"],
  ["sunday", "sun", "dimanche", "dim"],
];
const mostWindows = 60;
const mostWeeks = 8;

interface Row {
  readonly row: number;
  readonly cells: Readonly<Record<Column, string>>;
}
/** A window of a doctor and the row it comes from. */
export interface ImportedWindow {
  readonly row: number;
  readonly window: Window;
}

/** Reads every row of an hours' table: the windows of each doctor, in the order of the file. */
export function readHours(
  rows: readonly Row[],
  directory: ClinicDirectory,
): { byDoctor: Map<string, ImportedWindow[]>; faults: TransferFault[] } {
  const faults: TransferFault[] = [];
  const byDoctor = new Map<string, ImportedWindow[]>();
  for (const { row, cells } of rows) {
    const before = faults.length;
    const fault = (column: Column, code: TransferFaultCode) => void faults.push(transferFault({ row, column, code }));
    const doctor = doctorOf(directory, cells);
    if (typeof doctor === "string") fault("doctor", doctor);
    const day = 1 + weekdays.findIndex((names, index) => cells.weekday === String(index + 1) || names.includes(plain(cells.weekday)));
    if (day === 0) fault("weekday", cells.weekday === "" ? "required" : "bad-choice");
    const [from, to] = [timeOf(cells.from), timeOf(cells.to)];
    if (from === undefined) fault("from", cells.from === "" ? "required" : "bad-time");
    if (to === undefined) fault("to", cells.to === "" ? "required" : "bad-time");
    const everyWeeks = cells.everyWeeks === "" ? 1 : /^\d$/.test(cells.everyWeeks) ? Number(cells.everyWeeks) : 0;
    if (everyWeeks < 1 || everyWeeks > mostWeeks) fault("everyWeeks", "bad-number");
    const dayIn = (column: "anchor" | "validFrom" | "validTo") => {
      const read = cells[column] === "" ? undefined : writtenDay(cells[column]);
      if (cells[column] !== "" && !planDaySchema.safeParse(read).success) fault(column, "bad-day");
      return read;
    };
    const [named, validFrom, validTo] = [dayIn("anchor"), dayIn("validFrom"), dayIn("validTo")];
    const anchor = named ?? validFrom;
    const reasonIds = typeof doctor === "string" ? [] : reasonsOf(doctor, cells.reasons, (code) => fault("reasons", code));
    if (faults.length > before || typeof doctor === "string" || from === undefined || to === undefined) continue;
    const windows = byDoctor.get(doctor.doctorId) ?? [];
    byDoctor.set(doctor.doctorId, windows);
    if (windows.length === mostWindows) fault("doctor", "too-many-windows");
    const rhythm = everyWeeks === 1 ? {} : { everyWeeks, ...(anchor === undefined ? {} : { anchor }) };
    const validity = { ...(validFrom === undefined ? {} : { validFrom }), ...(validTo === undefined ? {} : { validTo }) };
    windows.push({ row, window: { day, from, to, ...rhythm, ...validity, ...(reasonIds.length > 0 ? { reasonIds } : {}) } });
  }
  return { byDoctor, faults };
}

function doctorOf(directory: ClinicDirectory, cells: Row["cells"]): ListedDoctor | TransferFaultCode {
  const doctor = firstFound([cells.doctor, cells.doctorName], (cell) => findDoctorIn(directory, cell));
  return typeof doctor !== "string" && !doctor.isActive ? "doctor-left" : doctor;
}

function reasonsOf(doctor: ListedDoctor, cell: string, fault: (code: TransferFaultCode) => void): ReasonId[] {
  const names = cell
    .split("|")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  return [...new Set(names)].flatMap((name) => {
    const reason = findReasonIn(doctor, name);
    if (typeof reason !== "string" && !reason.isRetired) return reason.reasonId as ReasonId;
    fault(typeof reason === "string" ? reason : "reason-retired");
    return [];
  });
}

/** `9:00`, `09:00:00`, `9h`, `9h30` as `09:00` and so on. */
function timeOf(text: string): string | undefined {
  const [, hour, minute = "00"] = /^(\d{1,2})(?:h|[:h](\d{2})(?::00)?)$/i.exec(text) ?? [];
  const time = `${hour?.padStart(2, "0")}:${minute}`;
  return timeOfDaySchema.safeParse(time).success ? time : undefined;
}

/** What is wrong with the windows of one doctor taken together, by row. */
export function judgeWindows(schedule: Schedule, windows: readonly ImportedWindow[]): TransferFault[] {
  const wanted = { ...schedule, windows: windows.map(({ window }) => window) };
  return faultsOf(wanted).flatMap(({ path, message }) => {
    const [, index, part] = /^windows\.(\d+)(?:\.(\w+))?$/.exec(path) ?? [];
    const row = windows[Number(index)]?.row;
    if (index === undefined || row === undefined) return [];
    if (part === "anchor") return transferFault({ row, column: "anchor", code: "needs-anchor" });
    if (part === "validTo") return transferFault({ row, column: "validTo", code: "ends-before-it-begins" });
    return transferFault({ row, code: message.startsWith("overlaps") ? "overlaps" : "ends-before-it-begins" });
  });
}

/** A window as a row of an hours' table. */
export function writeWindow(doctor: Pick<ListedDoctor, "doctorId" | "givenName" | "familyName">, window: Window): string[] {
  const { day, from, to, everyWeeks, anchor = "", validFrom = "", validTo = "", reasonIds = [] } = window;
  return [
    doctor.doctorId,
    nameOf(doctor),
    String(day),
    from,
    to,
    String(everyWeeks ?? ""),
    anchor,
    validFrom,
    validTo,
    reasonIds.join("|"),
  ];
}
