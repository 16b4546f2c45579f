import type { putPreferences } from "@episante/contracts/auth";
import type { BodyOf } from "@episante/contracts/endpoint";
import { bigint, boolean, date, doublePrecision, jsonb, pgTable, text, timestamp } from "drizzle-orm/pg-core";

export type Preferences = BodyOf<typeof putPreferences>;
const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

export const accounts = pgTable("accounts", {
  id: text("id").primaryKey(),
  email: text("email").notNull(),
  passwordHash: text("password_hash"),
  givenName: text("given_name").notNull(),
  familyName: text("family_name").notNull(),
  birthDate: date("birth_date", { mode: "string" }),
  locale: text("locale", { enum: ["fr", "en"] }).notNull(),
  patientId: text("patient_id"),
  demo: boolean("demo").notNull(),
  preferences: jsonb("preferences").$type<Preferences>().notNull().default({}),
  createdAt: instant("created_at").notNull(),
});

export const clinics = pgTable("clinics", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  zone: text("zone").notNull(),
  city: text("city").notNull(),
  address: text("address").notNull(),
  phone: text("phone").notNull(),
  lat: doublePrecision("lat").notNull(),
  lng: doublePrecision("lng").notNull(),
  createdAt: instant("created_at").notNull(),
});

export const memberships = pgTable("memberships", {
  id: text("id").primaryKey(),
  accountId: text("account_id").notNull(),
  clinicId: text("clinic_id").notNull(),
  role: text("role", { enum: ["doctor", "staff", "admin"] }).notNull(),
  doctorId: text("doctor_id"),
  status: text("status", { enum: ["invited", "active", "ended"] }).notNull(),
  createdAt: instant("created_at").notNull(),
  changedAt: instant("changed_at").notNull(),
});

export const invitations = pgTable("invitations", {
  id: text("id").primaryKey(),
  membershipId: text("membership_id").notNull(),
  secretHash: text("secret_hash").notNull(),
  createdAt: instant("created_at").notNull(),
  expiresAt: instant("expires_at").notNull(),
  usedAt: instant("used_at"),
});

export const sessions = pgTable("sessions", {
  id: text("id").primaryKey(),
  accountId: text("account_id").notNull(),
  secretHash: text("secret_hash").notNull(),
  userAgent: text("user_agent").notNull(),
  createdAt: instant("created_at").notNull(),
  lastSeenAt: instant("last_seen_at").notNull(),
  expiresAt: instant("expires_at").notNull(),
  endedAt: instant("ended_at"),
});

export const attempts = pgTable("attempts", {
  id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
  kind: text("kind", { enum: ["login", "register", "invitation"] }).notNull(),
  accountKey: text("account_key").notNull(),
  ipKey: text("ip_key").notNull(),
  at: instant("at").notNull(),
  succeeded: boolean("succeeded").notNull().default(false),
});
