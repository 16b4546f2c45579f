import { accessSync, chmodSync, constants, existsSync, readdirSync, statfsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { version } from "@episante/service/metrics";
import { isNewer, NewerDataError } from "@episante/service/migrate";
import { passwordFault, readSecretFile, secretFault } from "@episante/service/secret-files";
import { Failure } from "@episante/setup/failure";
import { readJson, writePrivate } from "@episante/setup/files";
import { z } from "zod";
import { createFolders, type DataFolder } from "./paths.ts";
import { type Install, installSchema } from "./state.ts";

const mib = 1024 * 1024;

/**
 * What can be known before anything is started or written: room, who wrote the folder, whose it is, and its secrets.
 * @param roomMib least free room to start with
 * @param free bytes free where a path lies; another measure only in tests
 * @throws Failure that says what to do
 */
export function checkRoom(folder: DataFolder, roomMib: number, free: (path: string) => number = freeBytes): void {
  const freeMib = Math.floor(free(existingPart(folder.dir)) / mib);
  if (freeMib >= roomMib) return;
  throw new Failure(
    `Disk full: ${freeMib} MiB are free for ${folder.dir}, and at least ${roomMib} MiB are needed to start. Free some (logs: ${folder.logs}), enlarge the disk, or move the folder while it is stopped. EPISANTE_MIN_FREE_MIB sets another least.`,
  );
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

function existingPart(path: string): string {
  return existsSync(path) ? path : existingPart(dirname(path));
}

/** Makes the folders, after the checks without which that would fail halfway. @throws Failure */
export function prepareFolder(folder: DataFolder, roomMib: number): void {
  checkOwner(folder);
  checkRoom(folder, roomMib);
  createFolders(folder);
}

const versionSchema = z.object({ version: z.string().regex(/^\d+\.\d+\.\d+/) });
const versionFile = (folder: DataFolder) => join(folder.dir, "version.json");

/**
 * Refuses a folder that a newer version wrote. A folder without the file is of the first version or new.
 * @param runs the version that runs; another one only in tests
 */
export function checkVersion(folder: DataFolder, runs = version): void {
  const file = versionFile(folder);
  const written = readJson(file, versionSchema);
  if (!written && existsSync(file)) throw new Failure(unreadable(file, `{"version":"${runs}"}`));
  if (written && isNewer(written.version, runs))
    throw new Failure(new NewerDataError(`The data folder ${folder.dir}`, written.version, runs).message);
}

/** Records that this version writes the folder from now on. */
export function markVersion(folder: DataFolder, runs = version): void {
  if (readJson(versionFile(folder), versionSchema)?.version !== runs)
    writePrivate(versionFile(folder), `${JSON.stringify({ version: runs })}\n`);
}

const unreadable = (file: string, content: string) =>
  `${file} cannot be read: it is damaged. Nothing was changed. Restore it from a backup; if there is none, write ${content} into it.`;

/**
 * What the folder holds, null for a new one. A damaged record is never taken for a new folder: that would make a demo clinic
 * over a real one.
 */
export function readInstall(folder: DataFolder): Install | null {
  const install = readJson(folder.installFile, installSchema);
  if (install) return install;
  const kinds = '{"kind":"production","seeded":true} (a real installation) or {"kind":"demo","seeded":true}';
  if (existsSync(folder.installFile)) throw new Failure(unreadable(folder.installFile, kinds));
  if (existsSync(join(folder.postgres, "episante-ready")))
    throw new Failure(
      `${folder.installFile} is missing, but the folder holds a database. Restore it from a backup, or write ${kinds} into it.`,
    );
  return null;
}

/** Postgres starts only as the owner of its data: says so before it tries. */
export function checkOwner(folder: DataFolder, uid = process.getuid?.()): void {
  if (uid === undefined || uid === 0 || !existsSync(folder.dir)) return;
  for (const dir of [folder.dir, folder.postgres, folder.nats, folder.secrets].filter((path) => existsSync(path))) {
    const owner = statSync(dir).uid;
    if (owner === uid && isUsable(dir)) continue;
    throw new Failure(
      owner === uid
        ? `${dir} may not be written by its owner. Set its mode: chmod u+rwx ${dir}`
        : `${dir} belongs to user ${owner}, and this is user ${uid}. Start EpiSanté as that user, or give the whole folder to this one: chown -R ${uid} ${folder.dir}`,
    );
  }
}

function isUsable(dir: string): boolean {
  try {
    accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Looks at the secrets an earlier start made. All faults are told at once, by file, never by value.
 * @returns warnings: files that others could read, closed again
 * @throws Failure listing every fault
 */
export function checkSecrets(folder: DataFolder): string[] {
  if (!existsSync(folder.secrets)) return [];
  const open: string[] = [];
  const faults = readdirSync(folder.secrets).flatMap((name) => {
    const path = join(folder.secrets, name);
    const read = readSecretFile(path);
    const fault = "fault" in read ? read.fault : faultOf(name, read.value);
    if (fault !== null) return [`${path}: ${fault}`];
    if ((statSync(path).mode & 0o077) !== 0) {
      chmodSync(path, 0o600);
      open.push(name);
    }
    return [];
  });
  if (existsSync(join(folder.secrets, "callout.pub")) && !existsSync(join(folder.secrets, "callout.seed")))
    faults.push(`${join(folder.secrets, "callout.seed")}: is missing; delete callout.pub beside it too, and both are made anew`);
  if (existsSync(join(folder.postgres, "episante-ready")) && !existsSync(join(folder.secrets, "postgres-admin.password")))
    faults.push(`${join(folder.secrets, "postgres-admin.password")}: is missing; only a backup has it, the database knows no other`);
  if (faults.length > 0)
    throw new Failure(
      [
        "Secrets are not right:",
        ...faults.map((fault) => `  ${fault}`),
        "Restore them from a backup. All but postgres-admin.password may also be deleted: they are made anew at the next start.",
      ].join("\n"),
    );
  return open.map(
    (name) =>
      `${join(folder.secrets, name)} could be read by other users of this machine; it is closed now. Delete it while stopped to have a new one made.`,
  );
}

/** Judges a file by what its name says it holds. */
function faultOf(name: string, value: string): string | null {
  if (name.endsWith(".password")) return passwordFault(value);
  if (name === "smtp.url") return secretFault("SMTP_URL", value);
  if (name.endsWith(".url")) return secretFault("DATABASE_URL", value);
  if (name.endsWith(".jwk")) return secretFault("SIGNING_KEY", value);
  if (name === "callout.seed") return secretFault("CALLOUT_SEED", value);
  return value === "" ? "is empty" : null;
}
