import { basename } from "node:path";
import type { Endpoint } from "@episante/contracts/endpoint";
import { type EventType, events } from "@episante/contracts/events";
import { codeOnly, type Finding, isSource, isTest, type Tree } from "./tree.ts";

/** An endpoint of the contracts: the module and the name it is exported under. */
export interface NamedEndpoint {
  readonly module: string;
  readonly name: string;
  readonly endpoint: Pick<Endpoint, "id" | "service">;
}

/** Every endpoint the contracts export. */
export async function contractEndpoints(tree: Tree): Promise<NamedEndpoint[]> {
  const modules = tree.files.filter((path) => /^pkg\/contracts\/src\/[\w-]+\.ts$/.test(path));
  const found: NamedEndpoint[] = [];
  for (const path of modules) {
    const exported = (await import(`${tree.root}/${path}`)) as Record<string, unknown>;
    for (const [name, value] of Object.entries(exported)) {
      if (isEndpoint(value)) found.push({ module: basename(path, ".ts"), name, endpoint: value });
    }
  }
  return found;
}

function isEndpoint(value: unknown): value is Endpoint {
  return typeof value === "object" && value !== null && "policy" in value && "path" in value && "service" in value && "method" in value;
}

/** Local name → `module name` of everything a file imports from the contracts. */
function contractNames(text: string): Map<string, string> {
  const names = new Map<string, string>();
  for (const match of text.matchAll(/^import\s*\{([^}]*)\}\s*from\s*"@episante\/contracts\/([\w-]+)"/gm)) {
    for (const part of (match[1] ?? "").split(",")) {
      const [, name, alias] = /^\s*(?!type\b)(\w+)(?:\s+as\s+(\w+))?\s*$/.exec(part) ?? [];
      if (name) names.set(alias ?? name, `${match[2]} ${name}`);
    }
  }
  for (const [, space, module] of text.matchAll(/^import\s*\*\s*as\s+(\w+)\s+from\s*"@episante\/contracts\/([\w-]+)"/gm)) {
    for (const [used, name] of text.matchAll(new RegExp(`\\b${space}\\.(\\w+)`, "g"))) names.set(used, `${module} ${name}`);
  }
  return names;
}

const folderOf = (service: string) => (service === "gateway" ? "edge/gateway" : service === "pipeline" ? "pipeline" : `svc/${service}`);

