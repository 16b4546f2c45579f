import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { serviceNames } from "@episante/contracts/session";
import { gatewayEnvironment, natsEnvironment, withTimerSlack } from "@episante/service/runtime";
import { z } from "zod";
import { consumers } from "./consumers.ts";
import { databaseServices } from "./databases.ts";

const containerSchema = z.object({
  image: z.string(),
  user: z.string().optional(),
  restart: z.string(),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal("ALL")]),
  cap_add: z.array(z.string()).default([]),
  security_opt: z.tuple([z.literal("no-new-privileges:true")]),
  mem_limit: z.string(),
  pids_limit: z.number(),
  logging: z.object({ driver: z.string(), options: z.object({ "max-size": z.string(), "max-file": z.string() }) }),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  entrypoint: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.unknown()).default({}),
  network_mode: z.string().optional(),
  networks: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.unknown().optional(),
  profiles: z.array(z.string()).default([]),
});
const fileOf = (name: string) => readFileSync(fileURLToPath(new URL(`../../../${name}`, import.meta.url)), "utf8");
/** What merge keys (`<<`) mean, for a parser that leaves them. */
function merged(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(merged);
  if (typeof value !== "object" || value === null) return value;
  const { "<<": from, ...own } = value as Record<string, unknown>;
  const bases = from === undefined ? [] : [from].flat().map(merged).reverse();
  const plain = Object.fromEntries(Object.entries(own).map(([name, part]) => [name, merged(part)]));
  return Object.assign({}, ...bases, plain);
}
const compose = z
  .object({
    services: z.record(z.string(), containerSchema),
    networks: z.record(z.string(), z.object({ internal: z.boolean().default(false) })),
  })
  .parse(merged(Bun.YAML.parse(fileOf("docker-compose.yml"))));
const containers = Object.entries(compose.services);
const at = (name: string) => containerSchema.parse(compose.services[name]);
const networksOf = (name: string): string[] => {
  const { networks } = at(name);
  return Array.isArray(networks) ? networks : Object.keys(networks);
};
/** Containers that share a network with this one. */
const reaches = (name: string) =>
  containers
    .filter(([other]) => other !== name && networksOf(other).some((network) => networksOf(name).includes(network)))
    .map(([other]) => other);

test("only Caddy publishes ports, and only 80 and 443", () => {
  expect(containers.filter(([, { ports }]) => ports.length > 0).map(([name]) => name)).toEqual(["caddy"]);
  expect(at("caddy").ports.map((port) => port.slice(port.lastIndexOf(":") + 1))).toEqual(["80", "443", "443/udp"]);
});

test("nothing runs as root but the step that gives files away and Postgres, which becomes another user at once", () => {
  const rootless = containers.filter(([, { user }]) => user !== undefined && !user.startsWith("0")).map(([name]) => name);
  const others = containers.map(([name]) => name).filter((name) => !rootless.includes(name));
  expect(others.sort()).toEqual(["demo-mode", "secrets", ...databaseServices.map((service) => `${service}-db`)].sort());
  for (const name of ["secrets", "demo-mode"]) expect(at(name).network_mode).toBe("none");
  expect(
    containers
      .filter(([, { cap_add }]) => cap_add.length > 0)
      .map(([name]) => name)
      .sort(),
  ).toEqual([...others, "caddy"].sort());
});

test("gateway and broker run in containers as they run without", () => {
  expect(at("gateway").environment).toMatchObject(
    Object.fromEntries(Object.entries(gatewayEnvironment).map(([key, value]) => [key, Number(value)])),
  );
  expect(at("nats").environment).toMatchObject(natsEnvironment);
  // Compose reads `$$` as `$`.
  expect(at("nats").entrypoint).toEqual(["sh", "-c", withTimerSlack.replaceAll("$", "$$$$"), "nats-server"]);
});

