import { type Import, scanImports } from "./imports.ts";
import { codeOnly, type Finding, isSource, isTest, type Tree } from "./tree.ts";

/** The part of the repository a file belongs to. */
export function areaOf(path: string): string {
  const parts = path.split("/");
  if (parts[0] === "ui") return parts[1] === "src" ? parts.slice(0, 3).join("/") : "ui";
  if (["svc", "edge", "pkg", "deploy"].includes(parts[0] ?? "")) return parts.slice(0, 2).join("/");
  return parts[0] ?? "";
}

/** What each area may import of ours, besides itself. The table of the architecture, as data. */
const mayImport: [area: RegExp, allowed: readonly string[], advice: string][] = [
  [/^pkg\/contracts$/, [], "contracts stand alone: what needs more belongs into pkg/service or a service"],
  [/^pkg\/service$/, ["pkg/contracts"], "the platform knows no service: pass it in as an argument"],
  [/^pkg\/testkit$/, ["pkg/contracts", "pkg/service"], "the test kit knows no service: make a world in the service's test folder"],
  [/^pkg\/checks$/, ["pkg/contracts"], "checks read the repository as text"],
  [
    /^svc\//,
    ["pkg/contracts", "pkg/service"],
    "a shared shape belongs into pkg/contracts, a fact of another service comes by event into a mirror",
  ],
  [/^edge\/gateway$/, ["pkg/contracts", "pkg/service"], "the gateway forwards by contract and decides nothing a service owns"],
  [/^edge\/device$/, ["pkg/contracts"], "the device client runs anywhere: it knows contracts only"],
  [/^ui\/src\/(patient|console)$/, ["pkg/contracts", "ui/src/shared"], "what both apps need belongs into ui/src/shared"],
  [/^ui$/, ["pkg/contracts", "ui/src/patient", "ui/src/console", "ui/src/shared"], "the browser sees contracts only"],
  [/^ui\/src\/shared$/, ["pkg/contracts"], "the browser sees contracts only"],
  [/^pipeline$/, ["pkg/contracts", "pkg/service"], "the pipeline reads streams, never a service"],
  [
    /^deploy\/local$/,
    ["pkg/contracts", "pkg/service", "edge/device", "deploy/setup"],
    "the launcher starts processes, it does not import them",
  ],
  [/^deploy\/setup$/, ["pkg/contracts", "pkg/service", "edge/device"], "setting up knows no process from the inside and no launcher"],
  [/^bench$/, ["pkg/contracts", "pkg/service", "pkg/testkit", "edge/device"], "benches start processes and use their public doors"],
  [/^deploy\/e2e$/, ["pkg/contracts", "pkg/testkit", "edge/device"], "whole-stack tests know the outside only"],
];

/** Direction of dependencies between the parts of the repository. Type-only imports count. */
export function directions(tree: Tree): Finding[] {
  return scanImports(tree).flatMap((edge) => {
    const from = areaOf(edge.from);
    const to = areaOf(edge.target ?? (edge.workspace ? `${edge.workspace}/package.json` : edge.from));
    if (from === to || (to === "pkg/testkit" && isTest(edge.from)) || edge.target?.endsWith("/package.json") === true) return [];
    const rule = mayImport.find(([area]) => area.test(from));
    if (!rule || rule[1].includes(to) || (from.startsWith("ui") && to === "ui")) return [];
    if (from === "edge/gateway" && isTest(edge.from) && to === "edge/device") return [];
    const name =
      from.startsWith("svc/") && to.startsWith("svc/")
        ? "svc-is-an-island"
        : from.startsWith("ui")
          ? "ui-sees-contracts-only"
          : "direction";
    return [finding(name, edge, `${from} may not import ${to}; ${rule[2]}`)];
  });
}

/** Domain code decides and nothing else: contracts, zod and its own folder; no clock, no randomness, no input or output. */
export function domainIsPure(tree: Tree): Finding[] {
  const isDomain = (path: string) => /(^|\/)src\/domain\//.test(path) && !isTest(path);
  const imports = scanImports(tree).filter((edge) => isDomain(edge.from));
  const impure = imports.filter(({ from, specifier, target, workspace }) => {
    if (workspace === "pkg/contracts" || specifier === "zod") return false;
    return !(target && !workspace && /(^|\/)src\/domain\//.test(target) && areaOf(target) === areaOf(from));
  });
  const advice = "domain imports contracts and itself only: do input, output and time in the action and pass values in";
  const ambient = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.|\bBun\.|\bfetch\(|\bcrypto\.|\bset(?:Timeout|Interval)\(/;
  const calls = tree.files
    .filter((path) => isSource(path) && isDomain(path))
    .flatMap((path) => {
      const match = ambient.exec(codeOnly(tree.read(path)));
      return match ? [{ rule: "domain-is-pure", path, message: `uses ${match[0]}…; ${advice}` }] : [];
    });
  return [...impure.map((edge) => finding("domain-is-pure", edge, advice)), ...calls];
}

/** Only storage speaks SQL. The platform may, since it is storage for everybody. */
export function drizzleOnlyInStorage(tree: Tree): Finding[] {
  return scanImports(tree)
    .filter(({ from, specifier }) => /^(drizzle-orm|postgres)(\/|$)/.test(specifier) && !isTest(from))
    .filter(({ from }) => !/^(pkg\/service|deploy|bench)\//.test(from) && !/(^|\/)src\/storage\//.test(from))
    .map((edge) => finding("drizzle-only-in-storage", edge, "move the query into src/storage, as a function named by its intent"));
}

/** Only routes and the app know HTTP. */
export function honoOnlyInRoutes(tree: Tree): Finding[] {
  return scanImports(tree)
    .filter(({ from, specifier }) => /^(hono|@hono)(\/|$)/.test(specifier) && !isTest(from))
    .filter(({ from }) => !from.startsWith("pkg/service/") && !/(^|\/)src\/(routes\/|app\.tsx?$)/.test(from))
    .map((edge) => finding("hono-only-in-routes", edge, "HTTP belongs into src/routes or src/app.ts; actions take and answer values"));
}

/** The test kit, and files of tests, are for tests. */
export function testkitInTestsOnly(tree: Tree): Finding[] {
  return scanImports(tree)
    .filter(
      ({ from, workspace, target }) =>
        !isTest(from) && !from.startsWith("bench/") && (workspace === "pkg/testkit" || (target !== undefined && isTest(target))),
    )
    .map((edge) => finding("testkit-in-tests-only", edge, "move this into a *.test.ts file or a folder test/"));
}

/** A main file starts a process: importing one would start it. */
export function notToMain(tree: Tree): Finding[] {
  return scanImports(tree)
    .filter(({ target }) => target !== undefined && /(^|\/|-)main\.tsx?$/.test(target))
    .map((edge) => finding("not-to-main", edge, "move what you need out of main into a file of its own"));
}

/** Only config.ts reads the environment. */
export function envOnlyInConfig(tree: Tree): Finding[] {
  const reads = /\bprocess\.env\b|\bBun\.env\b|\bimport\.meta\.env\b/;
  return tree.files
    .filter((path) => isSource(path) && !isTest(path) && !/(^|\/)config\.ts$/.test(path))
    .filter((path) => reads.test(codeOnly(tree.read(path))))
    .map((path) => ({ rule: "env-only-in-config", path, message: "read the environment in config.ts and pass the value in" }));
}

function finding(rule: string, edge: Import, advice: string): Finding {
  return { rule, path: edge.from, message: `imports ${edge.specifier}; ${advice}` };
}
