import { createReadStream } from "node:fs";
import { access, constants, copyFile, link, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { Client } from "minio";
import { z } from "zod";
import { inSpan } from "./trace.ts";

/** A store of whole objects: a folder natively, any S3 server otherwise. An object is there whole or not at all. */
export interface ObjectStore {
  /** Durable when it returns. @param source bytes, or the path of a local file @throws ObjectStoreError, as every other operation */
  put(key: string, source: Uint8Array | { path: string }): Promise<void>;
  /**
   * Like `put`, but only when there is no such object yet. False when there is one: it was left as it is. An S3 server that does not
   * know `If-None-Match` (Ceph's SQLite store) writes it over and answers true: nothing may depend on it but speed.
   */
  create(key: string, bytes: Uint8Array): Promise<boolean>;
  get(key: string): Promise<Uint8Array | null>;
  /** Copies an object to a local file. False when there is none. */
  getToFile(key: string, path: string): Promise<boolean>;
  /** Keys under a prefix, sorted. */
  list(prefix: string): Promise<string[]>;
  delete(key: string): Promise<void>;
  /** Whether objects can be stored now. @throws ObjectStoreError with what to do */
  check(): Promise<void>;
  /** Makes the bucket, after `check` found that there is none. */
  createBucket?(): Promise<void>;
  /** A local path of the object, when the store is a folder. */
  localPath?(key: string): string;
}

/** Why a store does not work. `fault`: anything else. */
export type StoreFault = "not-reachable" | "access-refused" | "no-bucket" | "disk-full" | "fault";

/** A store that does not work now. The message names where it is and what to do, never a secret or an object's content. */
export class ObjectStoreError extends Error {
  override name = "ObjectStoreError";
  constructor(
    readonly fault: StoreFault,
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

const keyPattern = /^[A-Za-z0-9=_.-]+(\/[A-Za-z0-9=_.-]+)*$/;
function checkKey(key: string): string {
  if (!keyPattern.test(key) || key.split("/").some((part) => part === "." || part === "..")) throw new Error("not an object key");
  return key;
}

/** Objects as files below a folder: temporary file, fsync, rename, fsync of the folder. */
export function folderStore(root: string): ObjectStore {
  const pathOf = (key: string) => join(root, ...checkKey(key).split("/"));

  /** Writes a file beside its target, has `place` give it its name, and makes both durable. */
  async function write<T>(target: string, source: Uint8Array | { path: string }, place: (temporary: string) => Promise<T>): Promise<T> {
    const temporary = `${target}.${process.pid}.${Math.random().toString(36).slice(2)}.tmp`;
    try {
      await mkdir(dirname(target), { recursive: true });
      if (!(source instanceof Uint8Array)) await copyFile(source.path, temporary);
      const file = await open(temporary, source instanceof Uint8Array ? "w" : "r+");
      try {
        if (source instanceof Uint8Array) await file.writeFile(source);
        await file.sync();
      } finally {
        await file.close();
      }
      const placed = await place(temporary);
      const folder = await open(dirname(target), "r");
      await folder.sync().finally(() => folder.close());
      return placed;
    } catch (error) {
      // A full disk needs the room of what could not be finished.
      await rm(temporary, { force: true }).catch(() => {});
      throw folderFault(root, error);
    }
  }

  return {
    localPath: pathOf,
    async put(key, source) {
      const target = pathOf(key);
      await write(target, source, (temporary) => rename(temporary, target));
    },
    async create(key, bytes) {
      const target = pathOf(key);
      return write(target, bytes, async (temporary) => {
        const created = await link(temporary, target).then(
          () => true,
          (error) => {
            if ((error as { code?: string }).code === "EEXIST") return false;
            throw error;
          },
        );
        await rm(temporary, { force: true });
        return created;
      });
    },
    async get(key) {
      return readFile(pathOf(key)).then((bytes) => new Uint8Array(bytes), absent);
    },
    async getToFile(key, path) {
      return copyFile(pathOf(key), path).then(
        () => true,
        (error) => absent(error) !== null,
      );
    },
    async list(prefix) {
      const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
      return entries
        .filter((entry) => entry.isFile() && !entry.name.endsWith(".tmp"))
        .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"))
        .filter((key) => key.startsWith(prefix))
        .sort();
    },
    async delete(key) {
      await rm(pathOf(key), { force: true });
    },
    async check() {
      try {
        await mkdir(root, { recursive: true });
        await access(root, constants.R_OK | constants.W_OK | constants.X_OK);
      } catch (error) {
        throw folderFault(root, error);
      }
    },
  };
}

function folderFault(root: string, error: unknown): ObjectStoreError {
  const code = String((error as { code?: unknown }).code ?? "");
  if (code === "ENOSPC" || code === "EDQUOT")
    return new ObjectStoreError("disk-full", `disk full: no room below ${root}; free some, nothing is lost meanwhile`, error);
  if (code === "EACCES" || code === "EPERM" || code === "EROFS")
    return new ObjectStoreError("access-refused", `the folder ${root} cannot be written (${code}); check its owner and mode`, error);
  return new ObjectStoreError("fault", `the folder ${root} cannot be written (${code || "error"})`, error);
}

function absent(error: unknown): null {
  if ((error as { code?: string }).code === "ENOENT") return null;
  throw error;
}

/** Settings of the object store; without `S3_ENDPOINT` it is the folder `LAKE_DIR`. */
export const objectConfig = {
  LAKE_DIR: z.string().optional(),
  S3_ENDPOINT: z.url().optional(),
  S3_BUCKET: z.string().default("episante"),
  S3_REGION: z.string().default("us-east-1"),
  S3_ACCESS_KEY: z.string().optional(),
  S3_SECRET_KEY: z.string().optional(),
};

/** Opens the store the settings name; asks it nothing yet. @throws Error when they name none */
export function openObjectStore(config: {
  LAKE_DIR?: string | undefined;
  S3_ENDPOINT?: string | undefined;
  S3_BUCKET: string;
  S3_REGION?: string | undefined;
  S3_ACCESS_KEY?: string | undefined;
  S3_SECRET_KEY?: string | undefined;
}): ObjectStore {
  if (config.S3_ENDPOINT) {
    const store = s3Store({
      endpoint: config.S3_ENDPOINT,
      bucket: config.S3_BUCKET,
      region: config.S3_REGION ?? "us-east-1",
      accessKey: config.S3_ACCESS_KEY ?? "",
      secretKey: config.S3_SECRET_KEY ?? "",
    });
    return traced(store);
  }
  if (!config.LAKE_DIR) throw new Error("LAKE_DIR or S3_ENDPOINT is needed");
  return folderStore(config.LAKE_DIR);
}

export interface S3Options {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** One operation at most, ms. */
  readonly timeoutMs?: number;
}

/** Each request to the store as a span of the job that makes it. Keys stay out: they name days. */
function traced(store: ObjectStore): ObjectStore {
  const span = <T>(verb: string, work: () => Promise<T>) => inSpan({ name: `s3 ${verb}`, kind: "client" }, work);
  return {
    ...store,
    put: (key, source) => span("put", () => store.put(key, source)),
    create: (key, bytes) => span("create", () => store.create(key, bytes)),
    get: (key) => span("get", () => store.get(key)),
    getToFile: (key, path) => span("get", () => store.getToFile(key, path)),
    list: (prefix) => span("list", () => store.list(prefix)),
    delete: (key) => span("delete", () => store.delete(key)),
  };
}

/** Objects in a bucket of any S3 server, through the MinIO client. */
export function s3Store({ endpoint, bucket, region, accessKey, secretKey, timeoutMs = 60_000 }: S3Options): ObjectStore {
  const url = new URL(endpoint);
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  const client = new Client({
    endPoint: url.hostname,
    port,
    useSSL: url.protocol === "https:",
    accessKey,
    secretKey,
    region,
    pathStyle: true,
    // Its repeats would print to the console and cannot send a stream twice; who calls repeats as a whole.
    retryOptions: { disableRetry: true },
    // Every object goes up in one request (S3's limit): it is there whole or not at all, and a crash leaves no parts behind.
    partSize: 5 * 1024 ** 3,
  });
  const place = { address: `${url.hostname}:${port}`, bucket };
  /** The client has no time limit of its own: a server that hangs would hold the pipeline for ever. */
  const ask = async <T>(operation: () => Promise<T>): Promise<T> => {
    const { promise: timeout, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" })), timeoutMs);
    try {
      return await Promise.race([operation(), timeout]);
    } catch (error) {
      throw s3Fault(place, error);
    } finally {
      clearTimeout(timer);
    }
  };
  /** Answers `otherwise` when the server says one of the codes. */
  const unless = <T, U>(codes: readonly string[], otherwise: U, operation: () => Promise<T>): Promise<T | U> =>
    ask<T | U>(() =>
      operation().catch((error) => {
        if (codes.includes(codeOf(error))) return otherwise;
        throw error;
      }),
    );

  return {
    async put(key, source) {
      checkKey(key);
      await ask(async () => {
        if (source instanceof Uint8Array) await client.putObject(bucket, key, Buffer.from(source));
        else await client.putObject(bucket, key, createReadStream(source.path), (await stat(source.path)).size);
      });
    },
    create(key, bytes) {
      checkKey(key);
      return unless(["PreconditionFailed", "ConditionalRequestConflict"], false, async () => {
        await client.putObject(bucket, key, Buffer.from(bytes), bytes.length, { "if-none-match": "*" });
        return true;
      });
    },
    get(key) {
      checkKey(key);
      return unless(["NoSuchKey", "NotFound"], null, async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of await client.getObject(bucket, key)) chunks.push(chunk as Buffer);
        return new Uint8Array(Buffer.concat(chunks));
      });
    },
    getToFile(key, path) {
      checkKey(key);
      return unless(["NoSuchKey", "NotFound"], false, async () => {
        await client.fGetObject(bucket, key, path);
        return true;
      });
    },
    list(prefix) {
      return ask(async () => {
        const keys: string[] = [];
        for await (const item of client.listObjectsV2(bucket, prefix, true)) if (item.name) keys.push(item.name);
        return keys.sort();
      });
    },
    async delete(key) {
      checkKey(key);
      await ask(() => client.removeObject(bucket, key));
    },
    async check() {
      // Listing needs the key and the bucket; the address of a bucket alone may answer without looking at the signature.
      await ask(() => client.listObjectsV2(bucket, "manifest/", false)[Symbol.asyncIterator]().next());
    },
    async createBucket() {
      await unless(["BucketAlreadyOwnedByYou"], undefined, () => client.makeBucket(bucket, region));
    },
  };
}

const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? "");

/** Says what is wrong with an S3 server: the socket's codes, S3's and those of MinIO and Ceph. */
function s3Fault({ address, bucket }: { address: string; bucket: string }, error: unknown): ObjectStoreError {
  const code = codeOf(error);
  const make = (fault: StoreFault, message: string) => new ObjectStoreError(fault, message, error);
  if (code === "NoSuchBucket") return make("no-bucket", `the object store at ${address} has no bucket ${bucket}; check S3_BUCKET`);
  if (
    /^(AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSecurity|RequestTimeTooSkewed|AuthorizationHeaderMalformed)$/.test(code)
  )
    return make("access-refused", `the object store at ${address} refuses the key (${code}); check S3_ACCESS_KEY and S3_SECRET_KEY_FILE`);
  if (/^(XMinioStorageFull|QuotaExceeded|InsufficientCapacity)$/.test(code))
    return make("disk-full", `disk full: the object store at ${address} has no room (${code}); free some, nothing is lost meanwhile`);
  if (networkFaults.test(code) || isUnnamed5xx(error))
    return make(
      "not-reachable",
      `object store not reachable at ${address}; it is tried again by itself, readings wait on the stream for 72 hours`,
    );
  return make("fault", `the object store at ${address} answered with a fault (${code || "unknown"})`);
}

/** Node's codes, and the names Bun gives to the same. */
const networkFaults =
  /^(ECONN[A-Z]+|ETIMEDOUT|ENOTFOUND|EAI_[A-Z]+|EHOSTUNREACH|ENETUNREACH|EPIPE|Connection[A-Za-z]+|FailedToOpenSocket|[A-Z_]*CERT[A-Z_]*|ERR_SSL[A-Z_]*)$/;

/** The client reads no body of 408, 429 and 5xx: only its message tells that the server answered so. */
function isUnnamed5xx(error: unknown): boolean {
  return error instanceof Error && error.message.includes("Retryable HTTP status");
}
