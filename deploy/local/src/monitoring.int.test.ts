import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serviceNames } from "@episante/contracts/session";
import { findPrometheus, monitorName, prometheusConfig, prometheusSpec } from "./monitoring.ts";
import { createFolders, dataFolder } from "./paths.ts";
import { freePort } from "./ports.ts";
import { makeSupervisor } from "./supervisor.ts";

const dir = mkdtempSync(join(tmpdir(), "episante-monitoring-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const program = findPrometheus({});

test("an override that does not run is said, a missing Prometheus is not a failure", () => {
  expect(() => findPrometheus({ EPISANTE_PROMETHEUS: "/nowhere/prometheus" })).toThrow("does not run");
});

test("every process is watched at its own port, on this machine only", () => {
  const ports = Object.fromEntries([...serviceNames, monitorName].map((name, index) => [name, 20_000 + index]));
  const { scrape_configs } = JSON.parse(prometheusConfig(ports)) as {
    scrape_configs: { static_configs: { targets: string[]; labels?: { service: string } }[] }[];
  };
  const watched = scrape_configs[0]?.static_configs.map(({ targets, labels }) => [labels?.service, targets[0]]);
  expect(watched).toEqual(serviceNames.map((name) => [name, `127.0.0.1:${ports[name]}`]));
});

test.skipIf(program === null)("Prometheus takes the settings and the rules, and is ready (skipped where it is not installed)", async () => {
  const folder = dataFolder(join(dir, "data"));
  createFolders(folder);
  const port = await freePort();
  const ports = { ...Object.fromEntries(serviceNames.map((name, index) => [name, index + 1])), [monitorName]: port };
  const supervisor = makeSupervisor({ logsDir: folder.logs, onEvent: () => {}, onChange: () => {} });
  supervisor.start(prometheusSpec(program ?? "", folder, ports));
  try {
    await supervisor.ready([monitorName], 30_000);
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/rules`);
    const { data } = (await answer.json()) as { data: { groups: { name: string }[] } };
    expect(data.groups.map(({ name }) => name).sort()).toEqual(["host", "patients", "system"]);
    const watched = async () => {
      const answer = (await (await fetch(`http://127.0.0.1:${port}/api/v1/targets`)).json()) as {
        data: { activeTargets: { labels: { job: string; service?: string } }[] };
      };
      return answer.data.activeTargets.filter(({ labels }) => labels.job === "episante").map(({ labels }) => labels.service ?? "");
    };
    // Targets are taken up just after readiness.
    for (let attempt = 0; attempt < 100 && (await watched()).length === 0; attempt++) await Bun.sleep(100);
    expect((await watched()).sort()).toEqual([...serviceNames].sort());
  } finally {
    await supervisor.stop([]);
  }
});
