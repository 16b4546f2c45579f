import { posix } from "node:path";
import { scanImports } from "./imports.ts";
import { type Finding, isSource, isTest, type Tree } from "./tree.ts";

/** No file reaches itself by imports, type-only ones included. One finding per circle. */
export function noCircular(tree: Tree): Finding[] {
  const next = new Map<string, string[]>();
  for (const { from, target } of scanImports(tree)) if (target && isSource(target)) next.set(from, [...(next.get(from) ?? []), target]);
  const done = new Set<string>();
  const findings: Finding[] = [];
  const visit = (file: string, path: string[]) => {
    const at = path.indexOf(file);
    if (at >= 0) {
      const circle = [...path.slice(at), file];
      findings.push({ rule: "no-circular", path: file, message: `${circle.join(" → ")}; move what both need into a file of its own` });
      return;
    }
    if (done.has(file)) return;
    for (const target of next.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of next.keys()) visit(file, []);
  return findings;
}

/** Every source file is imported, exported by its package, or started by something. */
export function noOrphans(tree: Tree): Finding[] {
  const used = new Set(scanImports(tree).flatMap(({ from, target }) => (target && target !== from ? [target] : [])));
  for (const path of namedFiles(tree)) used.add(path);
  return tree.files
    .filter((path) => isSource(path) && !isTest(path) && !path.startsWith("bench/") && !used.has(path))
    .filter((path) => !/(^|\/)((?:[\w-]+-)?main\.tsx?|[\w.-]+\.config\.ts)$/.test(path))
    .map((path) => ({ rule: "no-orphans", path, message: "nothing imports or starts this file: use it or delete it" }));
}

/** Files that manifests, pages, scripts and `new URL("…", import.meta.url)` name. */
function namedFiles(tree: Tree): string[] {
  return tree.files.flatMap((path) => {
    if (path.endsWith("package.json")) {
      return [...tree.read(path).matchAll(/[\w@./-]+\.tsx?\b/g)].map(([file]) => posix.normalize(posix.join(posix.dirname(path), file)));
    }
    if (path.endsWith(".html"))
      return [...tree.read(path).matchAll(/src="\/([^"]+)"/g)].map((match) => posix.join(posix.dirname(path), match[1] ?? ""));
    if (isSource(path)) {
      const text = tree.read(path);
      const urls = [...text.matchAll(/new URL\("([^"]+)", import\.meta\.url\)/g)].map((match) =>
        posix.join(posix.dirname(path), match[1] ?? ""),
      );
      const paths = [...text.matchAll(/["'`/]((?:svc|edge|pkg|pipeline|deploy|ui|bench)\/[\w./-]+\.tsx?)["'`]/g)].map(
        (match) => match[1] ?? "",
      );
      return [...urls, ...paths];
    }
    if (/^(episante|\.ci\/.*|.*\.(sh|yml|Dockerfile))$/.test(path)) {
      return [...tree.read(path).matchAll(/(?:svc|edge|pkg|pipeline|deploy|ui|bench)\/[\w./-]+\.tsx?/g)].map(([file]) => file);
    }
    return [];
  });
}
