import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { Failure } from "@episante/setup/failure";
import { readJson, writePrivate } from "@episante/setup/files";
import { z } from "zod";
import type { DataFolder } from "./paths.ts";
import { isAlive, type ProcessRef, refTo } from "./pids.ts";

const refSchema = z.object({ pid: z.number().int(), started: z.string() });
export const runStateSchema = z.object({
  url: z.string(),
  phase: z.enum(["starting", "ready", "stopping"]),
  supervisor: refSchema,
  processes: z.array(refSchema.extend({ name: z.string(), port: z.number().int().optional(), readyUrl: z.string().optional() })),
});
/** `DIR/run.json`: what runs now. Rewritten at each start of a process; removed by a clean stop. */
export type RunState = z.infer<typeof runStateSchema>;

/** What was last written about a running instance; it may have died since. */
export function readRunState(folder: DataFolder): RunState | null {
  return readJson(folder.runFile, runStateSchema);
}

export function writeRunState(folder: DataFolder, state: RunState): void {
  writePrivate(folder.runFile, `${JSON.stringify(state, null, 2)}\n`);
}

export const installSchema = z.object({ kind: z.enum(["demo", "production"]), seeded: z.boolean() });
/** `DIR/install.json`: whether the folder holds a demo clinic or a real one; never changes afterwards. */
export type Install = z.infer<typeof installSchema>;

/** The supervisor that holds this data folder now, if any. */
export function lockHolder(folder: DataFolder): ProcessRef | null {
  const holder = readJson(folder.lockFile, refSchema);
  return holder && isAlive(holder) ? holder : null;
}

/**
 * Takes the data folder for this process. A lock whose holder has died is taken over.
 * @throws Failure when another supervisor holds it
 * @returns gives the lock back
 */
export function takeLock(folder: DataFolder): () => void {
  const self = refTo(process.pid);
  if (!self) throw new Error("cannot read the own start time");
  for (let attempt = 0; attempt < 5; attempt++) {
    const holder = lockHolder(folder);
    if (holder)
      throw new Failure(
        `EpiSanté already runs on ${folder.dir} (process ${holder.pid}). Stop it with: ./episante down --data ${folder.dir}`,
      );
    try {
      const file = openSync(folder.lockFile, "wx", 0o600);
      writeSync(file, JSON.stringify(self));
      closeSync(file);
      return () => rmSync(folder.lockFile, { force: true });
    } catch {
      setStaleLockAside(folder);
    }
  }
  throw new Failure(`Cannot lock ${folder.dir}: is the folder writable?`);
}

/** Renaming lets exactly one of several starters remove a stale lock; a lock that proves alive is put back. */
function setStaleLockAside(folder: DataFolder): void {
  const aside = `${folder.lockFile}.${process.pid}`;
  try {
    renameSync(folder.lockFile, aside);
    const holder = refSchema.safeParse(JSON.parse(readFileSync(aside, "utf8") || "{}"));
    if (holder.success && isAlive(holder.data)) renameSync(aside, folder.lockFile);
    else rmSync(aside, { force: true });
  } catch {
    rmSync(aside, { force: true });
  }
}
