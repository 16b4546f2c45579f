import { expect, test } from "bun:test";
import { type Envelope, type Frame, maxEnvelopeBytes } from "@episante/contracts/envelope";
import { waitFor } from "@episante/testkit/wait-for";
import { type CommitterOptions, makeCommitter } from "./committer.ts";

const frame = (seq: number, patientId = "pat_1", padding = 0): Frame => ({
  deviceId: "dev_1",
  patientId,
  clinicId: "cli_1",
  kind: "wearable",
  boot: "b".repeat(Math.max(1, padding)),
  seq,
  receivedAtMs: 0,
  readings: [],
});

/** A stream whose confirmations the test gives by hand. */
function handStream(more: Partial<CommitterOptions> = {}) {
  const open: { partition: number; envelope: Envelope; id: string; done: () => void; fail: (error: Error) => void }[] = [];
  let ids = 0;
  let nowMs = 0;
  const committer = makeCommitter({
    partitions: 2,
    maxUnflushedBytes: 1024 * 1024,
    giveUpAfterMs: 1_000,
    newMessageId: () => `m${ids++}`,
    now: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
    },
    publish: (partition, text, id) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      open.push({ partition, envelope: JSON.parse(text), id, done: resolve, fail: reject });
      return promise;
    },
    ...more,
  });
  const settle = () => Bun.sleep(0);
  return { committer, open, settle };
}

