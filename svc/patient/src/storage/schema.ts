import { proxyBases, proxyScopes } from "@episante/contracts/patient";
import { sql } from "drizzle-orm";
import { boolean, date, pgTable, primaryKey, text, timestamp } from "drizzle-orm/pg-core";

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

export const patients = pgTable("patients", {
  id: text("id").primaryKey(),
  accountId: text("account_id"),
  givenName: text("given_name").notNull(),
  familyName: text("family_name").notNull(),
  searchName: text("search_name").notNull(),
  birthDate: date("birth_date", { mode: "string" }).notNull(),
  gender: text("gender", { enum: ["female", "male", "other", "unknown"] })
    .notNull()
    .default("unknown"),
  phone: text("phone"),
  email: text("email"),
  locale: text("locale", { enum: ["fr", "en"] }).notNull(),
  fileNumber: text("file_number").notNull().default(sql`'P' || nextval('file_numbers')`),
  createdAt: instant("created_at").notNull(),
});

export const patientClinics = pgTable(
  "patient_clinics",
  {
    patientId: text("patient_id").notNull(),
    clinicId: text("clinic_id").notNull(),
    since: instant("since").notNull(),
    externalId: text("external_id"),
  },
  (table) => [primaryKey({ columns: [table.patientId, table.clinicId] })],
);

export const relationships = pgTable("relationships", {
  id: text("id").primaryKey(),
  patientId: text("patient_id").notNull(),
  doctorId: text("doctor_id").notNull(),
  clinicId: text("clinic_id").notNull(),
  basis: text("basis", { enum: ["booking", "patient-invitation"] }).notNull(),
  startsAt: instant("starts_at").notNull(),
  endsAt: instant("ends_at"),
  closedAt: instant("closed_at"),
  createdAt: instant("created_at").notNull(),
});

export const visits = pgTable("visits", {
  appointmentId: text("appointment_id").primaryKey(),
  patientId: text("patient_id").notNull(),
  doctorId: text("doctor_id").notNull(),
  relationshipId: text("relationship_id"),
  startsAt: instant("starts_at").notNull(),
  endsAt: instant("ends_at").notNull(),
  cancelledAt: instant("cancelled_at"),
});

export const doctors = pgTable("doctors", {
  id: text("id").primaryKey(),
  clinicId: text("clinic_id").notNull(),
  isActive: boolean("is_active").notNull(),
  changedAt: instant("changed_at").notNull(),
});

export const clinics = pgTable("clinics", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  zone: text("zone").notNull(),
  changedAt: instant("changed_at").notNull(),
});

export const proxies = pgTable("proxies", {
  id: text("id").primaryKey(),
  patientId: text("patient_id").notNull(),
  isMatched: boolean("is_matched").notNull(),
  proxyPatientId: text("proxy_patient_id").notNull(),
  clinicId: text("clinic_id").notNull(),
  basis: text("basis", { enum: proxyBases }).notNull(),
  scopes: text("scopes", { enum: proxyScopes }).array().notNull(),
  askedGivenName: text("asked_given_name").notNull(),
  askedFamilyName: text("asked_family_name").notNull(),
  askedBirthDate: date("asked_birth_date", { mode: "string" }).notNull(),
  askedFileNumber: text("asked_file_number"),
  requestedAt: instant("requested_at").notNull(),
  verifiedAt: instant("verified_at"),
  verifiedAs: text("verified_as", { enum: ["clinic", "patient"] }),
  verifiedBy: text("verified_by"),
  seen: text("seen"),
  lastDay: date("last_day", { mode: "string" }),
  endsAt: instant("ends_at"),
  reviewAt: instant("review_at"),
  closedAt: instant("closed_at"),
  closedAs: text("closed_as", { enum: ["proxy", "patient", "clinic"] }),
  closedBy: text("closed_by"),
});
