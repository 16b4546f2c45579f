import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ObjectStore } from "@episante/service/objects";

/** The lake does not hold what its register says. The message names the object; keys carry no health data. */
export class LakeError extends Error {
  override name = "LakeError";
}

/** SHA-256 of bytes or text, hex. */
export function sha256(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Writes an object unless it already holds exactly these bytes. Answers its hash and whether it changed. */
export async function putIfChanged(
  store: ObjectStore,
  key: string,
  content: Uint8Array | string,
): Promise<{ sha256: string; changed: boolean }> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const hash = sha256(bytes);
  if ((await hashOf(store, key)) === hash) return { sha256: hash, changed: false };
  await store.put(key, bytes);
  return { sha256: hash, changed: true };
}

/**
 * Writes an object that is made once and never changed. What an attempt that was cut off left there is kept when it is the same,
 * else replaced. Answers its hash.
 */
export async function putOnce(store: ObjectStore, key: string, bytes: Uint8Array): Promise<string> {
  if (await store.create(key, bytes)) return sha256(bytes);
  return (await putIfChanged(store, key, bytes)).sha256;
}

/** Hash of an object's bytes, or null when there is none. */
export async function hashOf(store: ObjectStore, key: string): Promise<string | null> {
  const bytes = await store.get(key);
  return bytes ? sha256(bytes) : null;
}

/**
 * Local files holding the given objects, for DuckDB to read: the objects themselves when the store is a folder, else copies.
 * @throws LakeError when an object is gone or does not have its recorded bytes
 */
export async function localFiles(
  store: ObjectStore,
  objects: readonly { key: string; sha256: string }[],
  folder: string,
): Promise<string[]> {
  const paths: string[] = [];
  for (const [index, { key, sha256: expected }] of objects.entries()) {
    const path = store.localPath?.(key) ?? join(folder, `in-${index}-${expected.slice(0, 16)}.parquet`);
    if (!store.localPath && !(await store.getToFile(key, path)))
      throw new LakeError(`the lake lost an object: ${key}; restore it from a backup`);
    const bytes = await readFile(path).catch(() => null);
    if (!bytes) throw new LakeError(`the lake lost an object: ${key}; restore it from a backup`);
    if (sha256(bytes) !== expected) throw new LakeError(`an object of the lake was altered: ${key}; restore it from a backup`);
    paths.push(path);
  }
  return paths;
}
