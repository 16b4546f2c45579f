import { createReadStream } from "node:fs";
import { copyFile, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { Client } from "minio";
import { z } from "zod";

/** A store of whole objects: a folder natively, any S3 server otherwise. An object is there whole or not at all. */
export interface ObjectStore {
  /** Durable when it returns. @param source bytes, or the path of a local file */
  put(key: string, source: Uint8Array | { path: string }): Promise<void>;
  get(key: string): Promise<Uint8Array | null>;
  /** Copies an object to a local file. False when there is none. */
  getToFile(key: string, path: string): Promise<boolean>;
  /** Keys under a prefix, sorted. */
  list(prefix: string): Promise<string[]>;
  delete(key: string): Promise<void>;
  /** A local path of the object, when the store is a folder. */
  localPath?(key: string): string;
}

const keyPattern = /^[A-Za-z0-9=_.-]+(\/[A-Za-z0-9=_.-]+)*$/;
function checkKey(key: string): string {
  if (!keyPattern.test(key) || key.split("/").some((part) => part === "." || part === "..")) throw new Error("not an object key");
  return key;
}

/** Objects as files below a folder: temporary file, fsync, rename, fsync of the folder. */
export function folderStore(root: string): ObjectStore {
  const pathOf = (key: string) => join(root, ...checkKey(key).split("/"));
  return {
    localPath: pathOf,
    async put(key, source) {
      const target = pathOf(key);
      await mkdir(dirname(target), { recursive: true });
      const temporary = `${target}.${process.pid}.${Math.random().toString(36).slice(2)}.tmp`;
      if (source instanceof Uint8Array) {
        const file = await open(temporary, "w");
        await file.writeFile(source);
        await file.sync();
        await file.close();
      } else {
        await copyFile(source.path, temporary);
        const file = await open(temporary, "r+");
        await file.sync();
        await file.close();
      }
      await rename(temporary, target);
      const folder = await open(dirname(target), "r");
      await folder.sync();
      await folder.close();
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
  };
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
  S3_ACCESS_KEY: z.string().optional(),
  S3_SECRET_KEY: z.string().optional(),
};

/** Opens the store the settings name. @throws Error when they name none */
export function openObjectStore(config: {
  LAKE_DIR?: string | undefined;
  S3_ENDPOINT?: string | undefined;
  S3_BUCKET: string;
  S3_ACCESS_KEY?: string | undefined;
  S3_SECRET_KEY?: string | undefined;
}): ObjectStore {
  if (config.S3_ENDPOINT) {
    const url = new URL(config.S3_ENDPOINT);
    const client = new Client({
      endPoint: url.hostname,
      port: Number(url.port) || (url.protocol === "https:" ? 443 : 80),
      useSSL: url.protocol === "https:",
      accessKey: config.S3_ACCESS_KEY ?? "",
      secretKey: config.S3_SECRET_KEY ?? "",
      pathStyle: true,
    });
    return s3Store(client, config.S3_BUCKET);
  }
  if (!config.LAKE_DIR) throw new Error("LAKE_DIR or S3_ENDPOINT is needed");
  return folderStore(config.LAKE_DIR);
}

/** Objects in a bucket of any S3 server, through the MinIO client. */
export function s3Store(client: Client, bucket: string): ObjectStore {
  const missing = (error: unknown) => ["NoSuchKey", "NotFound"].includes((error as { code?: string }).code ?? "");
  return {
    async put(key, source) {
      if (source instanceof Uint8Array) await client.putObject(bucket, checkKey(key), Buffer.from(source));
      else await client.putObject(bucket, checkKey(key), createReadStream(source.path), (await stat(source.path)).size);
    },
    async get(key) {
      try {
        const chunks: Buffer[] = [];
        for await (const chunk of await client.getObject(bucket, checkKey(key))) chunks.push(chunk as Buffer);
        return new Uint8Array(Buffer.concat(chunks));
      } catch (error) {
        if (missing(error)) return null;
        throw error;
      }
    },
    async getToFile(key, path) {
      try {
        await client.fGetObject(bucket, checkKey(key), path);
        return true;
      } catch (error) {
        if (missing(error)) return false;
        throw error;
      }
    },
    async list(prefix) {
      const keys: string[] = [];
      for await (const item of client.listObjectsV2(bucket, prefix, true)) if (item.name) keys.push(item.name);
      return keys.sort();
    },
    async delete(key) {
      await client.removeObject(bucket, checkKey(key));
    },
  };
}
