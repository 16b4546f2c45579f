import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestBroker, testBroker } from "@episante/testkit/broker";
import { type TestDatabase, testDatabase } from "@episante/testkit/db";
import { startS3 } from "@episante/testkit/s3";
import { freePort, temporaryFolder } from "@episante/testkit/servers";
import { testKeys } from "@episante/testkit/service";
import { waitFor } from "@episante/testkit/wait-for";

const main = join(import.meta.dir, "../src/main.ts");
const folder = temporaryFolder("pipeline");
const s3 = startS3();
let broker: TestBroker;
let database: TestDatabase;
let environment: Record<string, string>;
const children: Bun.Subprocess[] = [];

const secret = (name: string, value: string) => {
  writeFileSync(join(folder, name), value);
  return join(folder, name);
};
const start = (more: Record<string, string> = {}) => {
  const child = Bun.spawn([process.execPath, main], { env: { ...environment, ...more }, stdout: "ignore", stderr: "pipe" });
  children.push(child);
  return child;
};

beforeAll(async () => {
  [broker, database] = await Promise.all([testBroker(), testDatabase({ migrations: "pipeline/migrations" })]);
  const { jwks, privateKeys } = await testKeys(["pipeline", "gateway"]);
  environment = {
    PATH: process.env.PATH ?? "",
    PORT: String(await freePort()),
    NATS_URL: broker.url,
    NATS_USER: broker.server.user,
    NATS_PASSWORD_FILE: secret("nats", broker.server.password),
    DATABASE_URL_FILE: secret("db", database.url),
    SIGNING_KEY_FILE: secret("key", privateKeys.pipeline ?? ""),
    JWKS_FILE: secret("jwks", jwks),
    S3_ENDPOINT: s3.url,
    S3_BUCKET: "lake",
    S3_ACCESS_KEY: s3.accessKey,
    S3_SECRET_KEY_FILE: secret("s3", s3.secretKey),
    LOG_LEVEL: "error",
  };
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await Promise.all(children.map((child) => child.exited));
  s3.stop();
  await broker.close();
  await database.close();
});

test("it starts without its store, says where and why, and is ready by itself when the store is there", async () => {
  s3.stop();
  start();
  const readiness = async () =>
    fetch(`http://127.0.0.1:${environment.PORT}/readyz`).then(
      async (answer) => ({ status: answer.status, ...((await answer.json()) as { reasons: string[] }) }),
      () => null,
    );
  const away = await waitFor(
    async () => {
      const answer = await readiness();
      return answer?.reasons.some((reason) => reason.startsWith("object store not reachable")) ? answer : null;
    },
    { timeoutMs: 30_000, what: "the reason" },
  );
  expect(away.status).toBe(503);
  expect(away.reasons).toEqual([expect.stringContaining(`object store not reachable at 127.0.0.1:${s3.port};`)]);
  s3.start();
  await waitFor(async () => (await readiness())?.status === 200, { timeoutMs: 30_000, what: "readiness" });
}, 70_000);

test("settings that are not right end it at once with every fault, and no value", async () => {
  const child = start({
    S3_SECRET_KEY_FILE: secret("example", "minioadmin"),
    NATS_PASSWORD_FILE: join(folder, "absent"),
    S3_ACCESS_KEY: "",
  });
  const said = await new Response(child.stderr).text();
  expect(await child.exited).toBe(78);
  for (const words of [
    `S3_SECRET_KEY_FILE (${join(folder, "example")})`,
    `NATS_PASSWORD_FILE (${join(folder, "absent")})`,
    "S3_ACCESS_KEY: is missing",
  ])
    expect(said).toContain(words);
  expect(said).not.toContain("minioadmin");
}, 40_000);
