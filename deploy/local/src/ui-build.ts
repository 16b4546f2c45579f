import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "@episante/setup/failure";
import { plainEnvironment } from "./config.ts";
import { repoRoot } from "./paths.ts";

const stampFile = join(repoRoot, ".cache", "ui-build");
const lockDir = join(repoRoot, ".cache", "ui-build.lock");
const distIndex = join(repoRoot, "ui", "dist", "index.html");

/** Builds the UI when its sources have changed since the last build. @returns whether it built */
export async function buildUi(say: (text: string) => void): Promise<boolean> {
  if (isCurrent(await sourcesHash())) return false;
  mkdirSync(join(repoRoot, ".cache"), { recursive: true });
  await lock();
  try {
    const hash = await sourcesHash();
    if (isCurrent(hash)) return false;
    say("Building the pages (once per version)…");
    const vite = join(repoRoot, "ui", "node_modules", "vite", "bin", "vite.js");
    const build = Bun.spawn([process.execPath, "--no-env-file", "--bun", vite, "build", "--logLevel", "warn"], {
      cwd: join(repoRoot, "ui"),
      env: { ...plainEnvironment(), NODE_ENV: "production" },
      stdout: "pipe",
      stderr: "pipe",
    });
    const said = (await Promise.all([new Response(build.stdout).text(), new Response(build.stderr).text()])).join("");
    if ((await build.exited) !== 0) throw new Failure(`The pages could not be built:\n${said.trim()}`);
    writeFileSync(stampFile, hash);
    return true;
  } finally {
    rmSync(lockDir, { recursive: true, force: true });
  }
}

function isCurrent(hash: string): boolean {
  return existsSync(distIndex) && existsSync(stampFile) && readFileSync(stampFile, "utf8") === hash;
}

async function sourcesHash(): Promise<string> {
  const files: string[] = [join(repoRoot, "bun.lock")];
  for (const pattern of ["ui/{src,public}/**/*", "ui/*.{html,json,ts}", "pkg/contracts/src/**/*.ts"]) {
    for await (const file of new Bun.Glob(pattern).scan({ cwd: repoRoot, absolute: true })) {
      if (!file.includes(".test.")) files.push(file);
    }
  }
  const hash = createHash("sha256");
  for (const file of files.sort()) hash.update(file.slice(repoRoot.length)).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}

/** One build at a time; a lock left by a killed builder is taken over after two minutes. */
async function lock(): Promise<void> {
  for (let waited = 0; waited < 120_000; waited += 200) {
    try {
      mkdirSync(lockDir);
      return;
    } catch {
      await Bun.sleep(200);
    }
  }
}
