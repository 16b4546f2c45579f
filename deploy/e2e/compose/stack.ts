import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { demoSchema, eventually, freePort, type Place } from "../src/instance.ts";
import { type Container, containersOf, docker, dockerOut, inside } from "./engine.ts";

/** The composed product under a project name and on ports of its own. */
export interface Stack {
  readonly project: string;
  readonly url: string;
  readonly httpPort: number;
  /** Folder for files of the test, removed with the stack. */
  readonly dir: string;
  /** Root certificate of its Caddy (PEM), once it is up. */
  ca(): string;
  /** The certificate for programs that want a file. */
  caFile(): string;
  /** Hash by which Chromium knows the authority that signed: https://www.rfc-editor.org/rfc/rfc7469#section-2.4 */
  spki(): string;
  /** `docker compose` with the settings of this stack. */
  compose(words: readonly string[], timeoutMs?: number): Promise<string>;
  containers(): Promise<Container[]>;
  container(service: string): Promise<Container>;
  /** Builds the images under a version of their own. */
  build(version: string): Promise<void>;
  /** `docker compose up -d` and waits until everything is healthy. @returns milliseconds of both */
  up(): Promise<number>;
  /** The demo clinic, as its volume tells it. */
  demo(): Promise<Place>;
  /** Everything that was logged. */
  logs(): Promise<string>;
  down(): Promise<void>;
}

/** A start takes a minute on an idle machine of two cores; this is for a busy one. */
const patienceMs = 480_000;

/** Settings of docker-compose.yml that keep a test apart from anything else on the machine. No monitoring. */
export function stackSettings(version: string, ports: { http: number; https: number }, demo: boolean): Record<string, string> {
  return {
    COMPOSE_PROFILES: demo ? "demo" : "",
    EPISANTE_VERSION: version,
    EPISANTE_HTTP_PORT: String(ports.http),
    EPISANTE_HTTPS_PORT: String(ports.https),
    // The product's own range is 10.219.
    EPISANTE_SUBNET: `10.${100 + (ports.https % 100)}`,
    EPISANTE_HOST: "localhost",
    EPISANTE_DOMAIN: "",
    EPISANTE_ADMIN: "first.admin@clinic.example",
  };
}

/** @param version of the images it starts with */
export async function makeStack({ demo, version }: { demo: boolean; version: string }): Promise<Stack> {
  const dir = mkdtempSync(join(tmpdir(), "epi-compose-"));
  const ports = { http: await freePort(), https: await freePort() };
  const project = `epi-test-${ports.https}`;
  const url = `https://localhost:${ports.https}`;
  let env = stackSettings(version, ports, demo);
  let authority: { root: string; spki: string } | null = null;
  const known = () => {
    if (!authority) throw new Error("the stack is not up");
    return authority;
  };
  const caFile = join(dir, "root.crt");
  const compose: Stack["compose"] = (words, timeoutMs) => dockerOut(["compose", "-p", project, ...words], env, timeoutMs);
  const containers = () => containersOf(project);
  const container = async (service: string) => {
    const found = (await containers()).find((one) => one.service === service);
    if (!found) throw new Error(`${project} has no container ${service}`);
    return found;
  };
  async function readAuthority() {
    const caddy = await container("caddy");
    const read = async (name: string) => {
      const { status, out, err } = await inside(caddy, "cat", `/data/caddy/pki/authorities/local/${name}.crt`);
      if (status !== 0) throw new Error(`Caddy's ${name} certificate: ${err}`);
      return out;
    };
    const root = await read("root");
    const signer = new X509Certificate(await read("intermediate"));
    const key = signer.publicKey.export({ type: "spki", format: "der" });
    writeFileSync(caFile, root);
    authority = { root, spki: new Bun.CryptoHasher("sha256").update(new Uint8Array(key)).digest("base64") };
  }
  return {
    project,
    url,
    httpPort: ports.http,
    dir,
    ca: () => known().root,
    caFile: () => caFile,
    spki: () => known().spki,
    compose,
    containers,
    container,
    async build(next) {
      env = stackSettings(next, ports, demo);
      await compose(["build", "-q"], 600_000);
    },
    async up() {
      const startedAt = performance.now();
      const ran = await docker(["compose", "-p", project, "up", "-d", "--no-build"], env, patienceMs);
      if (ran.status !== 0)
        throw new Error(`docker compose up ended with ${ran.status}:\n${ran.err.slice(-1_500)}\n${await faults(await containers())}`);
      await eventually(async () => (await unsettled(await containers())).length === 0, patienceMs, `${project} healthy`).catch(
        async (error: Error) => {
          throw new Error(
            `${error.message}; not so: ${(await unsettled(await containers())).join(", ")}\n${await faults(await containers())}`,
          );
        },
      );
      await readAuthority();
      return performance.now() - startedAt;
    },
    async demo() {
      const text = await dockerOut(["cp", `${(await container("demo-seed")).Id}:/demo/demo.json`, "-"]);
      // A tar with one file: its content begins after a block of 512 bytes.
      const json = text.slice(text.indexOf("{", 512), text.lastIndexOf("}") + 1);
      return { url, demo: demoSchema.parse(JSON.parse(json)), ca: known().root };
    },
    logs: async () => Bun.stripANSI(await compose(["logs", "--no-color"])),
    async down() {
      await docker(["compose", "-p", project, "--profile", "*", "down", "-v", "--remove-orphans", "-t", "5"], env, 120_000);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Services that are not as they should be: one-shots ended well, everything else running and healthy. */
function unsettled(containers: readonly Container[]): string[] {
  const failed = containers.find(({ isStep, State }) => isStep && State.Status === "exited" && State.ExitCode !== 0);
  if (failed) throw new Error(`${failed.service} ended with ${failed.State.ExitCode}`);
  return containers
    .filter(({ isStep, State: { Status, Health } }) =>
      isStep ? Status !== "exited" : Status !== "running" || (Health !== undefined && Health.Status !== "healthy"),
    )
    .map(({ service }) => service);
}

/** The last words of what did not come up. */
async function faults(containers: readonly Container[]): Promise<string> {
  const bad = containers.filter(({ isStep, State }) =>
    isStep ? State.ExitCode !== 0 : State.Status !== "running" || State.Health?.Status === "unhealthy",
  );
  const said = await Promise.all(
    bad.map(async ({ Id, service, State }) => {
      const { out, err } = await docker(["logs", "--tail", "12", Id]);
      return `── ${service} (${State.Status}, ${State.ExitCode})\n${out}${err}`;
    }),
  );
  return said.join("\n").slice(-6_000);
}

/** Removes images that a test built. */
export async function removeImages(versions: readonly string[]): Promise<void> {
  for (const version of versions) await docker(["image", "rm", `episante:${version}`]);
}
