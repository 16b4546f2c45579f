import { createHash } from "node:crypto";
import { posix } from "node:path";
import { type Finding, isSource, isTest, type Tree } from "./tree.ts";

const migrationList = "pkg/checks/migrations.json";
const isMigration = (path: string) => /(^|\/)migrations\/[^/]+\.sql$/.test(path) && !isTest(path);
const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");

/** A migration that was once recorded never changes and never goes. New ones are recorded by `bun verify --record`. */
export function migrationsAppendOnly(tree: Tree): Finding[] {
  const recorded = recordedMigrations(tree);
  const rule = "migrations-append-only";
  const changed = Object.entries(recorded).flatMap(([path, hash]) => {
    if (!tree.files.includes(path)) return [{ rule, path, message: "a recorded migration was removed: databases have it, put it back" }];
    return hashOf(tree.read(path)) === hash ? [] : [{ rule, path, message: "a recorded migration was changed: undo, and write a new one" }];
  });
  const fresh = tree.files
    .filter((path) => isMigration(path) && !recorded[path])
    .map((path) => ({ rule, path, message: "not recorded: run `bun verify --record` when it is final" }));
  return [...changed, ...fresh, ...journals(tree)];
}

/** Text of the list with the new migrations added. Recorded ones are left as they are, whatever the files say. */
export function recordMigrations(tree: Tree): string {
  const fresh = tree.files.filter(isMigration).map((path) => [path, hashOf(tree.read(path))] as const);
  const all = Object.entries({ ...Object.fromEntries(fresh), ...recordedMigrations(tree) }).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`;
}
export const migrationListPath = migrationList;

function recordedMigrations(tree: Tree): Record<string, string> {
  return tree.files.includes(migrationList) ? (JSON.parse(tree.read(migrationList)) as Record<string, string>) : {};
}

/** The journal names every migration of its folder, in order: one it does not name never runs. */
function journals(tree: Tree): Finding[] {
  const folders = new Set(tree.files.filter(isMigration).map((path) => posix.dirname(path)));
  return [...folders].flatMap((folder) => {
    const journal = `${folder}/meta/_journal.json`;
    const tags = tree.files.includes(journal)
      ? (JSON.parse(tree.read(journal)) as { entries: { tag: string }[] }).entries.map(({ tag }) => tag)
      : [];
    const files = tree.files
      .filter((path) => isMigration(path) && posix.dirname(path) === folder)
      .map((path) => posix.basename(path, ".sql"));
    return JSON.stringify(tags) === JSON.stringify([...files].sort())
      ? []
      : [
          {
            rule: "migrations-in-journal",
            path: journal,
            message: "the journal and the folder name different migrations: one entry per file, in order",
          },
        ];
  });
}

/** Every path a document cites exists: in backticks, or as the target of a link. `*`, `<name>` and `{a,b}` stand for something. */
export function citedPathsExist(tree: Tree): Finding[] {
  const folders = new Set(tree.files.flatMap((path) => path.split("/").map((_, depth, parts) => parts.slice(0, depth + 1).join("/"))));
  const exists = (path: string) => {
    if (folders.has(path)) return true;
    if (!/[*<{]/.test(path)) return false;
    const pattern = path
      .replace(/[.+^$()|[\]\\]/g, "\\$&")
      .replace(/<[^>]*>|\*+/g, "[^/]*")
      .replace(/\{([^}]*)\}/g, (_, names: string) => `(?:${names.split(",").join("|")})`);
    return [...folders].some((candidate) => new RegExp(`^${pattern}$`).test(candidate));
  };
  return tree.files
    .filter((path) => path.endsWith(".md"))
    .flatMap((path) => {
      const prose = tree.read(path).replace(/^```[\s\S]*?^```/gm, "");
      const home = posix.dirname(path);
      const quoted = [...prose.matchAll(/`([^`\s]+)`/g)]
        .map((match) => (match[1] ?? "").replace(/^\.\//, "").replace(/\/$/, ""))
        .filter((cited) => /^(svc|edge|pkg|ui|pipeline|deploy|docs|bench|\.ci)\/[\w./@*<>{},-]+$/.test(cited));
      const linked = [...prose.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)]
        .map((match) => match[1] ?? "")
        .filter((target) => !/^[a-z]+:/.test(target) && !target.startsWith("/"))
        .map((target) => posix.normalize(posix.join(home, target)).replace(/\/$/, ""));
      return [...quoted, ...linked]
        .filter((cited) => cited !== "." && !exists(cited) && !exists(posix.normalize(posix.join(home, cited))))
        .map((cited) => ({
          rule: "cited-paths-exist",
          path,
          message: `cites ${cited}, which does not exist: correct the path or the sentence`,
        }));
    });
}

