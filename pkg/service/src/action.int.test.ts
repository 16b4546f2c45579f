import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { isRefusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { patientActor } from "@episante/testkit/actors";
import { testClock } from "@episante/testkit/clock";
import { type TestDatabase, testDatabase } from "@episante/testkit/db";
import { testDeps } from "@episante/testkit/service";
import { sql } from "drizzle-orm";
import { type ActionMeta, defineAction } from "./action.ts";
import { grant } from "./db.ts";
import { emitter } from "./outbox.ts";

let world: TestDatabase;
const meta = (more: Partial<ActionMeta> = {}): ActionMeta => ({ traceId: "t".repeat(32), headers: new Headers(), ...more });

beforeAll(async () => {
  world = await testDatabase({ migrations: "pkg/service/src/fixtures/migrations" });
});
afterAll(() => world.close());

const ownOnly = ({ actor, input }: { actor: Actor; input: { patientId: string } }) =>
  actor.kind === "user" && actor.patientId === input.patientId ? grant.patients([input.patientId]) : refuse("not-found");

const addNote = defineAction({
  name: "fixture.add-note",
  access: ownOnly,
  idempotent: true,
  run: async ({
    tx,
    input,
    audit,
    emit,
  }: Parameters<
    Parameters<typeof defineAction<ReturnType<typeof testDeps>, { patientId: string; text: string }, unknown>>[0]["run"]
  >[0]) => {
    const [row] = await tx.execute(sql`insert into notes (patient_id, body) values (${input.patientId}, ${input.text}) returning id`);
    if (input.text === "too late") return refuse("slot-taken");
    await emit("patient.registered", { patientId: input.patientId as never });
    audit({ entity: { type: "note", id: String(row?.id) } });
    return { id: Number(row?.id) };
  },
});

describe("an action", () => {
  test("writes rows, audit record and event in one transaction", async () => {
    const actor = patientActor();
    const deps = testDeps("patient", world.db);
    const result = await addNote(deps, actor, { patientId: actor.patientId, text: "hello" }, meta());
    expect(isRefusal(result)).toBe(false);
    const messages = await world.owner`select type, subject, payload from outbox where payload like ${`%${actor.patientId}%`} order by seq`;
    expect(messages.map((row) => row.subject)).toEqual(["events.patient.registered.v1", "audit.patient"]);
    expect(JSON.parse(messages[1]?.payload)).toMatchObject({
      code: "fixture.add-note",
      outcome: "ok",
      patientIds: [actor.patientId],
      actor: { kind: "user" },
    });
  });

  test("refused by access leaves nothing but an audit record of the denial", async () => {
    const [actor, other] = [patientActor(), patientActor()];
    const before = await world.owner`select count(*) as n from notes`;
    const result = await addNote(testDeps("patient", world.db), actor, { patientId: other.patientId, text: "x" }, meta());
    expect(result).toEqual(refuse("not-found"));
    expect(await world.owner`select count(*) as n from notes`).toEqual(before);
    const [record] = await world.owner`select payload from outbox where payload like ${`%${actor.accountId}%`}`;
    expect(JSON.parse(record?.payload)).toMatchObject({ outcome: "denied", reason: "not-found", patientIds: [other.patientId] });
  });

  test("refused while running rolls its rows back", async () => {
    const actor = patientActor();
    const result = await addNote(testDeps("patient", world.db), actor, { patientId: actor.patientId, text: "too late" }, meta());
    expect(result).toEqual(refuse("slot-taken"));
    expect(await world.owner`select * from notes where patient_id = ${actor.patientId}`).toHaveLength(0);
    const [record] = await world.owner`select payload from outbox where payload like ${`%${actor.accountId}%`}`;
    expect(JSON.parse(record?.payload)).toMatchObject({ outcome: "refused", reason: "slot-taken", patientIds: [actor.patientId] });
  });

  test("repeated in parallel with one idempotency key has one effect and one answer", async () => {
    const actor = patientActor();
    const deps = testDeps("patient", world.db);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => addNote(deps, actor, { patientId: actor.patientId, text: "once" }, meta({ idempotencyKey: "k1" }))),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await world.owner`select * from notes where patient_id = ${actor.patientId}`).toHaveLength(1);
    expect(await addNote(deps, actor, { patientId: actor.patientId, text: "other" }, meta({ idempotencyKey: "k1" }))).toEqual(
      refuse("idempotency-mismatch"),
    );
  });

  test("that failed does not burn its idempotency key", async () => {
    const actor = patientActor();
    const deps = testDeps("patient", world.db);
    const late = { patientId: actor.patientId, text: "too late" };
    await addNote(deps, actor, late, meta({ idempotencyKey: "k2" }));
    expect(await addNote(deps, actor, { ...late, text: "in time" }, meta({ idempotencyKey: "k2" }))).toHaveProperty("id");
  });

  test("is counted once by its outcome, and not at all when it breaks", async () => {
    const actor = patientActor();
    const deps = testDeps("patient", world.db);
    await addNote(deps, actor, { patientId: actor.patientId, text: "one" }, meta());
    await addNote(deps, actor, { patientId: actor.patientId, text: "too late" }, meta());
    await addNote(deps, actor, { patientId: patientActor().patientId, text: "x" }, meta());
    const text = null as unknown as string;
    await addNote(deps, actor, { patientId: actor.patientId, text }, meta()).catch(() => {});
    const { values } = await deps.metrics.actions.get();
    expect(Object.fromEntries(values.map(({ labels, value }) => [labels.outcome, value]))).toEqual({
      ok: 1,
      "slot-taken": 1,
      "not-found": 1,
    });
    expect(JSON.stringify(values)).not.toContain(actor.patientId);
  });
});

