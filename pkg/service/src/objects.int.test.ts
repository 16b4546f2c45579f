import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { startS3 } from "@episante/testkit/s3";
import { freePort, temporaryFolder } from "@episante/testkit/servers";
import { folderStore, type ObjectStore, ObjectStoreError, type S3Options, type StoreFault, s3Store } from "./objects.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | null) => (bytes ? new TextDecoder().decode(bytes) : null);
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const faultOf = async (work: Promise<unknown>): Promise<ObjectStoreError> => {
  const error = await work.then(
    () => new Error("it worked"),
    (reason) => reason,
  );
  if (error instanceof ObjectStoreError) return error;
  throw error;
};
async function expectFault(work: Promise<unknown>, fault: StoreFault, words: string): Promise<void> {
  const error = await faultOf(work);
  expect([error.fault, error.message]).toEqual([fault, expect.stringContaining(words)]);
}
const mib = 1024 * 1024;

/** The S3 servers at hand: the one of the testkit, and a real one when `EPISANTE_TEST_S3_URL` names it (`http://KEY:SECRET@host:port`). */
function servers(): [string, Omit<S3Options, "bucket">][] {
  const own = startS3();
  const found: [string, Omit<S3Options, "bucket">][] = [
    ["the testkit's S3 server", { endpoint: own.url, region: "us-east-1", accessKey: own.accessKey, secretKey: own.secretKey }],
  ];
  const real = process.env.EPISANTE_TEST_S3_URL;
  if (real) {
    const url = new URL(real);
    const keys = { accessKey: decodeURIComponent(url.username), secretKey: decodeURIComponent(url.password) };
    found.push(["the S3 server of EPISANTE_TEST_S3_URL", { endpoint: url.origin, region: "us-east-1", ...keys }]);
  }
  return found;
}

const folder = temporaryFolder("objects");
const s3Servers = servers();
const stores: [string, () => Promise<ObjectStore>][] = [
  ["a folder", async () => folderStore(join(folder, "lake"))],
  ...s3Servers.map(([name, options]): [string, () => Promise<ObjectStore>] => [
    name,
    async () => {
      const store = s3Store({ ...options, bucket: `t-${randomBytes(6).toString("hex")}` });
      await store.createBucket?.();
      return store;
    },
  ]),
];

describe.each(stores)("objects in %s", (name, open) => {
  const isReal = name.includes("EPISANTE_TEST_S3_URL");
  let store: ObjectStore;
  beforeAll(async () => {
    store = await open();
    await store.check();
  });

  test("what was put is there whole; an object that is not there is null or false", async () => {
    await store.put("bronze/READINGS/day=2026-11-18/p0/1-9.parquet", bytesOf("one"));
    await store.put("bronze/READINGS/day=2026-11-18/p0/1-9.parquet", bytesOf("two"));
    await store.put("empty", new Uint8Array());
    expect(textOf(await store.get("bronze/READINGS/day=2026-11-18/p0/1-9.parquet"))).toBe("two");
    expect((await store.get("empty"))?.length).toBe(0);
    expect(await store.get("absent")).toBeNull();
    expect(await store.getToFile("absent", join(folder, "absent"))).toBe(false);
    expect(await store.getToFile("bronze/READINGS/day=2026-11-18/p0/1-9.parquet", join(folder, "copy"))).toBe(true);
    expect(readFileSync(join(folder, "copy"), "utf8")).toBe("two");
  });

  test("an object that stands is not written over by create, whoever comes first", async () => {
    expect(await store.create("once", bytesOf("first"))).toBe(true);
    const isConditional = !(await store.create("once", bytesOf("second")));
    // A real server may not know the condition: then the last whole object stands.
    if (!isConditional && isReal) return expect(textOf(await store.get("once"))).toBe("second");
    expect(isConditional).toBe(true);
    expect(textOf(await store.get("once"))).toBe("first");
    const created = await Promise.all(Array.from({ length: 6 }, (_, index) => store.create("race", bytesOf(`writer ${index}`))));
    expect(created.filter(Boolean)).toHaveLength(1);
    expect(textOf(await store.get("race"))).toBe(`writer ${created.indexOf(true)}`);
  });

  test("large files arrive byte for byte, also over the size at which clients begin to send parts", async () => {
    for (const size of [5 * mib - 1, 12 * mib + 1, 65 * mib]) {
      const bytes = new Uint8Array(randomBytes(size));
      const path = join(folder, "file");
      writeFileSync(path, bytes);
      await store.put("large", { path });
      expect(await store.getToFile("large", `${path}-back`)).toBe(true);
      expect(sha256(readFileSync(`${path}-back`))).toBe(sha256(bytes));
    }
    await store.put("large", new Uint8Array(randomBytes(mib)));
    expect((await store.get("large"))?.length).toBe(mib);
  }, 60_000);

  test("more than a page of keys is listed, sorted, below the prefix only", async () => {
    const keys = Array.from({ length: 1_050 }, (_, index) => `many/${String(index).padStart(5, "0")}`);
    for (let at = 0; at < keys.length; at += 50) await Promise.all(keys.slice(at, at + 50).map((key) => store.put(key, bytesOf("x"))));
    await store.put("manyfold", bytesOf("x"));
    expect(await store.list("many/")).toEqual(keys);
    expect(await store.list("none/")).toEqual([]);
  }, 60_000);

  test("a deleted object is gone, and deleting it again is no fault", async () => {
    await store.put("gone", bytesOf("x"));
    await store.delete("gone");
    await store.delete("gone");
    expect(await store.get("gone")).toBeNull();
  });

  test.each(["../up", "a//b", "/a", "a/../b", "a b", ""])("%p is no key", async (key) => {
    await expect((async () => store.put(key, bytesOf("x")))()).rejects.toThrow("not an object key");
  });
});

