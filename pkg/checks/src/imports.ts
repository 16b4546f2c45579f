import { posix } from "node:path";
import { isSource, type Tree } from "./tree.ts";

/** One import: who imports what. `target` is a file of the tree, or undefined for a package. */
export interface Import {
  readonly from: string;
  /** As written. */
  readonly specifier: string;
  readonly target?: string;
  /** Workspace folder, when the specifier names one of ours. */
  readonly workspace?: string;
}

const transpilers = { ts: new Bun.Transpiler({ loader: "ts" }), tsx: new Bun.Transpiler({ loader: "tsx" }) };
/** `import` and `export … from` statements; biome keeps them at the start of a line. The transpiler forgets type-only ones. */
const statement = /^(?:import|export)\b[^;"']*?\bfrom\s*["']([^"']+)["']/gm;

/** Every import of a source text: statements, type-only ones and dynamic ones too. */
export function importsOf(path: string, text: string): string[] {
  const found = new Set<string>();
  for (const { path: specifier } of transpilers[path.endsWith("x") ? "tsx" : "ts"].scanImports(text)) found.add(specifier);
  for (const match of text.matchAll(statement)) if (match[1]) found.add(match[1]);
  return [...found];
}

/** Every import of every source file, resolved within the tree. */
export function scanImports(tree: Tree): Import[] {
  const files = new Set(tree.files);
  const workspaces = workspacesOf(tree);
  return tree.files.filter(isSource).flatMap((from) =>
    importsOf(from, tree.read(from)).map((specifier) => {
      const bare = specifier.replace(/\?.*$/, "");
      if (bare.startsWith(".")) {
        const target = resolveFile(files, posix.join(posix.dirname(from), bare));
        return { from, specifier, ...(target ? { target } : {}) };
      }
      const name = bare
        .split("/")
        .slice(0, bare.startsWith("@") ? 2 : 1)
        .join("/");
      const workspace = workspaces.get(name);
      if (!workspace) return { from, specifier };
      const target = exportTarget(tree, workspace, bare.slice(name.length));
      return { from, specifier, workspace, ...(target ? { target } : {}) };
    }),
  );
}

/** Package name → folder, of every workspace. */
export function workspacesOf(tree: Tree): Map<string, string> {
  const found = new Map<string, string>();
  for (const path of tree.files.filter((file) => file.endsWith("/package.json"))) {
    const { name } = JSON.parse(tree.read(path)) as { name?: string };
    if (name) found.set(name, posix.dirname(path));
  }
  return found;
}

function exportTarget(tree: Tree, workspace: string, subpath: string): string | undefined {
  const { exports } = JSON.parse(tree.read(`${workspace}/package.json`)) as { exports?: Record<string, string> };
  const file = exports?.[`.${subpath}`];
  return file ? posix.join(workspace, file) : undefined;
}

function resolveFile(files: ReadonlySet<string>, path: string): string | undefined {
  return [path, `${path}.ts`, `${path}.tsx`, `${path}/index.ts`].find((candidate) => files.has(candidate));
}
