import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { idSchema } from "./ids.ts";
import { daySchema } from "./time.ts";

/** Most characters and most rows of a file; larger ones are brought in parts. */
export const largestImport = 2 * 1024 * 1024;
export const mostImportRows = 5_000;

/** Why a file, or a row of it, cannot be imported. */
export const transferFaultCodes = [
  // The file.
  "empty-file",
  "no-rows",
  "not-text",
  "unclosed-quote",
  "bad-quote",
  "too-many-rows",
  "missing-column",
  "column-twice",
  // A cell.
  "required",
  "too-long",
  "not-one-line",
  "bad-day",
  "in-future",
  "bad-phone",
  "bad-email",
  "bad-choice",
  "bad-number",
  "bad-time",
  /** Not a day with a time of the years 2000 to 2199. */
  "bad-start",
  /** The clock skips this time in spring. */
  "skipped-time",
  /** The clock shows this time twice in autumn: the offset must be written with it. */
  "ambiguous-time",
  // What it means.
  /** The same person, or the same external number, as `otherRow`. */
  "stands-twice",
  /** Several files of the clinic have this name and date of birth. */
  "several-files",
  "unknown-doctor",
  "several-doctors",
  "doctor-left",
  "unknown-patient",
  "unknown-reason",
  "several-reasons",
  "reason-retired",
  /** A visit to come cannot have taken place, nor have been missed. */
  "not-begun",
  /** Further ahead than anything is booked: 800 days. */
  "too-far",
  /** Shares its time with `otherRow`, or with the visit `otherId` that is there. */
  "overlaps",
  /** Somebody is confirming this time: try again in some minutes. */
  "held",
  /** No room or device of a kind that the reason needs is free. */
  "no-resource",
  "ends-before-it-begins",
  "needs-anchor",
  "too-many-windows",
] as const;
export type TransferFaultCode = (typeof transferFaultCodes)[number];

/** Columns of the patients' table, as an export writes them. */
export const patientColumns = ["familyName", "givenName", "birthDate", "gender", "phone", "email", "locale", "externalId"] as const;
/** Columns of the visits' table. The names are for people; an import takes the ids first. */
export const visitColumns = ["doctor", "doctorName", "patient", "reason", "reasonName", "start", "minutes", "status"] as const;
/** Columns of the hours' table; several reasons are separated by `|`. */
export const hoursColumns = [
  "doctor",
  "doctorName",
  "weekday",
  "from",
  "to",
  "everyWeeks",
  "anchor",
  "validFrom",
  "validTo",
  "reasons",
] as const;

const fault = z.object({
  /** Line in the file, from 1; a cell may have several lines, then the first. */
  row: z.number().int(),
  column: z.enum([...patientColumns, ...visitColumns, ...hoursColumns]).optional(),
  code: z.enum(transferFaultCodes),
  message: z.string(),
  otherRow: z.number().int().optional(),
  otherId: idSchema("apt").optional(),
});
export type TransferFault = z.infer<typeof fault>;

const file = { clinicId: idSchema("cli"), text: z.string().max(largestImport), dryRun: z.boolean() };
const fileBody = z.strictObject(file);
/** What the quotes and line ends of a large text add as JSON. */
const maxBodyBytes = largestImport + 1024 * 1024;
const result = {
  /** False after a dry run, and whenever there is a fault: then nothing was stored. */
  imported: z.boolean(),
  faults: z.array(fault),
  /** Columns of the file that say nothing here. */
  ignored: z.array(z.string()),
};
const policy = { kind: "roles", roles: ["staff", "admin"] } as const;
const ofClinic = { clinicId: idSchema("cli") };

/**
 * Opens a file for each row of a CSV text, all or none. `known`: there is one already, by the clinic's external number or by the same name and
 * date of birth (warning `same-person`; it gets the external number if it has none); it is not changed. Warning `namesake`: somebody else with the same name and
 * date of birth has another external number. A repeat of a file with external numbers changes nothing.
 */
export const importPatients = defineEndpoint({
  id: "patient.import",
  service: "patient",
  method: "POST",
  path: "/api/patients/import",
  summary: "Import patients from a CSV file",
  policy,
  body: fileBody,
  maxBodyBytes,
  response: z.object({
    ...result,
    rows: z.array(
      z.object({
        row: z.number().int(),
        change: z.enum(["new", "known"]),
        warning: z.enum(["same-person", "namesake"]).optional(),
        otherRow: z.number().int().optional(),
      }),
    ),
  }),
  problems: ["not-found"],
});
/** All patients the clinic knows. `externalId` is the clinic's own number, else the patient's id: what the tables of visits name them by. */
export const exportPatients = defineEndpoint({
  id: "patient.export",
  service: "patient",
  method: "GET",
  path: "/api/patients/export",
  summary: "All patients of a clinic as a CSV file",
  policy,
  query: z.strictObject(ofClinic),
  stream: "other",
  problems: ["not-found"],
});
/** Most patients that one question names. */
export const mostReferences = 1_000;
/** Internal: which patients of a clinic are meant, each by the clinic's external number or by id. Those that name nobody are left out. */
export const patientReferences = defineEndpoint({
  id: "patient.references",
  service: "patient",
  method: "POST",
  path: "/internal/patients/references",
  summary: "Patients of a clinic by external number or id",
  policy: { kind: "service", callers: ["appointment"] },
  body: z.strictObject({ ...ofClinic, references: z.array(z.string().max(100)).max(mostReferences) }),
  maxBodyBytes: 512 * 1024,
  response: z.object({
    items: z.array(z.object({ reference: z.string(), patientId: idSchema("pat"), externalId: z.string().optional() })),
  }),
  problems: [],
});

