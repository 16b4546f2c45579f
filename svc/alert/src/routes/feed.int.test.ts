import { afterEach, beforeEach, describe, expect, spyOn, test } from "bun:test";
import { type Alert, ackAlert, alertFeed } from "@episante/contracts/alert";
import { putOnCall } from "@episante/contracts/on-call";
import type { UserActor } from "@episante/contracts/session";
import { newId } from "@episante/service/ids";
import { doctorActor } from "@episante/testkit/actors";
import { expectProblem } from "@episante/testkit/refusals";
import { waitFor } from "@episante/testkit/wait-for";
import { addPerson, makeWorld, openAlert, run, start, type World } from "../../test/world.ts";
import { escalateAlerts } from "../actions/escalate-alerts.ts";
import { readerName } from "../actions/evaluate-readings.ts";
import { FeedHub } from "../actions/feed-hub.ts";
import { sampleFeed } from "../actions/sample-alerts.ts";

interface Message {
  readonly event: string;
  readonly id: number;
  readonly data: Alert & { at?: string; readerAt?: string };
}
interface Feed {
  readonly messages: Message[];
  readonly alerts: () => Message[];
  stop(): void;
}

let world: World;
const open: Feed[] = [];
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(async () => {
  for (const feed of open.splice(0)) feed.stop();
  await world.close();
});

/** Follows the feed as a browser does. */
async function follow(actor: UserActor = world.doctor, lastEventId?: number): Promise<Feed> {
  const controller = new AbortController();
  const headers = new Headers({ authorization: `Bearer ${await world.api.tokenFor(actor)}` });
  if (lastEventId !== undefined) headers.set("last-event-id", String(lastEventId));
  const response = await world.api.fetch(new Request(`http://service.test${alertFeed.path}`, { headers, signal: controller.signal }));
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const messages: Message[] = [];
  const reader = response.body?.getReader();
  const stop = () => {
    controller.abort();
    reader?.cancel().catch(() => {});
  };
  void (async () => {
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const part = await reader?.read();
      if (!part || part.done) return;
      text += decoder.decode(part.value, { stream: true });
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const fields = Object.fromEntries(
          block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
        );
        if (fields.event) messages.push({ event: fields.event, id: Number(fields.id), data: JSON.parse(fields.data ?? "") });
      }
    }
  })().catch(() => {});
  const feed = { messages, alerts: () => messages.filter(({ event }) => event === "alert"), stop };
  open.push(feed);
  return feed;
}
const beat = (ageSeconds = 0, seconds = 5 - ageSeconds) =>
  world.database.owner`
    insert into reader_leases (reader, partition, owner, epoch, checkpoint, expires_at) values (${readerName}, 0, 't', 1, 0, now() + ${seconds} * interval '1 second')
    on conflict (reader, partition) do update set expires_at = excluded.expires_at`;

