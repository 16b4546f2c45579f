import { afterEach, expect, test } from "bun:test";
import type { Appointment } from "@episante/contracts/appointment";
import { createRoot } from "solid-js";
import { createVisits, type Visits } from "./create-visits.ts";

const realFetch = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = realFetch;
});
const visit = (id: string, version: number, status = "booked") =>
  ({
    id: `apt_${id}`,
    version,
    status,
    doctorId: "doc_a",
    start: "2026-01-15T08:00:00Z",
    end: "2026-01-15T08:20:00Z",
  }) as unknown as Appointment;
const settle = () => new Promise((done) => setTimeout(done, 5));

/** The screen's visits, with a list that answers when it is told to and a feed that stays silent. */
async function open(run: (visits: Visits, answer: (items: Appointment[]) => Promise<void>, told: Appointment[]) => Promise<void>) {
  let reply: (response: Response) => void = () => undefined;
  globalThis.fetch = ((url: string) =>
    url.includes("/feed")
      ? new Promise<Response>(() => undefined)
      : new Promise<Response>((done) => {
          reply = done;
        })) as unknown as typeof fetch;
  const told: Appointment[] = [];
  const { visits, dispose } = createRoot((end) => ({
    visits: createVisits(
      () => ({ doctorIds: ["doc_a"], from: 0, to: 1 }),
      (changed) => told.push(...changed),
    ),
    dispose: end,
  }));
  await settle();
  const answer = async (items: Appointment[]) => {
    reply(Response.json({ items }));
    await settle();
  };
  try {
    await run(visits, answer, told);
  } finally {
    dispose();
  }
}

test("what is told while a list is being read is kept, though the list does not know it yet", async () => {
  await open(async (visits, answer) => {
    visits.take([visit("new", 1)]);
    await answer([visit("old", 1)]);
    expect(
      visits
        .all()
        .map(({ id }) => id as string)
        .sort(),
    ).toEqual(["apt_new", "apt_old"]);
  });
});

test("a list that was read before a change does not undo it", async () => {
  await open(async (visits, answer) => {
    visits.take([visit("one", 3, "arrived")]);
    await answer([visit("one", 2)]);
    expect(visits.byId("apt_one")?.status).toBe("arrived");
  });
});

test("a change is told once, however often it comes, and what the next list has no more is gone", async () => {
  await open(async (visits, answer, told) => {
    await answer([visit("one", 1)]);
    visits.take([visit("one", 2, "arrived")]);
    visits.take([visit("one", 2, "arrived")]);
    expect(told.map(({ version }) => version)).toEqual([2]);
    void visits.reload();
    await settle();
    await answer([]);
    expect(visits.all()).toEqual([]);
  });
});

test("times that are being confirmed come with the feed, each list in place of the one before", async () => {
  const body = ["9:00", "9:20"].map((start) => `event: held\ndata: ${JSON.stringify({ items: [{ start }] })}\n\n`).join("");
  globalThis.fetch = (async (url: string) =>
    url.includes("/feed") ? new Response(body) : Response.json({ items: [] })) as unknown as typeof fetch;
  const held: string[][] = [];
  const dispose = createRoot((end) => {
    createVisits(
      () => ({ doctorIds: ["doc_a"], from: 0, to: 1 }),
      () => undefined,
      (items) => held.push(items.map(({ start }) => start)),
    );
    return end;
  });
  await settle();
  dispose();
  expect(held).toEqual([["9:00"], ["9:20"]]);
});
