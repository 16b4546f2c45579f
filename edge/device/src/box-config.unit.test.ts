import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { natsConfig, readBoxFolder } from "./box-config.ts";

const dir = mkdtempSync(join(tmpdir(), "episante-box-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const idOf = (digit: string) => `dev_${digit.repeat(32)}`;
const entry = (digit: string) => ({ model: "Ring", serial: digit, token: `${idOf(digit)}.${"A".repeat(43)}` });

test("at the box's broker a device may publish its own readings and hear its own inbox, and nobody else may log in", () => {
  const config = JSON.parse(natsConfig({ url: "https://x", listen: "0.0.0.0:4222", maxOutboxMiB: 1 }, [entry("1"), entry("2")], "secret"));
  expect(Object.keys(config)).not.toContain("leafnodes");
  const [box, one, two] = config.authorization.users;
  expect(config.authorization.users).toHaveLength(3);
  expect(one.permissions).toEqual({
    publish: { allow: [`dev.${idOf("1")}.readings`] },
    subscribe: { allow: [`_INBOX.${idOf("1")}.>`] },
  });
  expect([one.user, one.password, two.user]).toEqual([idOf("1"), entry("1").token, idOf("2")]);
  expect(box.permissions.publish.allow).toEqual([`_INBOX.${idOf("1")}.>`, `_INBOX.${idOf("2")}.>`]);
});

test("a folder without settings, with wrong ones or a broken token is refused; what holds secrets is private", () => {
  expect(() => readBoxFolder(dir)).toThrow("box.json is missing");
  for (const wrong of ['{"url":"ftp://x"}', '{"url":"https://x","port":1}', '{"url":"https://x","maxOutboxMiB":0}', "{"]) {
    writeFileSync(join(dir, "box.json"), wrong);
    expect(() => readBoxFolder(dir)).toThrow();
  }
  writeFileSync(join(dir, "box.json"), '{"url":"https://clinic.example"}');
  const folder = readBoxFolder(dir);
  folder.addDevice(entry("1"));
  folder.writeNats();
  for (const name of ["devices.json", "nats.conf", "box.password"]) expect(statSync(join(dir, name)).mode & 0o077).toBe(0);
  expect(readFileSync(join(dir, "nats.conf"), "utf8")).toContain(entry("1").token);
  expect(readBoxFolder(dir).devices).toEqual([entry("1")]);
  writeFileSync(join(dir, "devices.json"), JSON.stringify([{ ...entry("1"), token: "x" }]));
  expect(() => readBoxFolder(dir)).toThrow();
});
