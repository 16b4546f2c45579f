import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The files a rule looks at: the repository's, or a fixture's. Paths are relative to the root, with slashes. */
export interface Tree {
  readonly root: string;
  readonly files: readonly string[];
  read(path: string): string;
}

/** A broken rule: where, and what to do instead. */
export interface Finding {
  readonly rule: string;
  readonly path: string;
  readonly message: string;
}
export type Check = (tree: Tree) => Finding[] | Promise<Finding[]>;

/** Every file git knows or would add; without git, every file outside the folders that are never committed. */
export function repositoryTree(root: string): Tree {
  const listed = Bun.spawnSync(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root });
  const names = listed.success ? listed.stdout.toString().split("\0") : walk(root);
  const files = [...new Set(names)].filter((path) => path !== "" && existsSync(join(root, path))).sort();
  const contents = new Map<string, string>();
  return {
    root,
    files,
    read(path) {
      let text = contents.get(path);
      if (text === undefined) {
        text = readFileSync(join(root, path), "utf8");
        contents.set(path, text);
      }
      return text;
    },
  };
}

const neverCommitted = /^(node_modules|dist|\.git|\.cache|\.data.*)$/;
function walk(root: string, folder = ""): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder ? `${folder}/${entry.name}` : entry.name;
    if (entry.isDirectory()) return neverCommitted.test(entry.name) ? [] : walk(root, path);
    return [path];
  });
}

/** A tree from path → text, for tests of the rules. */
export function fixtureTree(contents: Readonly<Record<string, string>>, root = ""): Tree {
  return { root, files: Object.keys(contents).sort(), read: (path) => contents[path] ?? "" };
}

/** TypeScript and its tests. */
export const isSource = (path: string) => /\.tsx?$/.test(path) && !path.endsWith(".d.ts");
/** Tests, and the files only tests use: folders `test/` and `fixtures/`, and what runs whole-stack tests. */
export const isTest = (path: string) =>
  /\.test\.tsx?$/.test(path) || /(^|\/)(test|fixtures)\//.test(path) || path.startsWith("deploy/e2e/") || path.startsWith("pkg/testkit/");

/** Source text without comments and without the contents of strings, so that words in them are not taken for code. Lines stay. */
export function codeOnly(text: string): string {
  return text.replace(
    /\/\*[\s\S]*?\*\/|(^|[^:"'`\\])\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g,
    (match, before: string | undefined) => {
      if (match.startsWith("/*")) return match.replace(/[^\n]/g, "");
      if (match.startsWith('"') || match.startsWith("'")) return `${match[0]}${match[0]}`;
      return before ?? "";
    },
  );
}