test("images are pinned by version", () => {
  for (const [, { image }] of containers) expect(image).toMatch(/:(?:\$\{EPISANTE_VERSION:-)?\d+\.\d+|RELEASE\.\d{4}/);
});

test("each service reaches its database, the broker, the gateway and those it calls, and no other service or store", () => {
  for (const service of serviceNames.filter((name) => name !== "gateway")) {
    const called = Object.keys(at(service).environment)
      .filter((name) => name.startsWith("UPSTREAM_"))
      .map((name) => name.slice(9).toLowerCase());
    const callers = serviceNames.filter(
      (name) => name !== "gateway" && at(name).environment[`UPSTREAM_${service.toUpperCase()}`] !== undefined,
    );
    const stores = [`${service}-db`, ...(service === "doctor" ? ["pipeline-db"] : []), ...(service === "pipeline" ? ["minio"] : [])];
    const steps = [
      "migrate",
      ...(service === "auth" || service === "notification" ? ["first-admin"] : []),
      ...(service === "auth" ? ["demo-seed"] : []),
    ];
    expect(reaches(service).sort()).toEqual([...new Set(["nats", "gateway", ...stores, ...called, ...callers, ...steps])].sort());
  }
});

test("a database is reached by its service and the migrate step; gold also by its reader", () => {
  for (const service of databaseServices)
    expect(reaches(`${service}-db`).sort()).toEqual(["migrate", service, ...(service === "pipeline" ? ["doctor"] : [])].sort());
  expect(reaches("minio")).toEqual(["pipeline"]);
  expect(reaches("caddy").sort()).toEqual(["gateway", "nats"]);
});

test("only Caddy, mail, the reader of doctors’ calendars and the step that asks DNS can leave the machine", () => {
  const open = Object.entries(compose.networks)
    .filter(([, { internal }]) => !internal)
    .map(([name]) => name);
  const outward = containers.filter(([name]) => networksOf(name).some((network) => open.includes(network))).map(([name]) => name);
  expect(outward.sort()).toEqual(["appointment", "caddy", "first-admin", "notification"]);
});

test("secrets are files: no environment holds one, and each container sees its own volume only", () => {
  for (const [name, { environment, volumes }] of containers) {
    expect(
      Object.keys(environment).filter((key) => /PASSWORD|SECRET|SIGNING|SEED|DATABASE_URL|SMTP_URL/.test(key) && !key.endsWith("_FILE")),
    ).toEqual([]);
    if (name === "secrets") continue;
    const own = volumes.filter((volume) => volume.startsWith("secrets")).map((volume) => volume.split(":")[0]);
    const expected = consumers.some((consumer) => consumer.name === name)
      ? [`secrets-${name}`]
      : own.length > 0
        ? ["secrets-operator"]
        : [];
    expect(own).toEqual(expected);
    for (const volume of volumes.filter((each) => each.startsWith("secrets"))) expect(volume).toEndWith(":/run/secrets:ro");
  }
  const dealt = at("secrets")
    .volumes.filter((volume) => volume.startsWith("secrets-"))
    .map((volume) => volume.split("/").at(-1));
  expect(dealt.sort()).toEqual(consumers.map(({ name }) => name).sort());
});

test("every file a service is told to read is dealt to it", () => {
  for (const service of serviceNames) {
    const told = Object.entries(at(service).environment)
      .filter(([name]) => name.endsWith("_FILE"))
      .flatMap(([, path]) => /\/run\/secrets\/([\w.]+)/.exec(String(path))?.[1] ?? []);
    const files = Object.keys(consumers.find(({ name }) => name === service)?.files ?? {});
    expect(told.filter((file) => !files.includes(file))).toEqual([]);
  }
});

test("services wait for the migrate step, Caddy for a gateway that is ready, and what serves is asked whether it is well", () => {
  for (const service of serviceNames) {
    expect(at(service).depends_on.migrate?.condition).toBe("service_completed_successfully");
    expect(at(service).healthcheck).toBeDefined();
  }
  expect(at("caddy").depends_on.gateway?.condition).toBe("service_healthy");
});

test("Caddy believes nobody's forwarded addresses, and the gateway only Caddy's", () => {
  const { networks } = at("caddy");
  const front = Array.isArray(networks) ? undefined : (networks.front as { ipv4_address: string });
  expect(at("gateway").environment.TRUSTED_PROXIES).toBe(front?.ipv4_address);
  expect(fileOf("Caddyfile")).not.toContain("trusted_proxies");
});

test("no two networks have the same addresses, those of the monitoring included", () => {
  const subnets = ["docker-compose.yml", "deploy/observability/compose.yml"].flatMap((name) => [
    ...fileOf(name).matchAll(/subnet: "\$\{EPISANTE_SUBNET:-10\.219\}\.([\d./]+)"/g),
  ]);
  const given = subnets.map(([, subnet]) => subnet);
  expect(given.length).toBeGreaterThan(20);
  expect(given.filter((subnet, index) => given.indexOf(subnet) !== index)).toEqual([]);
});

test("a service that is told where another is shares a network with it", () => {
  const told = serviceNames.flatMap((service) =>
    Object.entries(at(service).environment)
      .filter(([name]) => name.startsWith("UPSTREAM_"))
      .map(([, url]) => [service, new URL(String(url)).hostname] as const),
  );
  expect(told).toContainEqual(["appointment", "patient"]);
  expect(told.filter(([service, other]) => !networksOf(service).some((network) => networksOf(other).includes(network)))).toEqual([]);
});