/** Colours have names: tokens.css is the one place that knows their values. */
export function noRawColours(tree: Tree): Finding[] {
  const raw =
    /#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})(?![\w-])|\b(?:rgba?|hsla?|hwb|oklch|oklab|lab|lch)\(\s*[\d.]|\b(?:bg|text|border|ring|fill|stroke|from|to|via|outline|divide|accent|decoration|shadow|caret|placeholder)-(?:slate|gray|zinc|neutral|stone|red|orange|amber|yellow|lime|green|emerald|teal|cyan|sky|blue|indigo|violet|purple|fuchsia|pink|rose)-\d{2,3}\b/i;
  return tree.files
    .filter((path) => /^ui\/src\/.*\.(tsx?|css)$/.test(path) && !path.endsWith("tokens.css") && !isTest(path))
    .flatMap((path) =>
      tree
        .read(path)
        .split("\n")
        .flatMap((line, index) => {
          const match = raw.exec(line.replace(/\/\/.*$|\/\*.*?\*\//g, ""));
          return match
            ? [
                {
                  rule: "no-raw-colours",
                  path: `${path}:${index + 1}`,
                  message: `${match[0]}: name the colour in ui/src/shared/tokens.css and use the name`,
                },
              ]
            : [];
        }),
    );
}

/** Both dictionaries of a folder have the same keys, and no text is empty. Works on `fr.json`/`en.json` and on modules. */
export async function dictionariesAgree(tree: Tree): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const path of tree.files.filter((file) => /(^|\/)i18n\/fr\.(json|ts)$/.test(file))) {
    const other = path.replace(/fr\.(json|ts)$/, "en.$1");
    const rule = "dictionaries-agree";
    if (!tree.files.includes(other)) {
      findings.push({ rule, path, message: `has no ${other} beside it` });
      continue;
    }
    const [french, english] = [await texts(tree, path), await texts(tree, other)];
    for (const [key, text] of [...french, ...english])
      if (text === "") findings.push({ rule, path, message: `the text of ${key} is empty` });
    for (const key of french.keys()) if (!english.has(key)) findings.push({ rule, path: other, message: `lacks ${key}` });
    for (const key of english.keys()) if (!french.has(key)) findings.push({ rule, path, message: `lacks ${key}` });
  }
  return findings;
}

async function texts(tree: Tree, path: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const collect = (value: unknown, key: string) => {
    if (typeof value === "object" && value !== null)
      for (const [name, member] of Object.entries(value)) collect(member, key ? `${key}.${name}` : name);
    else found.set(key, typeof value === "string" ? value : typeof value);
  };
  if (path.endsWith(".json")) collect(JSON.parse(tree.read(path)), "");
  else for (const value of Object.values((await import(`${tree.root}/${path}`)) as Record<string, unknown>)) collect(value, "");
  return found;
}

