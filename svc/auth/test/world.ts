import { acceptInvitation, bootstrap, login, register } from "@episante/contracts/auth";
import type { Id } from "@episante/contracts/ids";
import { type SessionEntry, sessionCookie, type UserActor } from "@episante/contracts/session";
import { makeLog } from "@episante/service/log";
import { serviceActor } from "@episante/testkit/actors";
import { testBroker } from "@episante/testkit/broker";
import { testClock } from "@episante/testkit/clock";
import { testDatabase } from "@episante/testkit/db";
import { type CallAnswer, harness, testDeps } from "@episante/testkit/service";
import { authRoutes } from "../src/app.ts";
import type { AuthDeps } from "../src/deps.ts";
import { makeGate } from "../src/gate.ts";
import { sha256 } from "../src/secrets.ts";
import { openSessionBucket } from "../src/session-bucket.ts";

const cheap = { algorithm: "argon2id", memoryCost: 64, timeCost: 1 } as const;
export const password = "le tilleul sent bon ce soir";
/** Headers as the gateway sends them for a browser on this machine. */
export const local = { "x-forwarded-proto": "http", "x-forwarded-host": "localhost:8080", "x-real-ip": "192.0.2.1" };

let people = 0;
/** A registration that nobody has made yet. */
export function newPerson(more: Record<string, unknown> = {}) {
  people++;
  return {
    email: `person${people}@exemple.fr`,
    password,
    givenName: "Claire",
    familyName: "Fontaine",
    birthDate: "1984-05-05",
    ...more,
  };
}

/** This service in process, with a database, a broker and a log of its own. */
export async function startWorld(more: Partial<AuthDeps> = {}) {
  const [database, broker] = await Promise.all([testDatabase({ migrations: "svc/auth/migrations" }), testBroker()]);
  const lines: string[] = [];
  const log = makeLog("auth", "debug", { write: (line) => void lines.push(line) });
  const clock = testClock(Date.parse("2026-01-15T08:00:00Z"));
  const real = { nowMs: Date.now() };
  const deps: AuthDeps = {
    ...testDeps("auth", database.db, clock, log),
    passwords: { hash: (text) => Bun.password.hash(text, cheap), verify: (text, hash) => Bun.password.verify(text, hash) },
    hashing: makeGate({ parallel: 4, waiting: 200 }),
    decoyHash: await Bun.password.hash("nobody has this password", cheap),
    bucket: await openSessionBucket(broker.nats),
    jwks: { keys: [] },
    demo: false,
    realNow: () => real.nowMs,
    ...more,
  };
  const app = await harness({ service: "auth", routes: authRoutes(deps), log });
  return {
    ...app,
    deps,
    clock,
    real,
    lines,
    owner: database.owner,
    /** The gateway's entry of the session in an answer's cookie, or null. */
    async entryOf(answer: CallAnswer): Promise<SessionEntry | null> {
      return (await deps.bucket.find(sha256(secretOf(answer))))?.entry ?? null;
    },
    /** Registers somebody new; the actor is what the gateway would send from now on. */
    async signUp(more: Record<string, unknown> = {}) {
      const person = newPerson(more);
      const answer = await app.call(register, { body: person, headers: local });
      if (answer.status !== 201) throw new Error(`registration answered ${answer.status} ${answer.text}`);
      const entry = (await deps.bucket.find(sha256(secretOf(answer))))?.entry;
      if (!entry) throw new Error("no session entry");
      return { person, answer, secret: secretOf(answer), actor: entry.actor as UserActor & { patientId: string } };
    },
    /** Events of one type that wait in the outbox. */
    async events(type: string): Promise<Record<string, unknown>[]> {
      const rows = await database.owner`select payload from outbox where type = ${type} order by seq`;
      return rows.map((row) => (JSON.parse(String(row.payload)) as { data: Record<string, unknown> }).data);
    },
    /** Audit records that wait in the outbox. */
    async audits(code: string): Promise<{ outcome: string; reason?: string; patientIds: string[]; entity?: { id: string } }[]> {
      const rows = await database.owner`select payload from outbox where type = 'audit' order by seq`;
      return rows.map((row) => JSON.parse(String(row.payload))).filter((record) => record.code === code);
    },
    async close() {
      await database.close();
      await broker.close();
    },
  };
}
export type World = Awaited<ReturnType<typeof startWorld>>;

/** The session's secret in an answer's cookie. */
export function secretOf(answer: CallAnswer): string {
  const cookie = answer.headers.get("set-cookie") ?? "";
  return cookie.startsWith(`${sessionCookie}=`) ? (cookie.slice(sessionCookie.length + 1).split(";")[0] ?? "") : "";
}

export const clinicFacts = {
  name: "Clinique des Tilleuls",
  zone: "Europe/Paris",
  city: "Lyon",
  address: "1 rue des Tilleuls",
  phone: "+33 4 00 00 00 00",
  lat: 45.76,
  lng: 4.84,
};

/** A clinic with an admin who accepted the invitation and signed in. */
export async function startClinic(world: World) {
  const created = await world.call(bootstrap, {
    actor: serviceActor("operator"),
    body: { clinic: clinicFacts, admin: { email: newPerson().email, givenName: "Ada", familyName: "Roche" } },
  });
  if (created.status !== 201) throw new Error(`bootstrap answered ${created.status} ${created.text}`);
  const clinicId = created.json.clinicId as Id<"cli">;
  const admin = await accept(world, created.json.invitation);
  return { clinicId, admin: admin.actor, adminAccount: admin };
}

/** Accepts an invitation and signs in with the password that was chosen. */
export async function accept(world: World, invitation: string) {
  const accepted = await world.call(acceptInvitation, { body: { invitation, password }, headers: local });
  if (accepted.status !== 200) throw new Error(`accepting answered ${accepted.status} ${accepted.text}`);
  const [row] = await world.owner`select email from accounts where id = ${accepted.json.accountId}`;
  const answer = await world.call(login, { body: { email: row?.email, password }, headers: local });
  const entry = await world.entryOf(answer);
  if (!entry) throw new Error("no session entry");
  return { actor: entry.actor, answer, accepted };
}

/** Somebody an admin invites. */
export function newMember(clinicId: string, role: "doctor" | "staff" | "admin", more: Record<string, unknown> = {}) {
  const { email } = newPerson();
  return { clinicId, email, givenName: "Émile", familyName: "Vidal", role, ...more };
}
