import { callersEnvironment } from "./config.ts";
import { repoRoot } from "./paths.ts";

/** Runs one bench or all in a process of their own. @returns its exit status: 0, 1 when a run broke, 2 for an unknown name */
export async function runBenches(name: string | undefined, { rounds, json }: { rounds: number; json: boolean }): Promise<number> {
  const command = ["bench/src/main.ts", ...(name ? [name] : []), "--rounds", String(rounds), ...(json ? ["--json"] : [])];
  const child = Bun.spawn([process.execPath, "--no-env-file", ...command], {
    cwd: repoRoot,
    env: callersEnvironment({}),
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
  });
  return child.exited;
}
