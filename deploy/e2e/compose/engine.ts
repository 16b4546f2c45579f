import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Ran } from "../src/instance.ts";

export const root = resolve(fileURLToPath(new URL("../../..", import.meta.url)));

/** Runs `docker` with these words in the repository. @param env further settings, for `docker compose` */
export async function docker(words: readonly string[], env: Readonly<Record<string, string>> = {}, timeoutMs = 300_000): Promise<Ran> {
  const ran = Bun.spawn(["docker", ...words], {
    cwd: root,
    env: { ...process.env, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: timeoutMs,
  });
  const [out, err, status] = await Promise.all([new Response(ran.stdout).text(), new Response(ran.stderr).text(), ran.exited]);
  return { status, out, err };
}

/** As `docker`, for what must succeed. @returns what it printed @throws Error with what it complained about */
export async function dockerOut(words: readonly string[], env?: Readonly<Record<string, string>>, timeoutMs?: number): Promise<string> {
  const { status, out, err } = await docker(words, env, timeoutMs);
  if (status !== 0) throw new Error(`docker ${words.slice(0, 6).join(" ")} ended with ${status}:\n${`${out}${err}`.slice(-4_000)}`);
  return out;
}

const containerSchema = z.object({
  Id: z.string(),
  Args: z.array(z.string()),
  Path: z.string(),
  Image: z.string(),
  State: z.object({
    Status: z.string(),
    Pid: z.number(),
    ExitCode: z.number(),
    StartedAt: z.string(),
    OOMKilled: z.boolean(),
    Health: z.object({ Status: z.string() }).optional(),
  }),
  RestartCount: z.number(),
  Mounts: z.array(z.object({ Type: z.string(), Source: z.string(), Destination: z.string(), RW: z.boolean() })),
  Config: z.object({
    User: z.string(),
    Env: z.array(z.string()).nullable(),
    Labels: z.record(z.string(), z.string()),
    Healthcheck: z.object({ Test: z.array(z.string()) }).optional(),
  }),
  HostConfig: z.object({
    RestartPolicy: z.object({ Name: z.string() }),
    PortBindings: z.record(z.string(), z.array(z.object({ HostPort: z.string() })).nullable()).nullable(),
    ReadonlyRootfs: z.boolean(),
    Privileged: z.boolean(),
    CapDrop: z.array(z.string()).nullable(),
    CapAdd: z.array(z.string()).nullable(),
    SecurityOpt: z.array(z.string()).nullable(),
    NetworkMode: z.string(),
    PidMode: z.string(),
    Memory: z.number(),
    PidsLimit: z.number().nullable(),
  }),
  NetworkSettings: z.object({ Networks: z.record(z.string(), z.object({ NetworkID: z.string() })) }),
});
/** A container as `docker inspect` tells it, with its name in docker-compose.yml. */
export type Container = z.output<typeof containerSchema> & { readonly service: string; readonly isStep: boolean };

/** All containers of a project, also those that ended, by service. */
export async function containersOf(project: string): Promise<Container[]> {
  const ids = (await dockerOut(["ps", "-aq", "--no-trunc", "--filter", `label=com.docker.compose.project=${project}`])).trim();
  if (ids === "") return [];
  const found = z.array(containerSchema).parse(JSON.parse(await dockerOut(["inspect", ...ids.split("\n")])));
  return found
    .map((container) => ({
      ...container,
      service: container.Config.Labels["com.docker.compose.service"] ?? "",
      isStep: container.HostConfig.RestartPolicy.Name === "no",
    }))
    .sort((a, b) => a.service.localeCompare(b.service));
}

/** Runs a command in a container. */
export function inside(container: Pick<Container, "Id">, ...command: string[]): Promise<Ran> {
  return docker(["exec", container.Id, ...command], {}, 20_000);
}

/** Asks a container's own health test, now. Docker itself asks seldom. */
export async function isHealthy(container: Container): Promise<boolean> {
  const [kind, ...words] = container.Config.Healthcheck?.Test ?? [];
  if (kind === undefined) return true;
  const command = kind === "CMD-SHELL" ? ["sh", "-c", ...words] : words;
  return (await inside(container, ...command)).status === 0;
}

/**
 * Kills a container's first process as a crash would: the restart policy has to bring it back. Where the process cannot be reached
 * (no root, or Docker in a machine of its own), `docker kill` does it, which switches that policy off, so it is started again by hand.
 */
export async function crash(container: Container): Promise<void> {
  if (process.platform === "linux" && process.getuid?.() === 0) {
    const cgroup = await Bun.file(`/proc/${container.State.Pid}/cgroup`)
      .text()
      .catch(() => "");
    if (cgroup.includes(container.Id)) {
      process.kill(container.State.Pid, "SIGKILL");
      return;
    }
  }
  await dockerOut(["kill", container.Id]);
  await dockerOut(["start", container.Id]);
}

/** Public images of the project that this machine does not have. */
async function missingImages(env: Readonly<Record<string, string>>): Promise<string[]> {
  const named = (await dockerOut(["compose", "config", "--images"], env)).trim().split("\n");
  const base = /^ARG BUN=(\S+)$/m.exec(await Bun.file(`${root}/deploy/images/Dockerfile`).text())?.[1] ?? [];
  const wanted = [...new Set(named.filter((image) => !image.startsWith("episante:")).concat(base))];
  const has = await Promise.all(wanted.map(async (image) => (await docker(["image", "inspect", image])).status === 0));
  return wanted.filter((_, index) => !has[index]);
}

/**
 * Why containers cannot be tried on this machine, or null when they can. Images that are missing are fetched.
 * @param env settings of docker-compose.yml
 */
export async function whyNoContainers(env: Readonly<Record<string, string>>): Promise<string | null> {
  if (!Bun.which("docker")) return "there is no docker on the PATH";
  if ((await docker(["info"], {}, 20_000)).status !== 0) return "no container engine answers (docker info)";
  const version = /(\d+)\.(\d+)/.exec((await docker(["compose", "version", "--short"])).out);
  const [major, minor] = [Number(version?.[1] ?? 0), Number(version?.[2] ?? 0)];
  if (major < 2 || (major === 2 && minor < 24)) return "Docker Compose 2.24 or newer is needed";
  if (!Bun.which("curl")) return "there is no curl on the PATH";
  for (const image of await missingImages(env)) {
    if ((await docker(["pull", "-q", image], {}, 120_000)).status !== 0) return `the image ${image} is not here and cannot be fetched`;
  }
  return null;
}
