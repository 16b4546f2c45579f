import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@episante/testkit/servers";
import { testKeys } from "@episante/testkit/service";
import { z } from "zod";
import { baseConfig, ConfigError, databaseConfig, loadConfig } from "./config.ts";
import { objectConfig } from "./objects.ts";

const folder = temporaryFolder("settings");
const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const { privateKeys, jwks } = await testKeys(["auth"]);
const schema = z.object({
  ...baseConfig,
  ...databaseConfig,
  ...objectConfig,
  CALLOUT_SEED: z.string().optional(),
  SMTP_URL: z.string().optional(),
});
const strong = "n8XbA-2kPq_7RtYw3LmZ5cVd";
const good: Record<string, string> = {
  PORT: "9091",
  NATS_URL: "nats://127.0.0.1:4222",
  NATS_USER: "auth",
  NATS_PASSWORD_FILE: file("nats", `${strong}\n`),
  DATABASE_URL_FILE: file("database", `postgres://authdb_app:${strong}@127.0.0.1:5432/authdb`),
  SIGNING_KEY_FILE: file("key", privateKeys.auth ?? ""),
  JWKS_FILE: file("jwks", jwks),
};
/** The lines of the refusal, or none when the settings are taken. */
function faults(env: Record<string, string>): string[] {
  try {
    loadConfig(schema, { ...good, ...env });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split("\n  ").slice(1);
  }
}

test("good secrets are read, trimmed", () => {
  expect(loadConfig(schema, good).NATS_PASSWORD).toBe(strong);
});

test("every fault is told at once, each with its file and what to do, and none with its value", () => {
  const bad = {
    NATS_PASSWORD_FILE: join(folder, "absent"),
    DATABASE_URL_FILE: file("weak-database", "postgres://authdb_app:postgres@127.0.0.1/authdb"),
    SIGNING_KEY_FILE: file("no-key", '{"kty":"OKP","x":"abc-public-part"}'),
    S3_SECRET_KEY_FILE: file("s3", "minioadmin"),
    CALLOUT_SEED_FILE: file("seed", "UAPUBLIC"),
    SMTP_URL_FILE: file("smtp", "smtp://clinic:change-me@mail.example:587"),
    JWKS_FILE: file("empty", "\n"),
    PORT: "0.5",
  };
  const lines = faults(bad);
  for (const [name, path] of Object.entries(bad).filter(([name]) => name.endsWith("_FILE")))
    expect(
      lines.filter((line) => line.startsWith(`${name} (${path}): `) || (name === "JWKS_FILE" && line.startsWith("JWKS"))),
    ).toHaveLength(1);
  expect(lines.filter((line) => line.startsWith("PORT: "))).toHaveLength(1);
  expect(lines).toHaveLength(8);
  for (const value of ["minioadmin", "postgres:", "abc-public-part", "UAPUBLIC", "change-me"])
    expect(lines.join("\n")).not.toContain(value);
});

describe("a secret is refused", () => {
  test.each([
    ["change-me", "well-known example"],
    ["CHANGE_ME_IN_PRODUCTION", "well-known example"],
    ["password", "well-known example"],
    ["Password123456789", "well-known example"],
    ["minioadmin", "well-known example"],
    ["admin", "well-known example"],
    ["0123456789abcdef", "well-known example"],
    ["K3y-of-15-chars", "too short"],
    ["abababababababababab", "repeats itself"],
    ["", "is empty"],
    ["   \n", "is empty"],
  ])("when it is %p: %s", (value, words) => {
    const [line, ...others] = faults({ NATS_PASSWORD_FILE: file("nats-bad", value) });
    expect(others).toEqual([]);
    expect(line).toContain(words);
  });

  test("when its file is a folder, as an engine makes it for a missing mount", () => {
    mkdirSync(join(folder, "mounted"));
    expect(faults({ NATS_PASSWORD_FILE: join(folder, "mounted") })).toEqual([expect.stringContaining("is a folder")]);
  });

  test.skipIf(process.getuid?.() === 0)("when this user may not read it", () => {
    const closed = file("closed", strong);
    chmodSync(closed, 0);
    expect(faults({ NATS_PASSWORD_FILE: closed })).toEqual([expect.stringContaining("may not be read by user")]);
  });

  test("when it stands in the environment, however good", () => {
    const { NATS_PASSWORD_FILE: _, ...others } = good;
    expect(() => loadConfig(schema, { ...others, NATS_PASSWORD: strong })).toThrow("NATS_PASSWORD: give it as NATS_PASSWORD_FILE");
  });

  test("when a database URL has no password, or is none", () => {
    expect(faults({ DATABASE_URL_FILE: file("open", "postgres://authdb_app@127.0.0.1/authdb") })).toEqual([
      expect.stringContaining("is empty"),
    ]);
    expect(faults({ DATABASE_URL_FILE: file("words", "not a url at all") })).toEqual([expect.stringContaining("not a connection URL")]);
  });
});

test("a mail provider's short password is taken", () => {
  expect(faults({ SMTP_URL_FILE: file("smtp-short", "smtp://clinic:k3-Yq@mail.example:587") })).toEqual([]);
  expect(faults({ SMTP_URL_FILE: file("smtp-none", "smtp://127.0.0.1:25") })).toEqual([]);
});
