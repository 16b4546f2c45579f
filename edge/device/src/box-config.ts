import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { deviceIdOf } from "./links/link.ts";

const tokenPattern = /^dev_[0-9a-f]{32}\.[A-Za-z0-9_-]{43}$/;
const settingsSchema = z.strictObject({
  /** The clinic's server, for example `https://clinic.example`. */
  url: z.url({ protocol: /^https?$/ }),
  /** Address at the site where devices reach the box's broker. */
  listen: z
    .string()
    .regex(/^[^\s:]+:\d{1,5}$/)
    .default("0.0.0.0:4222"),
  /** Certificate and key (PEM files) of the box, for TLS at the site. */
  tls: z.strictObject({ cert: z.string(), key: z.string() }).optional(),
  /** Certificate authority of the clinic's server (PEM file), when it is one of its own. */
  ca: z.string().optional(),
  /** Most that may wait for one device on disk; in memory it takes about four times as much. */
  maxOutboxMiB: z.number().int().min(1).max(4_096).default(64),
});
export type BoxSettings = z.infer<typeof settingsSchema>;

const devicesSchema = z.array(z.strictObject({ model: z.string(), serial: z.string(), token: z.string().regex(tokenPattern) }));
export type BoxDeviceEntry = z.infer<typeof devicesSchema>[number];

/** What stands in a box's folder: `box.json` (settings), `devices.json` (tokens, private), `nats.conf` (made from both), `outbox/`. */
export interface BoxFolder {
  readonly settings: BoxSettings;
  readonly devices: readonly BoxDeviceEntry[];
  readonly password: string;
  readonly natsFile: string;
  readonly outbox: string;
  addDevice(device: BoxDeviceEntry): void;
  writeNats(): void;
}

/** Name of the box's own user at its broker. */
export const boxUser = "box";

/** Reads a box's folder. @throws Error that says what is wrong with it */
export function readBoxFolder(dir: string): BoxFolder {
  const at = (name: string) => join(dir, name);
  if (!existsSync(at("box.json"))) throw new Error(`${at("box.json")} is missing: it says {"url": "https://clinic.example"}`);
  const settings = settingsSchema.parse(JSON.parse(readFileSync(at("box.json"), "utf8")));
  let devices = existsSync(at("devices.json")) ? devicesSchema.parse(JSON.parse(readFileSync(at("devices.json"), "utf8"))) : [];
  if (!existsSync(at("box.password"))) writePrivate(at("box.password"), randomBytes(24).toString("base64url"));
  const password = readFileSync(at("box.password"), "utf8");
  mkdirSync(at("outbox"), { recursive: true, mode: 0o700 });
  return {
    settings,
    get devices() {
      return devices;
    },
    password,
    natsFile: at("nats.conf"),
    outbox: at("outbox"),
    addDevice(device) {
      devices = [...devices, device];
      writePrivate(at("devices.json"), `${JSON.stringify(devices, null, 2)}\n`);
    },
    writeNats: () => writePrivate(at("nats.conf"), natsConfig(settings, devices, password)),
  };
}

/** The broker's configuration: each device may publish its own readings and hear its own inbox; the box hears all and answers. */
export function natsConfig({ listen, tls }: BoxSettings, devices: readonly BoxDeviceEntry[], password: string): string {
  const users = devices.map(({ token }) => {
    const id = deviceIdOf(token);
    const permissions = { publish: { allow: [`dev.${id}.readings`] }, subscribe: { allow: [`_INBOX.${id}.>`] } };
    return { user: id, password: token, permissions };
  });
  const inboxes = devices.map(({ token }) => `_INBOX.${deviceIdOf(token)}.>`);
  const box = {
    user: boxUser,
    password,
    permissions: { publish: { allow: [...inboxes] }, subscribe: { allow: ["dev.*.readings"] } },
  };
  const config = {
    server_name: "clinic-box",
    listen,
    max_payload: 300 * 1024,
    ping_interval: "20s",
    authorization: { timeout: 5, users: [box, ...users] },
    ...(tls ? { tls: { cert_file: tls.cert, key_file: tls.key, timeout: 5 } } : {}),
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

function writePrivate(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