/** Every endpoint is bound by its own service, once. */
export function endpointsBoundOnce(tree: Tree, endpoints: readonly NamedEndpoint[]): Finding[] {
  const binders = new Map<string, string[]>();
  for (const path of tree.files.filter((file) => isSource(file) && !isTest(file) && !file.startsWith("pkg/"))) {
    const text = tree.read(path);
    const names = contractNames(text);
    for (const match of text.matchAll(/\bbind\(\s*([\w.]+)/g)) {
      const endpoint = names.get(match[1] ?? "");
      if (endpoint) binders.set(endpoint, [...(binders.get(endpoint) ?? []), path]);
    }
  }
  return endpoints.flatMap(({ module, name, endpoint }) => {
    const paths = binders.get(`${module} ${name}`) ?? [];
    const home = folderOf(endpoint.service);
    const path = `pkg/contracts/src/${module}.ts`;
    const foreign = paths.find((file) => !file.startsWith(`${home}/`));
    if (foreign) return [{ rule: "endpoint-has-one-owner", path: foreign, message: `binds ${endpoint.id}, which ${home} owns` }];
    if (paths.length === 0)
      return [
        {
          rule: "endpoint-is-bound",
          path,
          message: `nothing binds ${endpoint.id} (${name}): bind it in ${home}/src/routes or take it out of the contracts`,
        },
      ];
    if (paths.length > 1)
      return [{ rule: "endpoint-has-one-owner", path: paths[1] ?? path, message: `binds ${endpoint.id} a second time` }];
    return [];
  });
}

/** Every endpoint stands in a security test: a file `*.security.int.test.ts` that imports its contract. */
export function endpointsHaveSecurityTests(tree: Tree, endpoints: readonly NamedEndpoint[]): Finding[] {
  const tested = new Set<string>();
  for (const path of tree.files.filter((file) => /\.security\.int\.test\.tsx?$/.test(file))) {
    const text = tree.read(path);
    const wholeModules = [...text.matchAll(/\b(\w+)Endpoints\b[^;]*?from "@episante\/contracts\/([\w-]+)"/g)];
    for (const match of wholeModules) tested.add(match[2] ?? "");
    for (const name of contractNames(text).values()) tested.add(name);
  }
  return endpoints
    .filter(({ module, name }) => !tested.has(`${module} ${name}`) && !tested.has(module))
    .map(({ module, name, endpoint }) => ({
      rule: "endpoint-has-security-test",
      path: `pkg/contracts/src/${module}.ts`,
      message: `${endpoint.id} (${name}) stands in no *.security.int.test.ts: run the shared refusal suite on it in ${folderOf(endpoint.service)}`,
    }));
}

/** Events nobody consumes by name, and why they are published all the same. The lake lands every event. */
const heardByTheLakeOnly: Partial<Record<EventType, string>> = {
  "device.paired": "a fact for the lake; the gateway learns devices from bucket `devices`",
  "device.revoked": "a fact for the lake; the gateway learns devices from bucket `devices`",
  "notification.sent": "a fact for the lake; the messages themselves are listed by svc/notification",
  "notification.failed": "a fact for the lake; staff see failures in svc/notification",
  "waitlist.offer-ended": "a fact for the lake: what the waitlist filled; who waits sees it in svc/appointment",
  "pipeline.run-finished": "for operators who follow the stream; run history is in golddb",
};

interface EventOwners {
  readonly [type: string]: { readonly owner: string };
}

/** Every event is emitted by its owner and nobody else, and somebody consumes it, or a reason says why not. */
export function eventsHaveOneOwner(
  tree: Tree,
  registry: EventOwners = events,
  reasons: Readonly<Record<string, string>> = heardByTheLakeOnly,
): Finding[] {
  const sources = tree.files.filter((file) => isSource(file) && !isTest(file) && !file.startsWith("pkg/"));
  const emitters = new Map<string, string[]>();
  const consumers = new Map<string, string[]>();
  const add = (map: Map<string, string[]>, type: string, path: string) => map.set(type, [...(map.get(type) ?? []), path]);
  for (const path of sources) {
    const text = tree.read(path);
    for (const match of text.matchAll(/\bemit(?:ter)?\s*\((?:[^;"]*?\)\s*\()?\s*"([\w.-]+)"/g)) add(emitters, match[1] ?? "", path);
    for (const match of text.matchAll(/\bon:\s*\[([^\]]*)\]/g))
      for (const type of (match[1] ?? "").matchAll(/"([\w.-]+)"/g)) add(consumers, type[1] ?? "", path);
  }
  for (const path of tree.files.filter((file) => /^pipeline\/silver\/.*\.sql$/.test(file))) {
    for (const match of tree.read(path).matchAll(/'([a-z]+\.[a-z-]+)'/g)) add(consumers, match[1] ?? "", path);
  }
  return Object.entries(registry).flatMap(([type, { owner }]) => {
    const findings: Finding[] = [];
    const home = folderOf(owner);
    const registryFile = "pkg/contracts/src/events.ts";
    const emitted = emitters.get(type) ?? [];
    for (const path of emitted.filter((file) => !file.startsWith(`${home}/`))) {
      findings.push({
        rule: "event-has-one-owner",
        path,
        message: `emits ${type}, which only ${home} may: ask its owner, or emit an event of your own`,
      });
    }
    if (!emitted.some((file) => file.startsWith(`${home}/`))) {
      findings.push({
        rule: "event-is-emitted",
        path: registryFile,
        message: `${home} never emits ${type}: emit it where the fact is written, or take it out of the registry`,
      });
    }
    const isHeard = (consumers.get(type) ?? []).length > 0;
    if (!isHeard && !reasons[type])
      findings.push({
        rule: "event-has-a-consumer",
        path: registryFile,
        message: `nobody consumes ${type}: consume it, or write the reason in pkg/checks/src/registry.ts`,
      });
    if (isHeard && reasons[type])
      findings.push({
        rule: "event-has-a-consumer",
        path: "pkg/checks/src/registry.ts",
        message: `${type} has a consumer now: take the reason out`,
      });
    return findings;
  });
}

/** A route file stays short: HTTP shape only. Warned about by size, since a long one hides decisions. */
export function routesAreThin(tree: Tree): Finding[] {
  return tree.files
    .filter((path) => /(^|\/)src\/routes\/[\w-]+\.ts$/.test(path) && !isTest(path))
    .filter(
      (path) =>
        codeOnly(tree.read(path))
          .split("\n")
          .filter((line) => line.trim() !== "" && !line.startsWith("import")).length > 80,
    )
    .map((path) => ({
      rule: "routes-are-thin",
      path,
      message: "more than 80 lines of code in a route file: move decisions into actions, or split the file",
    }));
}

const streamsPath = "pkg/service/src/streams.ts";

/** A consumer's service may read the stream of its events: without the right the broker refuses it, which only a real installation shows. */
export function consumersMayRead(tree: Tree): Finding[] {
  if (!tree.files.includes(streamsPath)) return [];
  const rights = tree.read(streamsPath);
  return tree.files
    .filter((path) => /^svc\/\w+\/src\/consumers\//.test(path) && isSource(path) && !isTest(path))
    .flatMap((path) => {
      const service = path.split("/")[1] ?? "";
      const own = new RegExp(`^ {2}${service}: \\{([^}]*)\\}`, "m").exec(rights)?.[1] ?? "";
      const text = tree.read(path);
      const hears = Object.keys(events).filter((type) => new RegExp(`\\bon: \\[[^\\]]*"${type}"`).test(text)) as EventType[];
      const missing = new Set(hears.map((type) => events[type].stream).filter((stream) => !own.includes(`"${stream}"`)));
      const wanted = [...missing, ...(/\bmirror\b/.test(text) && hears.length > 0 && !own.includes('"beat.*"') ? ["beat.*"] : [])];
      return wanted.map((right) => ({
        rule: "consumer-may-read",
        path,
        message: `svc/${service} may not read ${right}: give it the right in ${streamsPath}`,
      }));
    });
}
