import { readFileSync } from "node:fs";
import { pair } from "@episante/contracts/device";
import { z } from "zod";
import { openBox } from "./box.ts";
import { boxUser, readBoxFolder } from "./box-config.ts";

const usage = `Usage:
  clinic-box pair DIR CODE MODEL SERIAL   exchange a pairing code; prints what to enter in the device
  clinic-box run DIR NATS_SERVER          collect and forward until stopped
`;
/** The part of a pairing's answer that the box uses. */
const pairedSchema = z.object({ deviceId: z.string(), token: z.string(), nats: z.object({ inboxPrefix: z.string() }) });
const reportEveryMs = 60_000;
const say = (text: string) => void process.stdout.write(`${text}\n`);

/** Exchanges a code at the clinic's server; the token is kept for the box and told for the device. */
async function pairDevice(dir: string, code: string, model: string, serial: string): Promise<void> {
  const folder = readBoxFolder(dir);
  const { url, ca, listen } = folder.settings;
  const answer = await fetch(new URL(pair.path, url), {
    method: pair.method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code, model, serial }),
    ...(ca ? { tls: { ca: readFileSync(ca, "utf8") } } : {}),
  } as RequestInit);
  const body: unknown = await answer.json();
  if (answer.status !== 201) throw new Error(`the server refused the code: ${(body as { code?: string }).code ?? answer.status}`);
  const { deviceId, token, nats } = pairedSchema.parse(body);
  folder.addDevice({ model, serial, token });
  folder.writeNats();
  say(JSON.stringify({ port: Number(listen.split(":").at(-1)), user: deviceId, password: token, inboxPrefix: nats.inboxPrefix }, null, 2));
  say("Enter this in the device; the server is the box's address. Then start the box again.");
}

/** Runs the broker and the forwarder. Whatever ends ends both: what starts the box starts it again. */
async function run(dir: string, natsServer: string): Promise<void> {
  const folder = readBoxFolder(dir);
  folder.writeNats();
  const { url, ca, listen, tls, maxOutboxMiB } = folder.settings;
  const broker = Bun.spawn([natsServer, "-c", folder.natsFile], { stdin: "ignore", stdout: "ignore", stderr: "inherit" });
  const port = listen.split(":").at(-1);
  const box = await openBox({
    url,
    ...(ca ? { ca: readFileSync(ca, "utf8") } : {}),
    broker: { servers: `${tls ? "tls" : "nats"}://127.0.0.1:${port}`, user: boxUser, password: folder.password },
    tokens: folder.devices.map(({ token }) => token),
    folder: folder.outbox,
    maxOutboxBytes: maxOutboxMiB * 1024 * 1024,
  });
  say(`collecting from ${folder.devices.length} devices on ${listen}`);
  const report = setInterval(() => say(JSON.stringify(box.status())), reportEveryMs);
  const stop = async (code: number) => {
    clearInterval(report);
    await box.close();
    broker.kill();
    await broker.exited;
    process.exit(code);
  };
  process.on("SIGTERM", () => void stop(0));
  process.on("SIGINT", () => void stop(0));
  await broker.exited;
  process.exit(1);
}

const [command, dir = "", ...rest] = process.argv.slice(2);
try {
  if (command === "pair" && rest.length === 3) await pairDevice(dir, rest[0] ?? "", rest[1] ?? "", rest[2] ?? "");
  else if (command === "run" && rest.length === 1) await run(dir, rest[0] ?? "");
  else {
    process.stderr.write(usage);
    process.exit(2);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