describe.each(s3Servers)("a store that does not work is named: %s", (_, options) => {
  test("a bucket that is not there; it can be made", async () => {
    const store = s3Store({ ...options, bucket: `t-${randomBytes(6).toString("hex")}` });
    for (const work of [() => store.check(), () => store.put("a", bytesOf("x")), () => store.list("")])
      await expectFault(work(), "no-bucket", "S3_BUCKET");
    await store.createBucket?.();
    await store.createBucket?.();
    await store.check();
  });

  test("a wrong key is refused, and neither key is in the message", async () => {
    for (const wrong of [{ accessKey: "nobody-at-all" }, { secretKey: "not-the-secret-at-all" }]) {
      const keys = { ...options, ...wrong };
      const fault = await faultOf(s3Store({ ...keys, bucket: "episante" }).check());
      expect(fault.fault).toBe("access-refused");
      expect(fault.message).toContain("S3_SECRET_KEY_FILE");
      expect(fault.message).not.toContain(keys.accessKey);
      expect(fault.message).not.toContain(keys.secretKey);
    }
  });
});

describe("a store that cannot be reached is named with its address", () => {
  const options = { bucket: "episante", region: "us-east-1", accessKey: "some", secretKey: "some-secret" };

  test("nobody listens", async () => {
    const port = await freePort();
    const store = s3Store({ ...options, endpoint: `http://127.0.0.1:${port}` });
    for (const work of [() => store.check(), () => store.get("a"), () => store.put("a", bytesOf("x")), () => store.list("")])
      await expectFault(work(), "not-reachable", `object store not reachable at 127.0.0.1:${port};`);
  });

  test("a name that does not resolve", async () => {
    const store = s3Store({ ...options, endpoint: "http://minio.invalid:9000" });
    await expectFault(store.check(), "not-reachable", "not reachable at minio.invalid:9000");
  });

  test("a server that takes the connection and never answers, or hangs up, does not hold the pipeline", async () => {
    const sockets = new Set<Socket>();
    let hangUp = false;
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      if (hangUp) socket.destroy();
    });
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", () => resolve()));
    const store = s3Store({ ...options, endpoint: `http://127.0.0.1:${port}`, timeoutMs: 300 });
    expect((await faultOf(store.put("a", bytesOf("x")))).fault).toBe("not-reachable");
    hangUp = true;
    expect((await faultOf(store.put("a", bytesOf("x")))).fault).toBe("not-reachable");
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  test("a server that answers 503, or that has no room", async () => {
    const own = startS3();
    const store = s3Store({ ...options, endpoint: own.url, accessKey: own.accessKey, secretKey: own.secretKey });
    await store.createBucket?.();
    own.fault = () => new Response(null, { status: 503 });
    expect((await faultOf(store.put("a", bytesOf("x")))).fault).toBe("not-reachable");
    own.fault = () => new Response("<Error><Code>XMinioStorageFull</Code></Error>", { status: 507 });
    await expectFault(store.put("a", bytesOf("x")), "disk-full", "disk full");
    own.fault = null;
    await store.put("a", bytesOf("x"));
    own.stop();
  });
});

describe("a folder that cannot be written", () => {
  const root = join(folder, "closed");
  afterAll(() => chmodSync(root, 0o700));

  test("is named, and an attempt leaves nothing behind", async () => {
    mkdirSync(root, { recursive: true });
    writeFileSync(join(root, "file"), "");
    // A file where a folder is needed fails for root too, whom modes do not bind.
    await expectFault(folderStore(root).put("file/a", bytesOf("x")), "fault", root);
    expect(readdirSync(root)).toEqual(["file"]);
  });

  test.skipIf(process.getuid?.() === 0)("is named with what to do", async () => {
    chmodSync(root, 0o500);
    await expectFault(folderStore(root).check(), "access-refused", "owner and mode");
    await expectFault(folderStore(root).put("a", bytesOf("x")), "access-refused", "owner and mode");
  });
});
