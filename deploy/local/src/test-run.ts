import { existsSync } from "node:fs";
import { cpus } from "node:os";
import { join, relative } from "node:path";
import { UsageFault } from "@episante/setup/failure";
import { chromiumHint, ensureChromium } from "./chromium.ts";
import { callersEnvironment } from "./config.ts";
import { repoRoot } from "./paths.ts";
import { say } from "./terminal.ts";
import { type Counts, closingLine, countsOf, failureFilter, notesOf, planTests, sizes, type TestGroup, total } from "./test-plan.ts";

const verifyScript = "pkg/checks/src/verify.ts";
const none: Counts = { passed: 0, failed: 0, skipped: 0 };

/** Runs the tests and prints failures as they come. The last line sums up. @returns the exit status: 1 on a failure or when nothing ran */
export async function runTests(words: readonly string[]): Promise<number> {
  const [first, second] = words;
  const size = sizes.find((known) => known === first);
  if (first !== undefined && second !== undefined && !size) throw new UsageFault(`"${first}" is not a size of tests: unit, int or e2e`);
  const groups = planTests(await testFiles(), size, (size ? second : first) ?? "");
  const whole = words.length === 0;
  const results: Counts[] = [whole && existsSync(join(repoRoot, verifyScript)) ? await verify() : none];
  const browser = groups.some(({ alone }) => alone) ? await ensureChromium(say) : null;
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());
  const together = groups.filter(({ alone }) => !alone);
  let next = 0;
  const lane = async () => {
    for (let group = together[next++]; group && !stop.signal.aborted; group = together[next++])
      results.push(await runGroup(group, browser, stop.signal));
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(2, cpus().length, together.length)) }, lane));
  for (const group of groups.filter(({ alone }) => alone))
    if (!stop.signal.aborted) results.push(await runGroup(group, browser, stop.signal));
  if (groups.some(({ alone }) => alone) && !browser)
    say(`\nNo Chromium was found: the browser tests were skipped. To run them: ${chromiumHint}`);
  const counts = total(results);
  if (stop.signal.aborted) say("\nStopped.");
  if (counts.passed + counts.failed + counts.skipped === 0) say("\nNo test matches.");
  say(closingLine(counts));
  return counts.failed > 0 || counts.passed === 0 || stop.signal.aborted ? 1 : 0;
}

async function testFiles(): Promise<string[]> {
  const glob = new Bun.Glob("{svc,edge,pkg,deploy}/*/{src,test}/**/*.test.{ts,tsx}");
  const files: string[] = [];
  const others = ["{ui,pipeline,bench}/**/*.test.{ts,tsx}", "deploy/e2e/compose/*.test.ts"].map((pattern) => new Bun.Glob(pattern));
  for (const pattern of [glob, ...others]) {
    for await (const file of pattern.scan({ cwd: repoRoot, followSymlinks: false })) if (!file.includes("node_modules")) files.push(file);
  }
  return files;
}

/** Format, lint, types, boundaries and repository checks, as one test. */
async function verify(): Promise<Counts> {
  const check = Bun.spawn([process.execPath, "--no-env-file", verifyScript], { cwd: repoRoot, stdout: "pipe", stderr: "pipe" });
  const said = (await Promise.all([new Response(check.stdout).text(), new Response(check.stderr).text()])).join("");
  if ((await check.exited) === 0) {
    say("ok      verify");
    return { ...none, passed: 1 };
  }
  say(`${said.trimEnd()}\nFAILED  verify (bun verify)`);
  return { ...none, failed: 1 };
}

async function runGroup(group: TestGroup, browser: string | null, signal: AbortSignal): Promise<Counts> {
  const { workspace, files } = group;
  const inUi = workspace === "ui";
  const cwd = inUi ? join(repoRoot, "ui") : repoRoot;
  const paths = files.map((file) => `./${inUi ? relative("ui", file) : file}`);
  const startedAt = performance.now();
  const tests = Bun.spawn(
    [
      process.execPath,
      "--no-env-file",
      "test",
      ...(inUi ? ["--conditions=browser"] : []),
      "--timeout",
      group.alone ? "300000" : "60000",
      ...paths,
    ],
    {
      cwd,
      env: callersEnvironment({ NO_COLOR: "1", ...(browser ? { EPISANTE_CHROMIUM: browser } : {}) }),
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      signal,
    },
  );
  const filter = failureFilter(say);
  const lines: string[] = [];
  const read = async (stream: ReadableStream<Uint8Array>) => {
    let rest = "";
    const take = (line: string) => {
      lines.push(line);
      filter(line);
    };
    const decoder = new TextDecoder();
    for await (const bytes of stream) {
      const parts = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = parts.pop() ?? "";
      parts.forEach(take);
    }
    if (rest) take(rest);
  };
  await Promise.all([read(tests.stdout), read(tests.stderr)]);
  const status = await tests.exited;
  const name = group.alone ? files[0] : `${workspace} (${files.length} files)`;
  const counts = countsOf(lines.join("\n"));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (counts && (status === 0 || counts.failed > 0)) {
    say(`${counts.failed > 0 ? "FAILED" : "ok    "}  ${name}  ${closingLine(counts)}  ${seconds} s`);
    for (const note of notesOf(lines)) say(`        ${note}`);
    return counts;
  }
  // The process died or an error lies outside any test.
  say([...lines.slice(-60), `FAILED  ${name}  ended with status ${status}  ${seconds} s`].join("\n"));
  return { passed: counts?.passed ?? 0, failed: (counts?.failed ?? 0) + 1, skipped: counts?.skipped ?? 0 };
}
