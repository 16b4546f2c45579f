import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ObjectStore } from "@episante/service/objects";

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

/** Hash of an object's bytes, or null when there is none. */
export async function hashOf(store: ObjectStore, key: string): Promise<string | null> {
  const bytes = await store.get(key);
  return bytes ? sha256(bytes) : null;
}

/**
 * Local files holding the given objects, for DuckDB to read: the objects themselves when the store is a folder, else copies.
 * @throws Error when an object is gone or does not have its recorded bytes
 */
export async function localFiles(
  store: ObjectStore,
  objects: readonly { key: string; sha256: string }[],
  folder: string,
): Promise<string[]> {
  const paths: string[] = [];
  for (const [index, { key, sha256: expected }] of objects.entries()) {
    const path = store.localPath?.(key) ?? join(folder, `in-${index}-${expected.slice(0, 16)}.parquet`);
    if (!store.localPath && !(await store.getToFile(key, path))) throw new Error(`the lake lost an object: ${key}`);
    const bytes = await readFile(path).catch(() => null);
    if (!bytes) throw new Error(`the lake lost an object: ${key}`);
    if (sha256(bytes) !== expected) throw new Error(`an object of the lake was altered: ${key}`);
    paths.push(path);
  }
  return paths;
}
