import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findAll } from "./all.ts";
import { migrationListPath, recordMigrations } from "./files.ts";
import { repositoryTree } from "./tree.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");
const say = (text: string) => process.stdout.write(`${text}\n`);

/** One tool of `bun verify`: its name, and what it complains about (empty when it is content). */
async function tool(name: string, command: readonly string[]): Promise<{ name: string; complaint: string; ms: number }> {
  const startedAt = performance.now();
  const child = Bun.spawn([...command], { cwd: root, stdout: "pipe", stderr: "pipe" });
  const [out, err, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
  return { name, complaint: code === 0 ? "" : `${out}${err}`.trim() || `exit code ${code}`, ms: performance.now() - startedAt };
}

async function rules(): Promise<{ name: string; complaint: string; ms: number }> {
  const startedAt = performance.now();
  const tree = repositoryTree(root);
  if (process.argv.includes("--record")) writeFileSync(join(root, migrationListPath), recordMigrations(tree));
  const findings = await findAll(process.argv.includes("--record") ? repositoryTree(root) : tree);
  const byRule = Map.groupBy(findings, ({ rule }) => rule);
  const complaint = [...byRule]
    .map(([rule, found]) => [`${rule} (${found.length})`, ...found.map(({ path, message }) => `  ${path}: ${message}`)].join("\n"))
    .join("\n");
  return { name: "rules", complaint, ms: performance.now() - startedAt };
}

if (process.argv.includes("--help")) {
  say("bun verify [--record]   format, lint, types and the repository's rules. --record notes new migrations as final.");
  process.exit(0);
}
const bin = (name: string) => join(root, "node_modules", ".bin", name);
const results = await Promise.all([
  tool("format and lint", [bin("biome"), "check", "--diagnostic-level=warn", "--error-on-warnings", "--max-diagnostics=100", "."]),
  tool("types", [bin("tsc"), "-p", "tsconfig.json"]),
  ...(existsSync(join(root, "ui", "tsconfig.json")) ? [tool("types of ui", [bin("tsc"), "-p", "ui/tsconfig.json"])] : []),
  tool("types of the browser tests", [bin("tsc"), "-p", "deploy/e2e/tsconfig.json"]),
  rules(),
]);
for (const { name, complaint, ms } of results) {
  if (complaint) say(`\n── ${name}\n${complaint}`);
  say(`${complaint ? "✗" : "✓"} ${name} (${(ms / 1000).toFixed(1)} s)`);
}
process.exit(results.some(({ complaint }) => complaint) ? 1 : 0);
