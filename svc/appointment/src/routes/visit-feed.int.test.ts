import { afterEach, beforeEach, expect, test } from "bun:test";
import { type Appointment, book, cancel, hold, releaseHold } from "@episante/contracts/appointment";
import { moveVisit, setVisitStatus, visitFeed } from "@episante/contracts/visit";
import { patientActor } from "@episante/testkit/actors";
import { waitFor } from "@episante/testkit/wait-for";
import { bookingWorld, freshKey, tuesdayNine, type World } from "../../test/world.ts";

interface Frame {
  readonly event: string;
  readonly id: number;
  readonly data: Appointment;
}
interface Feed {
  readonly frames: Frame[];
  readonly visits: () => Frame[];
  stop(): void;
}

let world: World;
const open: Feed[] = [];
beforeEach(async () => {
  world = await bookingWorld();
});
afterEach(async () => {
  for (const feed of open.splice(0)) feed.stop();
  await world.close();
});

/** Follows the feed as a browser does, and waits until it is live. */
async function follow({
  actor = world.staff,
  doctorIds = world.doctorId as string,
  lastEventId = undefined as number | undefined,
} = {}): Promise<Feed> {
  const controller = new AbortController();
  const headers = new Headers({ authorization: `Bearer ${await world.harness.tokenFor(actor)}` });
  if (lastEventId !== undefined) headers.set("last-event-id", String(lastEventId));
  const url = `http://service.test${visitFeed.path}?doctorIds=${doctorIds}`;
  const response = await world.harness.fetch(new Request(url, { headers, signal: controller.signal }));
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const frames: Frame[] = [];
  const reader = response.body?.getReader();
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
        if (fields.event) frames.push({ event: fields.event, id: Number(fields.id), data: JSON.parse(fields.data ?? "") });
      }
    }
  })().catch(() => {});
  const feed = {
    frames,
    visits: () => frames.filter(({ event }) => event === "visit"),
    stop: () => {
      controller.abort();
      reader?.cancel().catch(() => {});
    },
  };
  open.push(feed);
  await waitFor(() => frames.some(({ event }) => event === "heartbeat" || event === "reset"), { what: "a heartbeat" });
  return feed;
}
async function booked(start = tuesdayNine): Promise<string> {
  const body = { doctorId: world.doctorId, reasonId: world.reasons.r20, start };
  const answer = await world.harness.call(book, { actor: patientActor(), body, headers: freshKey() });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.json.id;
}

test("every open screen sees a booking, a move, a state and a cancellation, each as lists answer it", async () => {
  const screens = [await follow(), await follow({ actor: world.doctor })];
  const id = await booked();
  await waitFor(() => screens.every((screen) => screen.visits().length === 1), { timeoutMs: 2_000 });
  await world.harness.call(moveVisit, { actor: world.staff, params: { id }, body: { start: "2026-11-24T09:00:00Z" } });
  await waitFor(() => screens.every((screen) => screen.visits().at(-1)?.data.sequence === 1), { timeoutMs: 2_000 });
  await world.harness.call(setVisitStatus, { actor: world.staff, params: { id }, body: { status: "noshow" } });
  await waitFor(() => screens.every((screen) => screen.visits().at(-1)?.data.status === "noshow"), { timeoutMs: 2_000 });
  const other = await booked();
  await world.harness.call(cancel, { actor: world.staff, params: { id: other }, body: {} });
  await waitFor(() => screens.every((screen) => screen.visits().at(-1)?.data.status === "cancelled"), { timeoutMs: 2_000 });
  for (const screen of screens) {
    const versions = screen.visits().filter(({ data }) => data.id === id);
    expect(versions.map(({ data }) => data.version)).toEqual([0, 1, 2]);
  }
});

test("a screen hears of its own doctors only; a visit that leaves for a colleague is told to both", async () => {
  const [mine, theirs] = [await follow(), await follow({ doctorIds: world.otherDoctorId })];
  const id = await booked();
  await waitFor(() => mine.visits().length === 1);
  expect(theirs.visits()).toHaveLength(0);
  const body = { start: tuesdayNine, doctorId: world.otherDoctorId };
  await world.harness.call(moveVisit, { actor: world.staff, params: { id }, body });
  await waitFor(() => mine.visits().length === 2 && theirs.visits().length === 1);
  expect(mine.visits()[1]?.data.doctorId).toBe(world.otherDoctorId);
});

test("what happened while a screen was away is told when it comes back", async () => {
  const first = await follow();
  await booked();
  await waitFor(() => first.visits().length === 1);
  const lastEventId = first.frames.at(-1)?.id ?? 0;
  first.stop();
  const missed = [await booked("2026-11-24T08:20:00Z"), await booked("2026-11-24T08:40:00Z")];
  const again = await follow({ lastEventId });
  await waitFor(() => missed.every((id) => again.visits().some(({ data }) => data.id === id)));
});

test("a change that commits late is not missed, though later ones were told before it", async () => {
  const feed = await follow();
  const slow = await booked();
  await waitFor(() => feed.visits().length === 1);
  const release = Promise.withResolvers<void>();
  const writing = world.database.owner.begin(async (sql) => {
    await sql`update appointments set cancel_reason = 'late' where id = ${slow}`;
    await release.promise;
  });
  const fast = await booked("2026-11-24T08:20:00Z");
  await waitFor(() => feed.visits().some(({ data }) => data.id === fast));
  const resumed = feed.frames.at(-1)?.id ?? 0;
  const later = await follow({ lastEventId: resumed });
  release.resolve();
  await writing;
  for (const screen of [feed, later]) await waitFor(() => screen.visits().some(({ data }) => data.cancelReason === "late"));
  expect(feed.visits().filter(({ data }) => data.id === fast)).toHaveLength(1);
});

test("a cursor that is none of ours asks the screen to read its lists again", async () => {
  const feed = await follow({ lastEventId: 2 ** 50 });
  expect(feed.frames.some(({ event }) => event === "reset")).toBe(true);
});

test("held times are told at the beginning, when one is taken and when it is given back, to screens of that doctor only", async () => {
  const [mine, theirs] = [await follow(), await follow({ doctorIds: world.otherDoctorId })];
  const heldOn = (feed: Feed) =>
    feed.frames.filter(({ event }) => event === "held").map(({ data }) => (data as unknown as { items: { start: string }[] }).items);
  await waitFor(() => heldOn(mine).length === 1 && heldOn(theirs).length === 1);
  const body = { doctorId: world.doctorId, reasonId: world.reasons.r20, start: tuesdayNine };
  const patient = patientActor();
  const taken = await world.harness.call(hold, { actor: patient, body });
  expect(taken.status).toBe(201);
  await waitFor(() => heldOn(mine).length === 2);
  await world.harness.call(releaseHold, { actor: patient, params: { id: taken.json.id } });
  await waitFor(() => heldOn(mine).length === 3);
  expect(heldOn(mine).map((items) => items.map(({ start }) => start))).toEqual([[], [tuesdayNine], []]);
  expect(heldOn(theirs)).toEqual([[]]);
});
