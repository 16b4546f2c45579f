import { afterAll, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serviceNames } from "@episante/contracts/session";
import { consumers } from "./consumers.ts";
import { dealSecrets } from "./container-secrets.ts";
import { readSecrets } from "./given-secrets.ts";
import { installKind } from "./install.ts";

const root = mkdtempSync(join(tmpdir(), "epi-deal-"));
let nth = 0;
let all: string;
let perConsumer: string;
beforeEach(() => {
  nth += 1;
  all = join(root, String(nth), "all");
  perConsumer = join(root, String(nth));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const deal = (more: { kind?: "demo" | "production"; smtpUrl?: string } = {}) =>
  dealSecrets({ all, perConsumer, kind: more.kind ?? "production", smtpUrl: more.smtpUrl ?? null, giveAway: false });
const dealt = (consumer: string, name: string) => readFileSync(join(perConsumer, consumer, name), "utf8");

test("each container gets exactly its own secrets, closed to others", async () => {
  await deal();
  for (const { name, files } of consumers) {
    expect(readdirSync(join(perConsumer, name)).sort()).toEqual(Object.keys(files).sort());
    expect(statSync(join(perConsumer, name)).mode & 0o007).toBe(0);
    for (const file of Object.keys(files)) expect(statSync(join(perConsumer, name, file)).mode & 0o777).toBe(0o440);
  }
  expect(new URL(dealt("auth", "database.url")).host).toBe("auth-db:5432");
  expect(dealt("auth", "nats.password")).not.toBe(dealt("alert", "nats.password"));
});

test("no private key, seed or administrator's password reaches a service that has no use for it", async () => {
  await deal();
  const holders = (secret: string) => consumers.filter(({ files }) => Object.values(files).includes(secret)).map(({ name }) => name);
  for (const service of serviceNames) expect(holders(`${service}.jwk`)).toEqual([service]);
  expect(holders("operator.jwk")).toEqual(["operator"]);
  expect(holders("callout.seed")).toEqual(["ingest"]);
  expect(holders("authdb-admin.password").sort()).toEqual(["auth-db", "migrate"]);
  expect(holders("nats-admin.password")).toEqual(["migrate"]);
  expect(holders("s3.password").sort()).toEqual(["minio", "pipeline"]);
});

test("a second start changes nothing, not even the broker's settings", async () => {
  await deal();
  const before = consumers.flatMap(({ name, files }) => Object.keys(files).map((file) => dealt(name, file)));
  await deal();
  expect(consumers.flatMap(({ name, files }) => Object.keys(files).map((file) => dealt(name, file)))).toEqual(before);
});

test("the broker's settings hold no password, sync before they confirm, and let nobody but devices in over WebSocket", async () => {
  await deal();
  const text = dealt("nats", "nats.conf");
  for (const service of serviceNames) expect(text).not.toContain(dealt(service, "nats.password"));
  const config = JSON.parse(text);
  expect(config.jetstream.sync_interval).toBe("always");
  expect(
    config.authorization.users.every((user: { allowed_connection_types: string[] }) => user.allowed_connection_types.join() === "STANDARD"),
  ).toBe(true);
});

test("what an installation is, and whether mails go out, reaches the services", async () => {
  await deal();
  expect([dealt("auth", "mode"), dealt("notification", "mail")]).toEqual(["production", "off"]);
  await deal({ smtpUrl: "smtps://me:secret@mail.example" });
  expect([dealt("notification", "mail"), dealt("notification", "smtp.url")]).toEqual(["smtp", "smtps://me:secret@mail.example"]);
  await deal({ kind: "demo" });
  expect([dealt("auth", "mode"), dealt("notification", "mail")]).toEqual(["demo", "capture"]);
});

test("an example or short secret somebody put there is refused by name, without its value", async () => {
  await deal();
  for (const bad of ["minioadmin", "pine7tree"]) {
    writeFileSync(join(all, "s3.password"), bad);
    const refused = await deal().catch((error: Error) => error.message);
    expect(refused).toContain("The secret s3.password");
    expect(refused).not.toContain(bad);
  }
});

test("a secret that was not dealt says which file is missing and what to do", async () => {
  await deal();
  const secrets = readSecrets(join(perConsumer, "migrate"));
  expect(secrets.password("nats-admin.password")).toHaveLength(32);
  rmSync(join(perConsumer, "migrate", "nats-admin.password"));
  expect(() => secrets.password("nats-admin.password")).toThrow(
    /nats-admin\.password: there is no such file.*docker compose up -d secrets/,
  );
});

test("a real clinic never becomes a demo, a demo stays one, and a broken note is not overwritten", () => {
  const folder = mkdtempSync(join(root, "install-"));
  expect(installKind(folder, null)).toBe("production");
  expect(() => installKind(folder, "demo")).toThrow(/holds a real clinic.*-p episante-demo/);
  expect(installKind(folder, null)).toBe("production");
  const demo = mkdtempSync(join(root, "install-"));
  expect(installKind(demo, "demo")).toBe("demo");
  expect(installKind(demo, null)).toBe("demo");
  writeFileSync(join(demo, "install.json"), "{");
  expect(() => installKind(demo, null)).toThrow(/restore it/);
});