/** Versions are exact, in every manifest, and the lockfile knows them. */
export function exactVersions(tree: Tree): Finding[] {
  const findings: Finding[] = [];
  const lock = tree.files.includes("bun.lock") ? tree.read("bun.lock") : "";
  for (const path of tree.files.filter((file) => /(^|\/)package\.json$/.test(file))) {
    const manifest = JSON.parse(tree.read(path)) as Record<string, Record<string, string> | undefined>;
    for (const kind of ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"]) {
      for (const [name, version] of Object.entries(manifest[kind] ?? {})) {
        if (version.startsWith("workspace:")) continue;
        if (!/^(npm:[@\w./-]+@)?\d+\.\d+\.\d+[\w.+-]*$/.test(version)) {
          findings.push({ rule: "exact-versions", path, message: `${name} ${version}: pin one exact version` });
        } else if (!lock.includes(`"${name}": "${version}"`)) {
          findings.push({
            rule: "lockfile-fits",
            path,
            message: `bun.lock does not know ${name} ${version}: run bun install and commit the lockfile`,
          });
        }
      }
    }
  }
  return findings;
}

/** Nothing committed names the machine it was made on: no absolute path, no package registry's host. */
export function noMachineNames(tree: Tree): Finding[] {
  const folders = ["work", "root", "home", "Users", "tmp"].join("|");
  const path = new RegExp(`(?<![\\w.~$})\\]*/-])/(?:${folders})/[\\w.-]+`);
  const host = new RegExp(`https?://[\\w.-]*(?:${["registry", "artifactory", "nexus", "verdaccio", "pkg-proxy"].join("|")})[\\w.-]*`, "i");
  return tree.files
    .filter((file) => !/\.(png|jpg|svg|ico|woff2?|parquet|webp|gz)$/.test(file))
    .flatMap((file) =>
      tree
        .read(file)
        .split("\n")
        .flatMap((line, index) => {
          const match = path.exec(line) ?? host.exec(line);
          return match
            ? [
                {
                  rule: "no-machine-names",
                  path: `${file}:${index + 1}`,
                  message: `names ${match[0]}: use a path relative to the file, a temporary folder, or configuration`,
                },
              ]
            : [];
        }),
    );
}

/** One SQL file = one table of that name: one query, snake_case, and the tables it reads have files too. */
export function sqlNamedLikeTables(tree: Tree): Finding[] {
  const sql = tree.files.filter((path) => /^pipeline\/(silver|gold|checks)\//.test(path));
  const views = tree.files
    .filter((path) => /^pipeline\/migrations\/.*\.sql$/.test(path))
    .map((path) => tree.read(path))
    .join("\n");
  const rule = "sql-named-like-table";
  return sql.flatMap((path) => {
    const findings: Finding[] = [];
    const add = (message: string) => findings.push({ rule, path, message });
    const name = posix.basename(path, ".sql");
    if (!/^[a-z][a-z0-9_]*\.sql$/.test(posix.basename(path))) add("name the file <table>.sql, in snake_case");
    const query = tree.read(path).replace(/--[^\n]*/g, "");
    if (query.includes(";") || !/^\s*(\(?select|with)\b/i.test(query))
      add("one file is one query (select or with, no semicolon): the table's name is the file's");
    for (const match of query.matchAll(/\b(?:from|join)\s+(silver|gold)_(\w+)/gi)) {
      if (!tree.files.includes(`pipeline/${match[1]}/${match[2]}.sql`))
        add(`reads ${match[1]}_${match[2]}, but pipeline/${match[1]}/${match[2]}.sql does not exist`);
    }
    if (path.startsWith("pipeline/gold/") && !views.includes(`mart.${name}`)) add(`publish it as mart.${name} in a migration`);
    return findings;
  });
}

/** Tests say their size in their names. */
export function testsAreNamed(tree: Tree): Finding[] {
  return tree.files
    .filter((path) => isSource(path) && /\.test\.tsx?$/.test(path) && !/\.(unit|int|security\.int|e2e)\.test\.tsx?$/.test(path))
    .map((path) => ({ rule: "tests-are-named", path, message: "name it *.unit, *.int, *.security.int or *.e2e .test.ts" }));
}