test("an event carries the time it was emitted, not that of its transaction's start: who waited for a lock speaks last", async () => {
  const clock = testClock(Date.parse("2026-01-15T08:00:00Z"));
  const patientId = patientActor().patientId;
  await world.db.transaction(grant.public(), async (tx) => {
    const emit = emitter(tx, { kind: "system", job: "test" }, clock);
    clock.advance(1_000);
    await emit("patient.registered", { patientId: patientId as never });
  });
  const [row] = await world.owner`select payload from outbox where payload like ${`%${patientId}%`}`;
  expect(JSON.parse(row?.payload).at).toBe("2026-01-15T08:00:01.000Z");
});

describe("row-level security", () => {
  test("shows nothing without a context, and only the granted patients with one", async () => {
    const [mine, theirs] = [patientActor().patientId, patientActor().patientId];
    await world.owner`insert into notes (patient_id, body) values (${mine}, 'a'), (${theirs}, 'b')`;
    const count = async (granted: Parameters<typeof world.db.transaction>[0]) =>
      world.db.transaction(granted, async (tx) =>
        (await tx.execute(sql`select patient_id from notes where patient_id in (${mine}, ${theirs})`)).map((row) => row.patient_id),
      );
    expect(await count(grant.public())).toEqual([]);
    expect(await count(grant.patients([mine]))).toEqual([mine]);
    expect((await count(grant.system("test"))).length).toBe(2);
  });

  test("keeps contexts apart on pooled connections under 400 interleaved reads", async () => {
    const people = Array.from({ length: 4 }, () => patientActor().patientId);
    for (const id of people) await world.owner`insert into notes (patient_id, body) values (${id}, 'x')`;
    const reads = await Promise.all(
      Array.from({ length: 400 }, async (_, index) => {
        const id = people[index % people.length] as string;
        const rows = await world.db.transaction(grant.patients([id]), (tx) => tx.execute(sql`select patient_id from notes`));
        return rows.every((row) => row.patient_id === id) && rows.length === 1;
      }),
    );
    expect(reads.every(Boolean)).toBe(true);
  });
});