describe("live", () => {
  test("an alert is there right after its commit, and its acknowledgement on every console", async () => {
    const [one, two] = [await follow(), await follow()];
    const id = await openAlert(world);
    await waitFor(() => one.alerts().length === 1 && two.alerts().length === 1);
    expect(one.alerts()[0]?.data).toMatchObject({ id, status: "open" });
    await world.api.call(ackAlert, { actor: world.doctor, params: { id } });
    await waitFor(() => two.alerts().at(-1)?.data.status === "acked");
    expect(two.alerts().at(-1)?.data.owner?.accountId).toBe(world.doctor.accountId);
  });
  test("a frame names the trace of its change: first the reading's, then that of who acted", async () => {
    const feed = await follow();
    const [reading, request] = ["a".repeat(32), "b".repeat(32)];
    const id = await openAlert(world, 0, world.patientId, { traceparent: `00-${reading}-${"1".repeat(16)}-01` });
    await waitFor(() => feed.alerts().length === 1);
    expect(feed.alerts()[0]?.data.traceId).toBe(reading);
    const headers = { traceparent: `00-${request}-${"2".repeat(16)}-01` };
    await world.api.call(ackAlert, { actor: world.doctor, params: { id }, headers });
    await waitFor(() => feed.alerts().at(-1)?.data.status === "acked");
    expect(feed.alerts().at(-1)?.data.traceId).toBe(request);
    const events = (await world.database.owner`select payload from outbox where type like 'alert.%' order by seq`).map(({ payload }) =>
      JSON.parse(payload),
    );
    expect(events.map(({ type, traceparent }) => [type, traceparent.split("-")[1]])).toEqual([
      ["alert.raised", reading],
      ["alert.acked", request],
    ]);
  });
  test("commits of another instance are seen without being told", async () => {
    const feed = await follow();
    const wake = world.deps.feed.wake;
    world.deps.feed.wake = () => {};
    await openAlert(world);
    world.deps.feed.wake = wake;
    await waitFor(() => feed.alerts().length === 1, { timeoutMs: 2000 });
  });
  test("heartbeats come each second with the reader's time, and only while every partition is alive", async () => {
    const feed = await follow();
    await Bun.sleep(600);
    expect(feed.messages).toEqual([]);
    await beat();
    await waitFor(() => feed.messages.length >= 2, { timeoutMs: 3000 });
    expect(feed.messages[0]?.data.at).toBe(new Date(start).toISOString());
    expect(Date.parse(feed.messages[0]?.data.readerAt ?? "")).toBeLessThanOrEqual(start);
    await beat(3);
    await Bun.sleep(300);
    const before = feed.messages.length;
    await Bun.sleep(1500);
    expect(feed.messages.length).toBe(before);
  });
});

describe("a doctor who does not treat the patient", () => {
  test("a feed that was open before the page shows the alert with it, and what happens to it then", async () => {
    const head = doctorActor({ clinicId: world.clinicId });
    await addPerson(world, head.accountId, { doctorId: head.memberships[0]?.doctorId });
    const chain = [{ to: head.accountId, afterSeconds: 0 }];
    const body = { chains: { critical: chain, warning: chain }, rota: { weekly: [], exceptions: [] }, quiet: null };
    await world.api.call(putOnCall, { actor: world.doctor, body });
    const [treating, paged] = [await follow(), await follow(head)];
    const id = await openAlert(world);
    await waitFor(() => treating.alerts().length === 1);
    await Bun.sleep(300);
    expect(paged.alerts()).toEqual([]);
    world.clock.set(start + 30_000);
    await escalateAlerts(world.deps, world.clock.now());
    await waitFor(() => paged.alerts().length === 1);
    expect(paged.alerts()[0]?.data).toMatchObject({ id, status: "open" });
    // Told by the transaction of the change to those who treat; a feed that was called reads, and says why.
    const { tell } = await world.evaluateHere([world.frame(run(31, 80, 95))]);
    tell();
    await waitFor(() => paged.alerts().at(-1)?.data.status === "resolved" && treating.alerts().at(-1)?.data.status === "resolved");
    const records = await world.database.owner`
      select payload::jsonb ->> 'reason' as reason, payload::jsonb -> 'patientIds' as patients from outbox
      where type = 'audit' and payload::jsonb ->> 'code' = 'alert.feed' and payload like ${`%${head.accountId}%`} and payload::jsonb -> 'patientIds' <> '[]'`;
    expect(records.map((row) => ({ ...row }))).toEqual([1, 2].map(() => ({ reason: "paged", patients: [world.patientId] })));
  });
});

