import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@episante/testkit/servers";
import { lookAtCertificate } from "./certificate.ts";
import { type GatherSettings, makeGather } from "./gather.ts";

const folder = temporaryFolder("gather");
const settings: GatherSettings = {
  upstreams: {},
  NATS_MONITOR_URL: ["http://127.0.0.1:1"],
  MODE: "production",
  TEST_CLOCK: "off",
  DATA_DIR: folder,
  DISKS: [],
  BACKUP_FILE: undefined,
  TLS_PROBE: undefined,
  TLS_PROBE_NAME: undefined,
  GRAFANA_URL: undefined,
};
const gatherOnce = (more: Partial<GatherSettings> = {}) => makeGather({ ...settings, ...more }, () => ({ reasons: [], mirrors: [] }))();

test("the record of the last backup: none, good, failed, unreadable, or in a place of its own", async () => {
  const backup = async (more?: Partial<GatherSettings>) => (await gatherOnce(more)).backup;
  const record = (content: string) => writeFileSync(join(folder, "backup.json"), content);
  expect(await backup()).toEqual({ state: "never" });
  const at = new Date().toISOString();
  record(JSON.stringify({ at, bytes: 7, ok: true }));
  expect(await backup()).toEqual({ state: "done", at, bytes: 7 });
  record(JSON.stringify({ at, ok: false }));
  expect(await backup()).toEqual({ state: "failed", at });
  for (const broken of ["{", "null", '{"at":"yesterday","ok":true}']) {
    record(broken);
    expect(await backup()).toEqual({ state: "unreadable" });
  }
  expect(await backup({ BACKUP_FILE: join(folder, "elsewhere.json") })).toEqual({ state: "never" });
});

test("the disk of the data folder is measured; without one, that of the root", async () => {
  const [own] = (await gatherOnce()).disks;
  expect(own?.name).toBe("data");
  expect(own?.totalBytes).toBeGreaterThan(own?.freeBytes ?? 0);
  expect((await gatherOnce({ DATA_DIR: undefined })).disks[0]?.totalBytes).toBeGreaterThan(0);
});

describe.skipIf(!Bun.which("openssl"))("the certificate at the door", () => {
  const file = (name: string) => join(folder, name);
  async function serve(days: number): Promise<Bun.Server<undefined>> {
    const subject = ["-subj", "/O=Own Authority/CN=clinic.example", "-addext", "subjectAltName=DNS:clinic.example,IP:127.0.0.1"];
    const key = [
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-keyout",
      file("key.pem"),
      "-out",
      file("cert.pem"),
    ];
    const made = Bun.spawn(["openssl", "req", "-x509", "-days", String(days), ...key, ...subject], { stderr: "ignore" });
    expect(await made.exited).toBe(0);
    const tls = { key: Bun.file(file("key.pem")), cert: Bun.file(file("cert.pem")) };
    return Bun.serve({ port: 0, hostname: "127.0.0.1", tls, fetch: () => new Response() });
  }

  test("its authority, its end and whether it is for the clinic's name are read, though nobody trusts it", async () => {
    const server = await serve(90);
    const address = `127.0.0.1:${server.port}`;
    const found = await lookAtCertificate(address, "clinic.example");
    expect(found).toMatchObject({ issuer: "Own Authority", coversName: true, isTrusted: false });
    expect(Math.round(((found?.validToMs ?? 0) - Date.now()) / 86_400_000)).toBe(90);
    expect((await lookAtCertificate(address, "127.0.0.1"))?.coversName).toBe(true);
    expect((await lookAtCertificate(address, "other.example"))?.coversName).toBe(false);
    const shown = (await gatherOnce({ TLS_PROBE: address, TLS_PROBE_NAME: "clinic.example" })).certificate;
    expect(shown).toMatchObject({ state: "valid", issuer: "Own Authority", name: "clinic.example", isPublic: false });
    await server.stop(true);
    expect(await lookAtCertificate(address, "clinic.example")).toBeNull();
  });

  test("what answers without TLS, or not at all, is not reachable: an answer comes within seconds all the same", async () => {
    const plain = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
    expect(await lookAtCertificate(`127.0.0.1:${plain.port}`, "clinic.example")).toBeNull();
    await plain.stop(true);
    const mute = Bun.listen({ port: 0, hostname: "127.0.0.1", socket: { data() {} } });
    expect(await lookAtCertificate(`127.0.0.1:${mute.port}`, "clinic.example")).toBeNull();
    mute.stop(true);
  });
});
