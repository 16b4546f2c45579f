import { expect, test } from "bun:test";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../../deploy/observability/prometheus", import.meta.url));
const promtool = Bun.which("promtool");
const title = promtool ? "" : " (skipped: promtool is not on PATH; Debian: apt-get install prometheus)";

function run(...words: string[]): { code: number; said: string } {
  const ran = Bun.spawnSync([promtool ?? "", ...words], { cwd: folder });
  return { code: ran.exitCode, said: `${ran.stdout}${ran.stderr}` };
}

test.skipIf(promtool === null)(`the settings of Prometheus and all rules are valid${title}`, () => {
  expect(run("check", "config", "prometheus.yml")).toMatchObject({ code: 0 });
});

test.skipIf(promtool === null)(`alert rules fire when they must and stay silent just below that${title}`, () => {
  expect(run("test", "rules", "tests/rules.test.yml", "tests/host.test.yml")).toMatchObject({ code: 0 });
});
