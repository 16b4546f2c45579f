import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { version } from "@episante/service/metrics";
import { Failure } from "@episante/setup/failure";
import { ensureCalloutKey, ensureSigningKeys, openSecrets, type Secrets } from "@episante/setup/secrets";
import { createFolders, type DataFolder, dataFolder } from "./paths.ts";
import { checkOwner, checkRoom, checkSecrets, checkVersion, markVersion, readInstall } from "./preflight.ts";

let folder: DataFolder;
let secrets: Secrets;
beforeEach(async () => {
  folder = dataFolder(mkdtempSync(join(tmpdir(), "epi-preflight-")));
  createFolders(folder);
  secrets = openSecrets(folder.secrets);
});
afterEach(() => rmSync(folder.dir, { recursive: true, force: true }));
const refusalOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
  return "";
};

describe("room", () => {
  test("too little is refused with how much there is, where, and what to do", () => {
    const refusal = refusalOf(() => checkRoom(folder, 1024, () => 1023.9 * 1024 * 1024));
    for (const words of ["Disk full", "1023 MiB", folder.dir, "1024 MiB", "Free some", "EPISANTE_MIN_FREE_MIB"])
      expect(refusal).toContain(words);
    expect(refusalOf(() => checkRoom(folder, 1024, () => 1024 * 1024 * 1024))).toBe("");
  });

  test("is measured for a folder that is still to be made", () => {
    expect(refusalOf(() => checkRoom(dataFolder(join(folder.dir, "not", "yet")), 1))).toBe("");
  });
});

describe("the version that wrote the folder", () => {
  test("a newer one is refused with both names; the same or an older one goes forward and is recorded", () => {
    checkVersion(folder);
    markVersion(folder, "0.0.9");
    checkVersion(folder);
    markVersion(folder);
    expect(JSON.parse(readFileSync(join(folder.dir, "version.json"), "utf8"))).toEqual({ version });
    markVersion(folder, "99.0.0");
    const refusal = refusalOf(() => checkVersion(folder));
    for (const words of [folder.dir, "EpiSanté 99.0.0", `EpiSanté ${version}`, "restore a backup"]) expect(refusal).toContain(words);
  });

  test.each(["", "{", '{"version":1}', '{"version":"new"}'])("a damaged record %p is refused and left as it is", (content) => {
    writeFileSync(join(folder.dir, "version.json"), content);
    expect(refusalOf(() => checkVersion(folder))).toContain("is damaged");
    expect(readFileSync(join(folder.dir, "version.json"), "utf8")).toBe(content);
  });
});

describe("what the folder holds", () => {
  test("a new folder holds nothing, a marked one what it says", () => {
    expect(readInstall(folder)).toBeNull();
    writeFileSync(folder.installFile, '{"kind":"production","seeded":true}');
    expect(readInstall(folder)).toEqual({ kind: "production", seeded: true });
  });

  test.each(["", "{", '{"kind":"other","seeded":true}'])("a damaged record %p is no new folder", (content) => {
    writeFileSync(folder.installFile, content);
    expect(refusalOf(() => readInstall(folder))).toContain("is damaged");
  });

  test("a database without a record is no new folder", () => {
    mkdirSync(folder.postgres);
    writeFileSync(join(folder.postgres, "episante-ready"), "");
    expect(refusalOf(() => readInstall(folder))).toContain("holds a database");
  });
});

describe("whose the folder is", () => {
  test("another user's is refused with both users and what to do; root may", () => {
    const mine = statSync(folder.dir).uid;
    expect(refusalOf(() => checkOwner(folder, mine + 1))).toContain(`belongs to user ${mine}, and this is user ${mine + 1}`);
    expect(refusalOf(() => checkOwner(folder, 0))).toBe("");
    expect(refusalOf(() => checkOwner(folder))).toBe("");
  });
});

describe("secrets of an earlier start", () => {
  beforeEach(async () => {
    await ensureSigningKeys(secrets, ["auth"]);
    ensureCalloutKey(secrets);
    secrets.password("nats-auth.password");
    secrets.put("authdb-app.url", `postgres://authdb_app:${secrets.password("authdb-app.password")}@127.0.0.1:5432/authdb`);
  });

  test("good ones are taken; one that others could read is closed and named", () => {
    expect(checkSecrets(folder)).toEqual([]);
    chmodSync(secrets.path("nats-auth.password"), 0o644);
    const [warning, ...others] = checkSecrets(folder);
    expect(warning).toContain("nats-auth.password could be read by other users");
    expect(others).toEqual([]);
    expect(statSync(secrets.path("nats-auth.password")).mode & 0o777).toBe(0o600);
    expect(checkSecrets(folder)).toEqual([]);
  });

  test("all that are not right are told at once, by file and not by value", () => {
    writeFileSync(secrets.path("nats-auth.password"), "");
    writeFileSync(secrets.path("authdb-app.password"), "change-me");
    writeFileSync(secrets.path("auth.jwk"), '{"kty":"OKP"');
    writeFileSync(secrets.path("callout.seed"), "SAshort");
    mkdirSync(secrets.path("smtp.url"));
    const refusal = refusalOf(() => checkSecrets(folder));
    for (const name of ["nats-auth.password", "authdb-app.password", "auth.jwk", "callout.seed", "smtp.url"])
      expect(refusal.split("\n").filter((line) => line.includes(`${secrets.path(name)}: `))).toHaveLength(1);
    for (const value of ["change-me", "SAshort"]) expect(refusal).not.toContain(value);
    expect(refusal).toContain("Restore them from a backup");
  });

  test("the database administrator's password cannot be made anew, and nobody tries", () => {
    mkdirSync(folder.postgres);
    writeFileSync(join(folder.postgres, "episante-ready"), "");
    expect(refusalOf(() => checkSecrets(folder))).toContain("postgres-admin.password: is missing");
  });
});
