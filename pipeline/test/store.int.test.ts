import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { silentLog } from "@episante/service/log";
import { type ObjectStore, s3Store } from "@episante/service/objects";
import { type S3Server, startS3 } from "@episante/testkit/s3";
import { waitFor } from "@episante/testkit/wait-for";
import { watchLake } from "../src/lake-watch.ts";
import { alertData, frame, makeWorld, noonMs, visit, type World } from "./world.ts";

let s3: S3Server;
let world: World;
const storeOf = (server: S3Server, bucket = `t-${randomBytes(6).toString("hex")}`): ObjectStore =>
  s3Store({ endpoint: server.url, bucket, region: "us-east-1", accessKey: server.accessKey, secretKey: server.secretKey });

beforeAll(async () => {
  s3 = startS3();
  const lake = storeOf(s3);
  await lake.createBucket?.();
  world = await makeWorld({ lake });
});
afterAll(async () => {
  await world.close();
  s3.stop();
});

/** Readings in gold and in the registered bronze objects. */
async function counts() {
  const [gold] = await world.database.owner`select coalesce(sum(n), 0)::int as n from mart.vitals_daily`;
  const [bronze] = await world.database.owner`select coalesce(sum(rows), 0)::int as n from bronze_objects where stream = 'READINGS'`;
  return { gold: gold?.n, bronze: bronze?.n };
}
const twoDays = (seq: number) =>
  frame(seq, [
    ["8867-4", 60, noonMs + seq * 1000],
    ["8867-4", 61, noonMs - 86_400_000 + seq * 1000],
  ]);

describe("the whole pipeline on an S3 server", () => {
  test("facts reach gold once, and a second run changes nothing", async () => {
    for (let seq = 0; seq < 10; seq++) await world.publishReadings([twoDays(seq)]);
    await world.publish("alert.raised", alertData("2026-11-18T12:00:30.000Z"));
    await world.publish("appointment.booked", visit("2026-11-19T09:00:00.000Z"));
    expect(await world.run("all")).toMatchObject({ status: "done", changed: true });
    expect(await counts()).toEqual({ gold: 20, bronze: 20 });
    expect(await world.run("all")).toMatchObject({ status: "done", changed: false });
  });

  test("a store that is away fails the run with its address and reason; the next run repeats it and nothing is lost or doubled", async () => {
    await world.publishReadings([twoDays(10)]);
    s3.stop();
    const failed = await world.run("all");
    expect(failed.status).toBe("failed");
    expect(failed.error).toContain(`object store not reachable at 127.0.0.1:${s3.port};`);
    await world.publishReadings([twoDays(11)]);
    expect((await world.run("bronze")).status).toBe("failed");
    expect(await counts()).toEqual({ gold: 20, bronze: 20 });
    s3.start();
    expect(await world.run("all")).toMatchObject({ status: "done", changed: true });
    expect(await counts()).toEqual({ gold: 24, bronze: 24 });
  });

  test("a store that dies after it took an object, before anybody heard of it: the range is landed again under the same name, once", async () => {
    await world.publishReadings([twoDays(12)]);
    const keysBefore = await world.deps.lake.list("bronze/");
    let written = 0;
    s3.fault = ({ method, path }) => {
      // The second object of the range is stored, but its answer does not leave.
      if (method === "PUT" && path.includes("/bronze/") && ++written === 2) s3.stop();
      return null;
    };
    expect((await world.run("all")).status).toBe("failed");
    expect(written).toBe(2);
    s3.fault = null;
    s3.start();
    const keysMeanwhile = await world.deps.lake.list("bronze/");
    expect(keysMeanwhile.length).toBe(keysBefore.length + 2);
    expect(await counts()).toEqual({ gold: 24, bronze: 24 });
    // More has arrived: the range that was begun keeps its end all the same.
    await world.publishReadings([twoDays(13)]);
    expect(await world.run("all")).toMatchObject({ status: "done", changed: true });
    expect(await counts()).toEqual({ gold: 28, bronze: 28 });
    expect(await world.deps.lake.list("bronze/")).toEqual(expect.arrayContaining(keysMeanwhile));
    expect((await world.run("all")).changed).toBe(false);
  });

  test("a lost object is named in the record of the run", async () => {
    const [key = ""] = await world.deps.lake.list("bronze/readings/");
    await world.deps.lake.delete(key);
    await world.publishReadings([twoDays(14)]);
    const failed = await world.run("all");
    expect([failed.status, failed.error]).toEqual(["failed", expect.stringContaining(`the lake lost an object: ${key}`)]);
  });
});

describe("the watch over the lake", () => {
  const pauses = { first: 10, longest: 40, whileUp: 60_000 };

  test("says why it does not work, notices by itself that it is back, and makes the bucket of a new installation", async () => {
    const server = startS3();
    server.stop();
    const lake = watchLake(storeOf(server), { log: silentLog, isNew: async () => true, pauses });
    expect(lake.fault()).not.toBeNull();
    await waitFor(() => lake.fault()?.startsWith(`object store not reachable at 127.0.0.1:${server.port}; `), { what: "the reason" });
    server.start();
    await waitFor(() => lake.fault() === null, { what: "the lake" });
    await lake.store.put("a", new Uint8Array(1));
    await lake.stop();
    server.stop();
  });

  test("a failed operation is known at once, long before the next question", async () => {
    const server = startS3();
    const lake = watchLake(storeOf(server), { log: silentLog, isNew: async () => true, pauses });
    await waitFor(() => lake.fault() === null, { what: "the lake" });
    server.stop();
    await expect(lake.store.put("a", new Uint8Array(1))).rejects.toThrow("not reachable");
    expect(lake.fault()).toContain("not reachable");
    server.start();
    await waitFor(() => lake.fault() === null, { what: "the lake back" });
    await lake.stop();
    server.stop();
  });

  test("a bucket that is gone after something was landed is not made anew: that would hide the loss", async () => {
    const server = startS3();
    const lake = watchLake(storeOf(server, "gone"), { log: silentLog, isNew: async () => false, pauses });
    await waitFor(() => lake.fault()?.includes("has no bucket gone"), { what: "the reason" });
    await lake.stop();
    server.stop();
  });
});