/** States that a table of visits knows. */
export const importedStatuses = ["booked", "fulfilled", "cancelled", "noshow"] as const;
/**
 * Writes visits, past and to come, all or none, as members of the clinic may: hours, notice and the reason's rules about visitors do not bind
 * them, other visits and rooms do. `start` is wall-clock time of the clinic. No mail goes out for what is imported. `known`: the
 * doctor has a visit of this patient at this time, or had one that was imported so; it is not changed.
 */
export const importVisits = defineEndpoint({
  id: "appointment.import-visits",
  service: "appointment",
  method: "POST",
  path: "/api/appointments/import",
  summary: "Import visits from a CSV file",
  policy,
  body: fileBody,
  maxBodyBytes,
  response: z.object({ ...result, rows: z.array(z.object({ row: z.number().int(), change: z.enum(["new", "known"]) })) }),
  problems: ["not-found", "upstream-unreachable"],
});
/** Visits that begin from the day `from` to the day `to`, both inclusive and optional; without those entered in error. */
export const exportVisits = defineEndpoint({
  id: "appointment.export-visits",
  service: "appointment",
  method: "GET",
  path: "/api/appointments/export",
  summary: "Visits of a clinic as a CSV file",
  policy,
  query: z.strictObject({ ...ofClinic, from: daySchema.optional(), to: daySchema.optional() }),
  stream: "other",
  problems: ["not-found", "upstream-unreachable"],
});

/**
 * Replaces the weekly windows of every doctor the file names, all or none; single dates, closed days, notice and horizon stay. `doctors`: how many
 * windows each has now and would have, and how many visits to come would lie outside the hours (they stay booked).
 */
export const importHours = defineEndpoint({
  id: "appointment.import-hours",
  service: "appointment",
  method: "POST",
  path: "/api/appointments/hours/import",
  summary: "Import weekly hours from a CSV file",
  policy,
  body: fileBody,
  maxBodyBytes,
  response: z.object({
    ...result,
    rows: z.array(z.object({ row: z.number().int(), change: z.enum(["new", "known"]) })),
    doctors: z.array(
      z.object({
        doctorId: idSchema("doc"),
        /** Empty for a doctor whom the directory does not show. */
        name: z.string(),
        windowsNow: z.number().int(),
        windowsThen: z.number().int(),
        visitsOutside: z.number().int(),
      }),
    ),
  }),
  problems: ["not-found", "upstream-unreachable"],
});
export const exportHours = defineEndpoint({
  id: "appointment.export-hours",
  service: "appointment",
  method: "GET",
  path: "/api/appointments/hours/export",
  summary: "Weekly hours of a clinic's doctors as a CSV file",
  policy,
  query: z.strictObject(ofClinic),
  stream: "other",
  problems: ["not-found", "upstream-unreachable"],
});

export const transferEndpoints = [
  importPatients,
  exportPatients,
  patientReferences,
  importVisits,
  exportVisits,
  importHours,
  exportHours,
] as const;

const messages: Readonly<Record<TransferFaultCode, string>> = {
  "empty-file": "the file is empty",
  "no-rows": "there is nothing below the column names",
  "not-text": "not a text in UTF-8: save the table as CSV UTF-8",
  "unclosed-quote": "a quoted text does not end",
  "bad-quote": "a quote stands where none can",
  "too-many-rows": `more than ${mostImportRows} rows: bring the file in parts`,
  "missing-column": "this column is missing",
  "column-twice": "this column stands twice",
  required: "must not be empty",
  "too-long": "is too long",
  "not-one-line": "must be one line",
  "bad-day": "not a day (2026-12-25 or 25/12/2026)",
  "in-future": "lies in the future",
  "bad-phone": "not a phone number of six digits or more",
  "bad-email": "not an e-mail address",
  "bad-choice": "not one of the possible values",
  "bad-number": "not a whole number that is possible here",
  "bad-time": "not a time of day (09:30)",
  "bad-start": "not a day and time (2026-12-25 09:30 or 25/12/2026 09:30) of the years 2000 to 2199",
  "skipped-time": "the clock skips this time",
  "ambiguous-time": "the clock shows this time twice: write the offset with it (2026-10-25T02:30+01:00)",
  "stands-twice": "stands twice in the file",
  "several-files": "several files have this name and date of birth",
  "unknown-doctor": "no doctor of the clinic",
  "several-doctors": "several doctors have this name: write the id",
  "doctor-left": "does not work here any more",
  "unknown-patient": "no patient of the clinic by this number or id",
  "unknown-reason": "no visit reason of this doctor",
  "several-reasons": "several reasons of this doctor have this name: write the id",
  "reason-retired": "is not offered any more",
  "not-begun": "lies in the future",
  "too-far": "lies more than 800 days ahead",
  overlaps: "shares its time with another visit",
  held: "somebody is confirming this time at this moment",
  "no-resource": "no room or device that it needs is free",
  "ends-before-it-begins": "ends before it begins",
  "needs-anchor": "needs a day of a week that is on: anchor or validFrom",
  "too-many-windows": "more than 60 windows of one doctor",
};

/** A fault with its explanation in English. */
export function transferFault(fault: Omit<TransferFault, "message">): TransferFault {
  return { ...fault, message: messages[fault.code] };
}

/** A day as spreadsheets and people write it: `2026-12-25`, `25/12/2026`, `25.12.2026`; undefined for anything else. */
export function writtenDay(text: string): string | undefined {
  const [, date, month, year] = /^(\d{1,2})[/.](\d{1,2})[/.](\d{4})$/.exec(text) ?? [];
  const day = date && month && year ? `${year}-${month.padStart(2, "0")}-${date.padStart(2, "0")}` : text;
  return daySchema.safeParse(day).success ? day : undefined;
}
