import { createHash, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DeviceEntry } from "@episante/contracts/device";
import { newId } from "@episante/service/ids";
import { gatewayEnvironment } from "@episante/service/runtime";
import { type TestBroker, testBroker } from "@episante/testkit/broker";
import { endsWithThisProcess } from "@episante/testkit/janitor";
import { freePort } from "@episante/testkit/servers";
import { testKeys } from "@episante/testkit/service";
import { waitFor } from "@episante/testkit/wait-for";
import { Kvm } from "@nats-io/kv";
import { profilerFlags } from "./config.ts";
import type { BenchContext } from "./harness.ts";

/** A gateway process and its broker, with nothing behind them: the ingest path up to the acknowledgement. */
export interface GatewayRig {
  readonly broker: TestBroker;
  readonly url: string;
  /** Tokens of paired devices, one patient each. */
  readonly tokens: readonly string[];
  /** Processes of the system: gateway and broker. */
  readonly pids: readonly number[];
  /** CPU time the gateway has used, seconds. */
  cpuSeconds(): Promise<number>;
}

/** Starts nats-server (`sync_interval: always`) and a gateway on a data folder of their own, and pairs devices by playing svc/ingest. */
export async function startGatewayRig(context: BenchContext, devices: number): Promise<GatewayRig> {
  const broker = await testBroker();
  context.onEnd(() => broker.close());
  context.version("nats-server", broker.nats.info?.version ?? "unknown");
  const { jwks, privateKeys } = await testKeys(["gateway"]);
  const folder = context.folder("gateway");
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  const [port, opsPort] = [await freePort(), await freePort()];
  const child = Bun.spawn(
    [process.execPath, ...profilerFlags(), fileURLToPath(new URL("../../edge/gateway/src/main.ts", import.meta.url))],
    {
      env: {
        PORT: String(port),
        OPS_PORT: String(opsPort),
        NATS_URL: broker.url,
        NATS_USER: broker.server.user,
        NATS_PASSWORD_FILE: file("nats-password", broker.server.password),
        NATS_MONITOR_URL: broker.server.monitorUrl,
        SIGNING_KEY_FILE: file("signing-key", privateKeys.gateway ?? ""),
        JWKS: jwks,
        LOG_LEVEL: "warn",
        ...gatewayEnvironment,
      },
      stdin: "ignore",
      stdout: "ignore",
      stderr: "inherit",
    },
  );
  endsWithThisProcess(child);
  context.onEnd(async () => {
    child.kill();
    await child.exited;
  });
  const ready = () =>
    fetch(`http://127.0.0.1:${opsPort}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
  await waitFor(ready, { timeoutMs: 15_000, what: "the gateway" });
  const bucket = await new Kvm(broker.nats).open("devices");
  const tokens: string[] = [];
  for (let index = 0; index < devices; index++) {
    const deviceId = newId("dev", Date.now());
    const token = `${deviceId}.${randomBytes(32).toString("base64url")}`;
    const entry: DeviceEntry = {
      deviceId,
      patientId: newId("pat", Date.now()),
      clinicId: newId("cli", Date.now()),
      kind: "wearable",
      tokenHash: createHash("sha256").update(token).digest("hex"),
    };
    await bucket.put(deviceId, JSON.stringify(entry));
    tokens.push(token);
  }
  return {
    broker,
    url: `http://127.0.0.1:${port}`,
    tokens,
    pids: [child.pid, broker.server.pid()],
    async cpuSeconds() {
      const text = await (await fetch(`http://127.0.0.1:${opsPort}/metrics`)).text();
      return Number(/^process_cpu_seconds_total\{[^}]*\} (\S+)/m.exec(text)?.[1] ?? Number.NaN);
    },
  };
}