test("an idle partition commits at once; what arrives meanwhile forms the next envelope, in order; nothing is confirmed early", async () => {
  const { committer, open, settle } = handStream();
  const outcomes: number[] = [];
  for (let seq = 0; seq < 4; seq++) void committer.submit(frame(seq)).then(() => outcomes.push(seq));
  await settle();
  expect(open.map(({ envelope }) => envelope.frames.map(({ seq }) => seq))).toEqual([[0]]);
  expect(outcomes).toEqual([]);
  open[0]?.done();
  await settle();
  expect(outcomes).toEqual([0]);
  expect(open[1]?.envelope.frames.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  open[1]?.done();
  await committer.flush();
  expect(outcomes).toEqual([0, 1, 2, 3]);
  expect(committer.unflushedBytes()).toBe(0);
});

test("partitions do not wait for each other", async () => {
  const { committer, open, settle } = handStream();
  const patients = ["pat_a", "pat_b", "pat_c", "pat_d", "pat_e"];
  for (const patient of patients) void committer.submit(frame(1, patient));
  await settle();
  expect(new Set(open.map(({ partition }) => partition)).size).toBe(2);
});

test("envelopes stay within their limit", async () => {
  const { committer, open, settle } = handStream();
  for (let seq = 0; seq < 20; seq++) void committer.submit(frame(seq, "pat_1", 40_000));
  for (let at = 0; at < open.length || committer.unflushedBytes() > 0; at++) {
    await settle();
    open[at]?.done();
    await settle();
  }
  for (const { envelope } of open) expect(JSON.stringify(envelope).length).toBeLessThanOrEqual(maxEnvelopeBytes);
  expect(open.flatMap(({ envelope }) => envelope.frames.map(({ seq }) => seq))).toEqual(Array.from({ length: 20 }, (_, seq) => seq));
});

test("a commit that is not confirmed is tried again under the same id, and given back in the end", async () => {
  const { committer, open, settle } = handStream();
  const first = committer.submit(frame(1));
  await settle();
  open[0]?.fail(new Error("timeout"));
  await settle();
  expect(open.map(({ id }) => id)).toEqual(["m0", "m0"]);
  open[1]?.done();
  expect(await first).toBe("committed");

  const second = committer.submit(frame(2));
  for (let at = 2; ; at++) {
    await settle();
    if (!open[at]) break;
    open[at]?.fail(new Error("timeout"));
  }
  expect(await second).toBe("failed");
  expect(committer.unflushedBytes()).toBe(0);
});

test("a full buffer takes nothing more and tells when pressure begins and ends", async () => {
  const { committer, open, settle } = handStream({ maxUnflushedBytes: 10_000 });
  const told: boolean[] = [];
  committer.onPressure((isUnderPressure) => told.push(isUnderPressure));
  const outcomes = Array.from({ length: 12 }, (_, seq) => committer.submit(frame(seq, "pat_1", 900)));
  expect(told).toEqual([true]);
  for (let at = 0; at < 2; at++) {
    await settle();
    open[at]?.done();
  }
  const found = await Promise.all(outcomes);
  expect(found.filter((outcome) => outcome === "busy").length).toBeGreaterThan(0);
  expect(found.filter((outcome) => outcome === "committed").length + found.filter((outcome) => outcome === "busy").length).toBe(12);
  expect(told).toEqual([true, false]);
});

test("where partitions take turns, frames go on gathering for the one that waits, and the others follow in the order in which they asked", async () => {
  const { committer, open, settle } = handStream({ atOnce: 1, slowAfterMs: 60_000 });
  const outcomes: string[] = [];
  const submit = (seq: number, patient: string) =>
    void committer.submit(frame(seq, patient)).then(() => outcomes.push(`${patient} ${seq}`));
  const [one, other] = ["pat_a", "pat_b"];
  submit(1, one);
  submit(1, other);
  await settle();
  submit(2, other);
  submit(2, one);
  await settle();
  expect(open.map(({ envelope }) => envelope.frames.map(({ seq }) => seq))).toEqual([[1]]);
  for (let at = 0; at < 3; at++) {
    open[at]?.done();
    await settle();
  }
  expect(open.map(({ envelope }) => envelope.frames.map(({ patientId, seq }) => `${patientId} ${seq}`))).toEqual([
    ["pat_a 1"],
    ["pat_b 1", "pat_b 2"],
    ["pat_a 2"],
  ]);
  expect(outcomes).toEqual(["pat_a 1", "pat_b 1", "pat_b 2", "pat_a 2"]);
  expect(new Set(open.map(({ partition }) => partition)).size).toBe(2);
});

test("where partitions take turns, neither one that waits to try again nor one that gets no answer keeps the others from theirs", async () => {
  const waits: (() => void)[] = [];
  const retrying = handStream({ atOnce: 1, slowAfterMs: 60_000, sleep: () => new Promise<void>((resolve) => waits.push(resolve)) });
  void retrying.committer.submit(frame(1, "pat_a"));
  void retrying.committer.submit(frame(1, "pat_b"));
  retrying.open[0]?.fail(new Error("timeout"));
  await retrying.settle();
  expect(waits).toHaveLength(1);
  expect(retrying.open.map(({ envelope }) => envelope.frames[0]?.patientId)).toEqual(["pat_a", "pat_b"]);
  waits[0]?.();
  await retrying.settle();
  expect(retrying.open).toHaveLength(2);
  retrying.open[1]?.done();
  await retrying.settle();
  expect(retrying.open.map(({ id }) => id)).toEqual(["m0", "m1", "m0"]);

  const hanging = handStream({ atOnce: 1, slowAfterMs: 5 });
  void hanging.committer.submit(frame(1, "pat_a"));
  void hanging.committer.submit(frame(1, "pat_b"));
  void hanging.committer.submit(frame(2, "pat_a"));
  await waitFor(() => hanging.open.length === 2, { what: "the other partition's turn" });
  hanging.open[1]?.done();
  await hanging.settle();
  expect(hanging.open).toHaveLength(2);
  hanging.open[0]?.done();
  await hanging.settle();
  expect(hanging.open[2]?.envelope.frames[0]).toMatchObject({ patientId: "pat_a", seq: 2 });
  hanging.open[2]?.done();
  await hanging.committer.flush();
  expect(hanging.committer.unflushedBytes()).toBe(0);
});