describe("resuming", () => {
  test("from a last event id: everything missed, nothing twice, though many transactions commit at once", async () => {
    const patients = await Promise.all(
      Array.from({ length: 30 }, async () => {
        const patientId = newId("pat", start);
        const doctorId = world.doctor.memberships[0]?.doctorId;
        if (doctorId) await world.relate(doctorId, patientId);
        return patientId;
      }),
    );
    const seen = new Map<string, number>();
    let last = 0;
    const reconnecting = (async () => {
      while (seen.size < patients.length) {
        const feed = await follow(world.doctor, last);
        await Bun.sleep(30);
        feed.stop();
        for (const { id, data } of feed.alerts()) {
          expect(id).toBeGreaterThan(last);
          last = id;
          seen.set(data.id, (seen.get(data.id) ?? 0) + 1);
        }
      }
    })();
    // Each patient in a batch of its own, several at once: cursors are taken in one order, commits must be seen in the same.
    await Promise.all(
      patients.map(async (patientId, index) =>
        world.evaluate([world.frame(run(0, 30, 85), { patientId, deviceId: `dev_${index}`, seq: 0 })]),
      ),
    );
    await reconnecting;
    expect([...seen.values()]).toEqual(Array(30).fill(1));
  });
  test("without an id it starts at now; a heartbeat's id is enough to resume", async () => {
    await openAlert(world);
    await beat();
    const feed = await follow();
    const heartbeat = await waitFor(() => feed.messages[0]);
    expect(heartbeat.event).toBe("heartbeat");
    feed.stop();
    await world.evaluate([world.frame(run(31, 80, 95))]);
    const again = await follow(world.doctor, heartbeat.id);
    await waitFor(() => again.alerts().length === 1);
    expect(again.alerts()[0]?.data.status).toBe("resolved");
  });
});

