import { existsSync, readFileSync } from "node:fs";
import { type DoorName, doorNames } from "@episante/device/link";
import { Failure, messageOf, UsageFault } from "@episante/setup/failure";
import { type Progress, streamSimulated } from "@episante/setup/simulate";
import type { ParsedArguments } from "./args.ts";
import { readDemo } from "./demo.ts";
import type { DataFolder } from "./paths.ts";
import { readRunState } from "./state.ts";
import { say } from "./terminal.ts";

/** Address given by `--url`, else of what runs on the data folder. @throws Failure when nothing runs */
function urlOf(given: ParsedArguments, folder: DataFolder): string {
  const url = given.value("url") ?? readRunState(folder)?.url;
  if (!url) throw new Failure(`EpiSanté does not run on ${folder.dir}. Start it first, or give --url.`);
  return url;
}

/** `--door`, and the broker's address where that door needs it. @throws UsageFault @throws Failure */
function doorOf(given: ParsedArguments, folder: DataFolder, url: string): { door?: DoorName; nats?: string } {
  const name = given.value("door");
  const door = doorNames.find((known) => known === name);
  if (name !== undefined && !door) throw new UsageFault(`--door must be one of ${doorNames.join(", ")}`);
  if (door !== "nats") return door ? { door } : {};
  const nats =
    given.value("nats") ?? (given.value("url") === undefined ? brokerOf(folder) : url.replace(/^https:(.*?)\/?$/, "wss:$1/nats"));
  if (!nats || !/^(nats|tls|wss?):\/\//.test(nats)) throw new UsageFault("--door nats needs --nats URL, for example nats://127.0.0.1:4222");
  return { door, nats };
}

function brokerOf(folder: DataFolder): string | undefined {
  const port = readRunState(folder)?.processes.find(({ name }) => name === "nats")?.port;
  return port === undefined ? undefined : `nats://127.0.0.1:${port}`;
}

/** `./episante replay`. @throws Failure when a reading was refused or not acknowledged */
export async function replayFile(given: ParsedArguments, folder: DataFolder): Promise<void> {
  const [file = ""] = given.positional;
  const token = given.value("device");
  if (!token) throw new UsageFault("replay needs --device TOKEN (see demo.json in the data folder)");
  if (!existsSync(file)) throw new Failure(`There is no file ${file}.`);
  const url = urlOf(given, folder);
  const speed = speedOf(given.value("speed"));
  const start = given.value("start");
  if (start !== undefined && Number.isNaN(Date.parse(start)))
    throw new UsageFault("--start must be an instant such as 2026-01-31T08:00:00Z");
  const ca = given.value("ca");
  const map = Object.fromEntries(given.values("map").map(mappingOf));
  const { runReplay } = await import("@episante/device/replay");
  const progress = progressLine();
  const result = await runReplay({
    ...{ file, token, url, speed },
    ...doorOf(given, folder, url),
    ...(start === undefined ? {} : { start }),
    ...(Object.keys(map).length > 0 ? { map } : {}),
    ...(ca === undefined ? {} : { ca: readFileSync(ca, "utf8") }),
    onProgress: progress.show,
  }).catch((error: unknown) => {
    throw new Failure(messageOf(error));
  });
  progress.end();
  say(`${result.sent} sent, ${result.acked} acked, ${result.refused} refused`);
  if (result.acked < result.sent || result.refused > 0) throw new Failure("Not everything was acknowledged.");
}

/** `HR=8867-4,/min` → `["HR", {code, unit}]`. */
function mappingOf(text: string): [string, { code: string; unit: string }] {
  const [, column, code, unit] = /^\s*([^=]+?)\s*=\s*([^,\s]+)\s*,\s*(\S+)\s*$/.exec(text) ?? [];
  if (!column || !code || !unit) throw new UsageFault('--map reads COLUMN=CODE,UNIT, for example "HR=8867-4,/min"');
  return [column, { code, unit }];
}

function speedOf(text: string | undefined): number | "max" {
  if (text === undefined) return 1;
  if (text === "max") return "max";
  const speed = Number(text);
  if (!Number.isFinite(speed) || speed <= 0) throw new UsageFault("--speed must be a positive number or max");
  return speed;
}

/** `./episante simulate`: until Ctrl-C. */
export async function simulateDevices(given: ParsedArguments, folder: DataFolder): Promise<void> {
  const demo = readDemo(folder);
  if (!demo) throw new Failure(`${folder.dir} holds no demo clinic.`);
  const wearables = demo.devices.filter(({ kind }) => kind !== "replay");
  const count = given.integer("devices", { min: 1, max: wearables.length, otherwise: wearables.length });
  const rate = Number(given.value("rate") ?? 1);
  if (!(rate > 0 && rate <= 100)) throw new UsageFault("--rate must be a number above 0, at most 100");
  const stop = new AbortController();
  process.on("SIGINT", () => stop.abort());
  process.on("SIGTERM", () => stop.abort());
  const url = urlOf(given, folder);
  const progress = progressLine();
  const result = await streamSimulated({
    url,
    ...doorOf(given, folder, url),
    tokens: wearables.slice(0, count).map(({ token }) => token),
    rateHz: rate,
    signal: stop.signal,
    show: progress.show,
  });
  progress.end();
  const lost = result.dropped > 0 ? `, ${result.dropped} not kept` : "";
  say(`${result.sent} sent, ${result.acked} acked, ${result.refused} refused${lost}`);
}

/** One line that is rewritten on a terminal; every tenth report elsewhere. */
function progressLine(): { show: (news: Omit<Progress, "dropped">) => void; end: () => void } {
  let shown = 0;
  const terminal = process.stdout.isTTY === true;
  return {
    show: ({ sent, acked, refused }) => {
      const text = `${sent} sent, ${acked} acked, ${refused} refused`;
      if (terminal) process.stdout.write(`\r${text}`);
      else if (performance.now() - shown > 5_000) {
        shown = performance.now();
        say(text);
      }
    },
    end: () => {
      if (terminal) process.stdout.write("\r\x1b[K");
    },
  };
}
