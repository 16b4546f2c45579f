import { callersEnvironment } from "./config.ts";
import { repoRoot } from "./paths.ts";

/** Runs one bench or all in a process of their own. @param attempts of a soak, instead of a bench @returns its exit status: 0, 1 when a run broke, 2 for an unknown name */
export async function runBenches(
  name: string | undefined,
  { rounds, json, attempts }: { rounds: number; json: boolean; attempts?: number },
): Promise<number> {
  const soak = attempts === undefined ? [] : ["--soak", "--attempts", String(attempts)];
  const command = ["bench/src/main.ts", ...(name ? [name] : []), "--rounds", String(rounds), ...(json ? ["--json"] : []), ...soak];
  const child = Bun.spawn([process.execPath, "--no-env-file", ...command], {
    cwd: repoRoot,
    env: callersEnvironment({}),
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
  });
  // The bench takes down what it started; a terminal tells it of Ctrl-C itself, whoever ends this process does not.
  const passOn = () => child.kill("SIGTERM");
  process.once("SIGTERM", passOn);
  process.once("SIGINT", passOn);
  return child.exited;
}