describe("told by the transaction of the change", () => {
  const shownTo = async () =>
    (
      await world.database.owner`
        select payload::jsonb -> 'patientIds' as patients from outbox
        where type = 'audit' and payload::jsonb ->> 'code' = 'alert.feed' and payload::jsonb -> 'patientIds' <> '[]' order by seq`
    ).map(({ patients }) => patients);

  test("a console is told without a read of its own, and exactly what one that resumes reads", async () => {
    const [live, second] = [await follow(), await follow()];
    const { page, tell } = await world.evaluateHere([world.frame(run(0, 30, 85))]);
    expect(page).toMatchObject({ after: 0, upTo: 1 });
    expect(await shownTo()).toEqual([[world.patientId]]);
    const begun = spyOn(world.deps.db.drizzle, "transaction");
    tell();
    await waitFor(() => live.alerts().length === 1 && second.alerts().length === 1);
    expect(begun).toHaveBeenCalledTimes(0);
    (await world.evaluateHere([world.frame(run(31, 80, 95))])).tell();
    await waitFor(() => live.alerts().length === 2);
    expect(begun).toHaveBeenCalledTimes(1);
    begun.mockRestore();
    expect(live.alerts().map(({ id, data }) => [id, data.status])).toEqual([
      [1, "open"],
      [2, "resolved"],
    ]);
    const resumed = await follow(world.doctor, 0);
    await waitFor(() => resumed.alerts().length === 1);
    expect(resumed.alerts()[0]).toEqual(live.alerts()[1] as Message);
  });
  test("a change of another instance in between is read first: nothing missed, doubled or out of order", async () => {
    const feed = await follow();
    const other = newId("pat", start);
    const doctorId = world.doctor.memberships[0]?.doctorId;
    if (doctorId) await world.relate(doctorId, other);
    const { wake } = world.deps.feed;
    world.deps.feed.wake = () => {};
    await world.evaluate([world.frame(run(0, 30, 85), { patientId: other, deviceId: "dev_other", seq: 0 })]);
    world.deps.feed.wake = wake;
    const { page, tell } = await world.evaluateHere([world.frame(run(0, 30, 85))]);
    expect(page).toMatchObject({ after: 1, upTo: 2 });
    tell();
    await waitFor(() => feed.alerts().length === 2);
    await Bun.sleep(300);
    expect(feed.alerts().map(({ id, data }) => [id, data.patientId])).toEqual([
      [1, other],
      [2, world.patientId],
    ]);
  });
  test("two of this instance learned of in the wrong order, and one that was seen before it was told: each once", async () => {
    const feed = await follow();
    const first = await world.evaluateHere([world.frame(run(0, 30, 85))]);
    const second = await world.evaluateHere([world.frame(run(31, 80, 95))]);
    const third = await world.evaluateHere([world.frame(run(81, 130, 85))]);
    second.tell();
    first.tell();
    await waitFor(() => feed.alerts().at(-1)?.id === 2);
    world.deps.feed.wake();
    await waitFor(() => feed.alerts().at(-1)?.id === 3);
    third.tell();
    await Bun.sleep(300);
    expect(feed.alerts().map(({ id, data }) => [id, data.status])).toEqual([
      [2, "resolved"],
      [3, "open"],
    ]);
  });
  test("many changes at once, told and read in any mixture: every console has each of them once and in order", async () => {
    const doctorId = world.doctor.memberships[0]?.doctorId;
    const patients = Array.from({ length: 20 }, () => newId("pat", start));
    for (const patientId of patients) if (doctorId) await world.relate(doctorId, patientId);
    const feeds = [await follow(), await follow()];
    const changed = patients.map(async (patientId, index) => {
      const frames = [world.frame(run(0, 30, 85), { patientId, deviceId: `dev_${index}`, seq: 0 })];
      if (index % 3 === 0) await world.evaluate(frames);
      else (await world.evaluateHere(frames)).tell();
    });
    await Promise.all(changed);
    await waitFor(() => feeds.every((feed) => feed.alerts().length >= patients.length));
    await Bun.sleep(300);
    for (const feed of feeds) expect(feed.alerts().map(({ id }) => id)).toEqual(patients.map((_, index) => index + 1));
  });
  test("a console that opens meanwhile is told by a read, and a transaction that changes many leaves them to it", async () => {
    await follow();
    const { page, tell } = await world.evaluateHere([world.frame(run(0, 30, 85))]);
    const late = await follow(world.doctor, 0);
    tell();
    await waitFor(() => late.alerts().length === 1);
    expect(page?.alerts.size).toBe(1);
    const doctorId = world.doctor.memberships[0]?.doctorId;
    const frames = Array.from({ length: 9 }, (_, index) => {
      const patientId = newId("pat", start);
      return world.frame(run(0, 30, 85), { patientId, deviceId: `dev_${index}`, seq: 0 });
    });
    for (const { patientId } of frames) if (doctorId) await world.relate(doctorId, patientId as never);
    const many = await world.evaluateHere(frames);
    expect(many.page).toBeUndefined();
    many.tell();
    await waitFor(() => late.alerts().length === 10);
    expect(late.alerts().map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
});

describe("what a feed holds back", () => {
  test("a doctor sees nothing of patients they do not treat, not even after the relationship ends in mid-feed", async () => {
    const colleague = await follow(doctorActor({ clinicId: world.clinicId }));
    const mine = await follow();
    await openAlert(world);
    await waitFor(() => mine.alerts().length === 1);
    await world.database.owner`update relationships set until_at = '2026-01-15T07:59:59Z'`;
    await world.evaluate([world.frame(run(31, 80, 95))]);
    await Bun.sleep(600);
    expect(mine.alerts()).toHaveLength(1);
    expect(colleague.alerts()).toEqual([]);
  });
  test("consoles answered together see each their own patients only; the record names per session who was shown whom", async () => {
    const other = doctorActor({ clinicId: world.clinicId });
    const otherPatient = newId("pat", start);
    const otherDoctor = other.memberships[0]?.doctorId;
    if (otherDoctor) await world.relate(otherDoctor, otherPatient);
    const [one, again, theirs] = [await follow(), await follow(), await follow(other)];
    const [mine, foreign] = [{ seq: 0 }, { patientId: otherPatient, deviceId: "dev_other", seq: 0 }];
    await world.evaluate([mine, foreign].map((more) => world.frame(run(0, 30, 85), more)));
    await waitFor(() => one.alerts().length > 0 && again.alerts().length > 0 && theirs.alerts().length > 0);
    await Bun.sleep(300);
    expect([one, again, theirs].map((feed) => feed.alerts().length)).toEqual([1, 1, 1]);
    expect(theirs.alerts()[0]?.data.patientId).toBe(otherPatient);
    expect(one.alerts()[0]?.data).toEqual(again.alerts()[0]?.data as Message["data"]);
    expect(one.alerts()[0]?.data.patientId).not.toBe(otherPatient);
    const shown = await world.database.owner`
      select payload::jsonb -> 'actor' ->> 'accountId' as account, payload::jsonb -> 'patientIds' as patients from outbox
      where type = 'audit' and payload::jsonb ->> 'code' = 'alert.feed' and payload::jsonb -> 'patientIds' <> '[]' order by 1`;
    const expected = [
      { account: world.doctor.accountId, patients: [one.alerts()[0]?.data.patientId] },
      { account: other.accountId, patients: [otherPatient] },
    ];
    expect(shown.map(({ account, patients }) => ({ account, patients }))).toEqual(
      expected.sort((a, b) => (a.account < b.account ? -1 : 1)) as never,
    );
  });
  test("a stale mirror: no feed is opened, an open one falls silent and goes on afterwards", async () => {
    await beat();
    const feed = await follow();
    world.mirror.isFresh = false;
    await openAlert(world);
    await Bun.sleep(500);
    expect(feed.messages.filter(({ event }) => event === "alert")).toEqual([]);
    expectProblem(await world.api.call(alertFeed, { actor: world.doctor }), 503, "mirror-stale");
    world.mirror.isFresh = true;
    await waitFor(() => feed.alerts().length === 1, { timeoutMs: 2000 });
  });
});

test("a client that goes while its alerts are being read leaves nothing behind", async () => {
  const feed = await follow();
  const { deps } = world;
  let isRead = false;
  const { fresh } = deps.relationships;
  deps.relationships.fresh = () => {
    feed.stop();
    isRead = true;
    return fresh();
  };
  await openAlert(world);
  await waitFor(() => isRead);
  // A write to the closed stream would surface here as an unhandled rejection.
  await Bun.sleep(300);
  expect(feed.alerts()).toEqual([]);
});

test("the hub watches only while somebody listens", async () => {
  let reads = 0;
  const db = {
    drizzle: {
      execute: async () => {
        reads++;
        return [{ cursor: 1, owned: 1, age_ms: 0 }];
      },
    },
  };
  const hub = new FeedHub({ db: db as never, clock: world.clock, log: world.deps.log, partitions: 1, readerName });
  hub.wake();
  expect(reads).toBe(0);
  const stop = hub.listen({ caller: { actor: world.doctor, meta: { traceId: "t" } }, asWhom: "doctor", at: () => 0, turn: () => {} });
  await waitFor(() => reads >= 2);
  stop();
  await Bun.sleep(300);
  const after = reads;
  await Bun.sleep(400);
  expect(reads).toBe(after);
});

test("lost monitoring is measured while no console is connected: engine still, relationships stale, database away", async () => {
  const alive = async (deps = world.deps) => {
    await sampleFeed(deps);
    return (await deps.alertMetrics.feedAlive.get()).values[0]?.value;
  };
  expect(world.deps.feed.count()).toBe(0);
  expect(await alive()).toBe(0);
  await beat();
  expect(await alive()).toBe(1);
  world.mirror.isFresh = false;
  expect(await alive()).toBe(0);
  world.mirror.isFresh = true;
  await beat(3);
  expect(await alive()).toBe(0);
  await beat();
  const away = { drizzle: { execute: () => Promise.reject(new Error("away")) } } as never;
  expect(await alive({ ...world.deps, db: away })).toBe(0);
  expect(await alive()).toBe(1);
});
