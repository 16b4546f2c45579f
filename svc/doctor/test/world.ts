import type { EventData, EventType } from "@episante/contracts/events";
import { refuse } from "@episante/contracts/problem";
import type { UserActor } from "@episante/contracts/session";
import type { CallInternal } from "@episante/service/call";
import { grant } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import { emitter } from "@episante/service/outbox";
import { doctorActor } from "@episante/testkit/actors";
import { type TestClock, testClock } from "@episante/testkit/clock";
import { type TestDatabase, testDatabase } from "@episante/testkit/db";
import { type Harness, harness, testDeps } from "@episante/testkit/service";
import { routes } from "../src/app.ts";
import { draftProfileOnMembershipChanged } from "../src/consumers/draft-profile-on-membership-changed.ts";
import { keepOpeningsOnChanged } from "../src/consumers/keep-openings-on-changed.ts";
import { mirrorClinicsOnChanged } from "../src/consumers/mirror-clinics-on-changed.ts";
import { mirrorRelationshipsOnChanged } from "../src/consumers/mirror-relationships-on-changed.ts";
import type { Deps } from "../src/deps.ts";

export const startMs = Date.parse("2026-11-23T07:00:00Z");

/** The service with a clinic in Lyon, and doctors who join it by auth's events. */
export interface World {
  readonly database: TestDatabase;
  readonly clock: TestClock;
  readonly harness: Harness;
  readonly clinicId: ReturnType<typeof newId<"cli">>;
  /** Hands an event to the consumers, as the platform does. */
  receive<T extends EventType>(type: T, data: EventData<T>): Promise<void>;
  /** A doctor with a draft profile. */
  join(givenName: string, familyName: string): Promise<UserActor & { doctorId: ReturnType<typeof newId<"doc">> }>;
  setFresh(isFresh: boolean): void;
  close(): Promise<void>;
}

export async function directoryWorld({ gold }: { gold?: Deps["gold"] } = {}): Promise<World> {
  const database = await testDatabase({ migrations: "svc/doctor/migrations" });
  const clock = testClock(startMs);
  const names = new Map<string, { givenName: string; familyName: string }>();
  // Auth's answer to `accountProfile`, without auth.
  const callInternal = (async (_: unknown, { params }: { params: { id: string } }) => {
    const name = names.get(params.id);
    return name ? { accountId: params.id, email: "", locale: "fr", ...name } : refuse("not-found");
  }) as unknown as CallInternal;
  let isFresh = true;
  const deps = { ...testDeps("doctor", database.db, clock), callInternal, gold, relationships: { fresh: () => isFresh } };
  const consumers = [
    mirrorClinicsOnChanged,
    draftProfileOnMembershipChanged,
    keepOpeningsOnChanged,
    mirrorRelationshipsOnChanged().consumer,
  ];
  const clinicId = newId("cli", startMs);
  const world: World = {
    database,
    clock,
    clinicId,
    harness: await harness({ service: "doctor", routes: routes(deps) }),
    async receive(type, data) {
      const now = clock.now();
      const event = { id: newId("evt", now), type, version: 1, at: new Date(now).toISOString(), actor: { kind: "system" }, data };
      for (const spec of consumers.filter((candidate) => candidate.on.includes(type))) {
        await database.db.transaction(grant.system(spec.name), (tx) =>
          spec.handle({ event, tx, deps, now, emit: emitter(tx, { kind: "system", job: spec.name }, clock) } as never),
        );
      }
    },
    async join(givenName, familyName) {
      const doctorId = newId("doc", startMs);
      const actor = { ...doctorActor({ clinicId, doctorId }), doctorId };
      names.set(actor.accountId, { givenName, familyName });
      const membershipId = newId("mbr", startMs);
      await world.receive("membership.changed", {
        membershipId,
        accountId: actor.accountId,
        clinicId,
        role: "doctor",
        doctorId,
        status: "active",
      });
      return actor;
    },
    setFresh(value) {
      isFresh = value;
    },
    close: () => database.close(),
  };
  await world.receive("clinic.changed", {
    clinicId,
    name: "Clinique des Terreaux",
    zone: "Europe/Paris",
    city: "Lyon",
    address: "1 place des Terreaux",
    phone: "04 00 00 00 00",
    lat: 45.767,
    lng: 4.834,
  });
  return world;
}

/** A valid profile. */
export const profile = { specialty: "cardiology", languages: ["fr", "en"], sector: "1", wheelchair: true, acceptsNew: true } as const;
/** A valid reason. */
export const consultation = { name: { fr: "Consultation", en: "Consultation" }, minutes: 20, online: true };
