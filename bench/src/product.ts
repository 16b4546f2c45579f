import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { endsWithThisProcess } from "@episante/testkit/janitor";
import { freePort } from "@episante/testkit/servers";
import { z } from "zod";
import { callersEnvironment } from "./config.ts";
import type { BenchContext } from "./harness.ts";

const demoSchema = z.object({
  url: z.string(),
  clinicId: z.string(),
  accounts: z.array(z.object({ role: z.string(), email: z.string(), password: z.string(), doctorId: z.string().optional() })),
});
/** What the demo clinic's file tells. */
export type Demo = z.infer<typeof demoSchema>;

/** Starts the whole product with its demo clinic on a data folder and a port of its own, as a user would; it stops with the bench. */
export async function startProduct(context: BenchContext): Promise<Demo> {
  const data = join(context.folder("product"), "data");
  const cli = fileURLToPath(new URL("../../deploy/local/src/cli.ts", import.meta.url));
  context.say("starting the product");
  const child = Bun.spawn([process.execPath, "--no-env-file", cli, "up", "--data", data, "--port", String(await freePort())], {
    env: callersEnvironment(),
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  endsWithThisProcess(child);
  context.onEnd(async () => {
    child.kill("SIGINT");
    await child.exited;
  });
  const isReady = async () => {
    const status = Bun.spawn([process.execPath, "--no-env-file", cli, "status", "--data", data], { stdout: "ignore", stderr: "ignore" });
    return (await status.exited) === 0 && (await Bun.file(join(data, "demo.json")).exists());
  };
  for (let waited = 0; !(await isReady()); waited++) {
    if (child.exitCode !== null) throw new Error("the product did not start");
    if (waited > 300) throw new Error("the product was not ready within five minutes");
    await Bun.sleep(1_000);
  }
  context.version("nats-server", await brokerVersion(join(data, "ports.json")));
  return demoSchema.parse(await Bun.file(join(data, "demo.json")).json());
}

/** Version as the broker's own monitor tells it. @param ports the launcher's list of ports */
async function brokerVersion(ports: string): Promise<string> {
  const port = z.object({ "nats-monitor": z.number() }).parse(await Bun.file(ports).json())["nats-monitor"];
  const told = await fetch(`http://127.0.0.1:${port}/varz`);
  return z.object({ version: z.string() }).parse(await told.json()).version;
}
