/** Test files of one workspace that run in one process. */
export interface TestGroup {
  readonly workspace: string;
  readonly files: readonly string[];
  /** Whole-stack tests run alone, after everything else. */
  readonly alone: boolean;
}

export const sizes = ["unit", "int", "e2e"] as const;
export type TestSize = (typeof sizes)[number];

/** Size of a test file by its name; component tests of the pages count as unit tests. */
export function sizeOf(file: string): TestSize {
  if (/\.e2e\.test\.tsx?$/.test(file)) return "e2e";
  return /\.int\.test\.tsx?$/.test(file) ? "int" : "unit";
}

/** Workspace folder of a file: two levels deep, but `ui` and `pipeline` are one. */
export function workspaceOf(file: string): string {
  const [first = "", second = ""] = file.split("/");
  return first === "ui" || first === "pipeline" || first === "bench" ? first : `${first}/${second}`;
}

/** Tests of the whole stack take ten processes and a browser; a service's own process tests do not. */
function needsTheMachine(file: string): boolean {
  return sizeOf(file) === "e2e" && workspaceOf(file) === "deploy/e2e";
}

/** Tests of the product in containers take longest and most: after everything else. */
function needsContainers(file: string): boolean {
  return file.startsWith("deploy/e2e/compose/");
}

/** Groups the wanted files by workspace, whole-stack tests file by file and last, the largest group first. */
export function planTests(files: readonly string[], size: TestSize | undefined, filter: string): TestGroup[] {
  const wanted = files.filter((file) => (size === undefined || sizeOf(file) === size) && file.includes(filter)).sort();
  const groups = new Map<string, string[]>();
  for (const file of wanted.filter((file) => !needsTheMachine(file))) {
    const workspace = workspaceOf(file);
    groups.set(workspace, [...(groups.get(workspace) ?? []), file]);
  }
  const together = [...groups]
    .map(([workspace, own]) => ({ workspace, files: own, alone: false }))
    .sort((a, b) => b.files.length - a.files.length);
  const alone = wanted
    .filter(needsTheMachine)
    .sort((a, b) => Number(needsContainers(a)) - Number(needsContainers(b)))
    .map((file) => ({ workspace: workspaceOf(file), files: [file], alone: true }));
  return [...together, ...alone];
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Counts of several groups together. */
export function total(results: readonly Counts[]): Counts {
  const sum = (of: keyof Counts) => results.reduce((all, result) => all + result[of], 0);
  return { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") };
}

/** Sums up Bun's own closing lines (` 12 pass`, ` 1 fail`, ` 2 skip`, ` 1 todo`). Null when there are none: the process died. */
export function countsOf(output: string): Counts | null {
  const last = (word: string) => {
    const found = [...output.matchAll(new RegExp(`^\\s*(\\d+) ${word}$`, "gm"))].at(-1);
    return found ? Number(found[1]) : null;
  };
  const passed = last("pass");
  const failed = last("fail");
  if (passed === null || failed === null) return null;
  return { passed, failed, skipped: (last("skip") ?? 0) + (last("todo") ?? 0) };
}

/** What tests want to be shown even when they pass: why something was skipped, what was measured. */
export function notesOf(lines: readonly string[]): string[] {
  return lines.filter((line) => line.startsWith("note: ")).map((line) => line.slice("note: ".length));
}

/** The last line of `./episante test`. */
export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/**
 * Lets only failures through: what Bun prints before a `(fail)` line is that test's errors.
 * @returns feed it every line; it hands on those to show
 */
export function failureFilter(show: (line: string) => void): (line: string) => void {
  let file = "";
  let pending: string[] = [];
  let over = false;
  return (line) => {
    // Bun repeats the failures at the end.
    over ||= /^\d+ tests? failed:$/.test(line);
    if (over) return;
    if (/^\((pass|skip|todo)\)/.test(line)) pending = [];
    else if (line.startsWith("(fail)")) {
      for (const text of [`\n${file}`, ...pending, line]) show(text);
      pending = [];
    } else if (/^\S+\.test\.tsx?:$/.test(line)) {
      file = line.slice(0, -1);
      pending = [];
    } else pending = [...pending.slice(-199), line];
  };
}
