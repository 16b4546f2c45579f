import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { alertFeed } from "@episante/contracts/alert";
import type { DoctorId, PatientId } from "@episante/contracts/ids";
import type { UserActor } from "@episante/contracts/session";
import { grant } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import { doctorActor } from "@episante/testkit/actors";
import { refusals } from "@episante/testkit/refusals";
import type { Harness } from "@episante/testkit/service";
import { sql } from "drizzle-orm";
import { makeWorld, run, start, type World } from "../../test/world.ts";
import type { FeedPage, Follower } from "../actions/feed-hub.ts";
import { readChangedHere } from "../storage/alerts.ts";

let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

/** As the harness calls, but an opened feed is let go instead of read to its end, which never comes. */
const callFeed: Harness["call"] = async (endpoint, { actor, headers: given } = {}) => {
  const headers = new Headers(given);
  if (actor && actor.kind !== "anonymous" && actor.kind !== "system")
    headers.set("authorization", `Bearer ${await world.api.tokenFor(actor)}`);
  const response = await world.api.fetch(new Request(`http://service.test${endpoint.path}`, { headers }));
  if (response.status === 200) {
    await response.body?.cancel();
    return { status: 200, json: {}, text: "", headers: response.headers };
  }
  const text = await response.text();
  return { status: response.status, json: JSON.parse(text), text, headers: response.headers };
};

/** Follows the hub as a feed of this doctor would that was told everything so far. */
function watching(actor: UserActor): Follower {
  const caller = { actor, meta: { traceId: "t" } };
  const follower = { caller, asWhom: JSON.stringify(actor), at: () => world.deps.feed.state.cursor, turn: () => {} };
  unwatch.push(world.deps.feed.listen(follower));
  return follower;
}
const unwatch: (() => void)[] = [];
afterEach(() => {
  for (const stop of unwatch.splice(0)) stop();
});
const audits = async () =>
  (
    await world.database.owner`
      select payload::jsonb -> 'actor' ->> 'accountId' as account, payload::jsonb -> 'patientIds' as patients from outbox
      where type = 'audit' and payload::jsonb ->> 'code' = 'alert.feed' order by seq`
  ).map(({ account, patients }) => [account, patients]);

describe("what the transaction of a change tells consoles", () => {
  let at = 0;
  let patientId: PatientId;
  let colleague: UserActor;
  let theirs: PatientId;
  beforeEach(async () => {
    at += 200;
    colleague = doctorActor({ clinicId: world.clinicId });
    [patientId, theirs] = [newId("pat", start), newId("pat", start)];
    await world.relate(doctorIdOf(world.doctor), patientId);
    await world.relate(doctorIdOf(colleague), theirs);
    await world.database.owner`delete from outbox`;
  });
  const doctorIdOf = (actor: UserActor) => actor.memberships[0]?.doctorId as DoctorId;
  const falls = (id: PatientId) => world.frame(run(at, at + 30, 85), { patientId: id, deviceId: `dev_${id}`, seq: 0 });
  const seenBy = (page: FeedPage | undefined, follower: Follower) => page?.alerts.get(follower.asWhom)?.map(({ alert }) => alert.patientId);

  test("each sees the patients they treat, nobody else's, and the record of it is in that transaction", async () => {
    const [mine, other, nobody] = [watching(world.doctor), watching(colleague), watching(doctorActor({ clinicId: world.clinicId }))];
    const { page } = await world.evaluateHere([falls(patientId), falls(theirs)]);
    expect([mine, other, nobody].map((one) => seenBy(page, one))).toEqual([[patientId], [theirs], []]);
    expect(await audits()).toEqual([
      [world.doctor.accountId, [patientId]],
      [colleague.accountId, [theirs]],
    ]);
  });
  test("a relationship that is over, or has not begun, shows nothing", async () => {
    await world.database.owner`update relationships set until_at = '2026-01-15T07:59:59Z' where patient_id = ${patientId}`;
    await world.database.owner`update relationships set from_at = '2026-01-15T08:00:01Z' where patient_id = ${theirs}`;
    const [mine, other] = [watching(world.doctor), watching(colleague)];
    const { page } = await world.evaluateHere([falls(patientId), falls(theirs)]);
    expect([seenBy(page, mine), seenBy(page, other)]).toEqual([[], []]);
    expect(await audits()).toEqual([]);
  });
  test("while the mirror of relationships is stale nobody is told; nor of what became stale before the telling", async () => {
    const mine = watching(world.doctor);
    world.mirror.isFresh = false;
    expect((await world.evaluateHere([falls(patientId)])).page).toBeUndefined();
    world.mirror.isFresh = true;
    expect(await audits()).toEqual([]);
    expect(seenBy((await world.evaluateHere([falls(theirs)])).page, mine)).toEqual([]);
  });
  test("row-level security holds behind the decision: an alert of another patient is not read under a grant of one", async () => {
    await world.evaluate([falls(patientId), falls(theirs)]);
    const ids = (await world.database.owner`select id from alerts where patient_id in (${patientId}, ${theirs})`).map(({ id }) =>
      String(id),
    );
    const reach = await world.deps.db.transaction(grant.system("test"), async (tx) => {
      const rows = await readChangedHere(tx, [patientId], ids);
      const left = await tx.execute(sql`select patient_id from alerts where id = any(${sql.param(ids)}::text[])`);
      return { rows: [...rows.values()].flat().map((row) => row.patientId), left: left.map((row) => row.patient_id) };
    });
    expect(reach).toEqual({ rows: [patientId], left: [patientId] });
  });
  test("a transaction that is rolled back tells nobody and leaves no record", async () => {
    watching(world.doctor);
    await world.evaluate([falls(patientId)], { fail: true });
    expect(world.deps.engine.takeChanged(0)).toBeUndefined();
    expect(await audits()).toEqual([]);
  });
});

describe("refusals every endpoint gives", () => {
  refusals(alertFeed, async () => ({ harness: { ...world.api, call: callFeed }, accepted: { actor: world.doctor } }));
});
