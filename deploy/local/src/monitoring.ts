import { join } from "node:path";
import { serviceNames } from "@episante/contracts/session";
import { Failure } from "@episante/setup/failure";
import { writePrivate } from "@episante/setup/files";
import { type LauncherConfig, plainEnvironment } from "./config.ts";
import { answersOk } from "./http.ts";
import { type DataFolder, repoRoot } from "./paths.ts";
import { instanceVariable } from "./pids.ts";
import type { ProcessSpec } from "./supervisor.ts";

/** Name of the process that watches the others; the clinic works without it. */
export const monitorName = "prometheus";

/** What to do where there is none. */
export const howToInstall =
  "Prometheus is not on PATH, so nothing is watched; everything else starts. Install it (Debian: apt-get install prometheus, macOS: brew install prometheus) or set EPISANTE_PROMETHEUS to the program.";

/**
 * The Prometheus to run: the override, else the one on PATH; null when there is none.
 * @throws Failure when the override does not run
 */
export function findPrometheus({ EPISANTE_PROMETHEUS: override }: Pick<LauncherConfig, "EPISANTE_PROMETHEUS">): string | null {
  if (override && !runs(override)) throw new Failure(`EPISANTE_PROMETHEUS=${override} does not run.`);
  const found = override ?? Bun.which("prometheus");
  return found && runs(found) ? found : null;
}

function runs(program: string): boolean {
  try {
    return Bun.spawnSync([program, "--version"]).exitCode === 0;
  } catch {
    return false;
  }
}

/**
 * Prometheus' settings for one native instance (JSON is YAML): every process by its real port, and the product's rules. Job and label
 * names are those of deploy/observability, so that rules and dashboards fit both.
 */
export function prometheusConfig(ports: Readonly<Record<string, number>>): string {
  const at = (name: string) => `127.0.0.1:${ports[name]}`;
  return JSON.stringify(
    {
      global: { scrape_interval: "10s", evaluation_interval: "10s" },
      rule_files: [join(repoRoot, "deploy/observability/prometheus/rules/*.yml")],
      scrape_configs: [
        {
          job_name: "episante",
          // Processes name themselves; the label of the target is for `up`.
          honor_labels: true,
          static_configs: serviceNames.map((service) => ({ targets: [at(service)], labels: { service } })),
        },
        { job_name: "prometheus", static_configs: [{ targets: [at(monitorName)] }] },
      ],
    },
    null,
    2,
  );
}

/** How Prometheus is kept running: on this machine only, its data in the data folder. */
export function prometheusSpec(program: string, folder: DataFolder, ports: Readonly<Record<string, number>>): ProcessSpec {
  const port = ports[monitorName] ?? 0;
  const configFile = join(folder.dir, "prometheus.json");
  writePrivate(configFile, prometheusConfig(ports));
  const readyUrl = `http://127.0.0.1:${port}/-/ready`;
  return {
    name: monitorName,
    command: [
      program,
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(folder.dir, "prometheus")}`,
      "--storage.tsdb.retention.time=15d",
      "--storage.tsdb.retention.size=1GB",
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.level=warn",
    ],
    env: { ...plainEnvironment(), [instanceVariable]: folder.dir },
    cwd: folder.dir,
    stopSignal: "SIGTERM",
    port,
    readyUrl,
    isReady: () => answersOk(readyUrl),
  };
}
