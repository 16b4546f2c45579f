import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isKnownMetric, metricsAskedBy, metricsDeclaredIn } from "./observability.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const folder = join(root, "deploy/observability");
const read = (path: string) => readFileSync(join(folder, path), "utf8");

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly gridPos: { x: number; y: number; w: number; h: number };
  readonly targets?: readonly { expr: string; datasource: { type: string; uid: string } }[];
}
interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
}

const dashboards = readdirSync(join(folder, "grafana/dashboards")).map((name) => ({
  name,
  ...(JSON.parse(read(`grafana/dashboards/${name}`)) as Dashboard),
}));
const rules = readdirSync(join(folder, "prometheus/rules")).flatMap((name) => {
  const { groups } = Bun.YAML.parse(read(`prometheus/rules/${name}`)) as {
    groups: { rules: { alert: string; expr: string; labels?: { severity?: string }; annotations?: Record<string, string> }[] }[];
  };
  return groups.flatMap((group) => group.rules);
});

function knownMetrics(): Set<string> {
  const known = new Set(Object.values(JSON.parse(read("exporter-metrics.json")) as Record<string, string[]>).flat());
  for (const path of new Bun.Glob("{svc,edge,pkg,pipeline}/**/src/**/*.ts").scanSync({ cwd: root })) {
    if (path.includes("node_modules") || path.includes(".test.")) continue;
    for (const name of metricsDeclaredIn(readFileSync(join(root, path), "utf8"))) known.add(name);
  }
  return known;
}

test("every metric that rules and dashboards ask for is declared in the code or listed with its exporter", () => {
  const known = knownMetrics();
  const asked = [
    ...rules.map(({ alert, expr }) => ({ where: alert, expr })),
    ...dashboards.flatMap(({ name, panels }) =>
      panels.flatMap(({ title, targets = [] }) =>
        targets.filter(({ datasource }) => datasource.type === "prometheus").map(({ expr }) => ({ where: `${name}: ${title}`, expr })),
      ),
    ),
  ];
  const unknown = asked.flatMap(({ where, expr }) =>
    metricsAskedBy(expr)
      .filter((name) => !isKnownMetric(name, known))
      .map((name) => `${where}: ${name}`),
  );
  expect(unknown).toEqual([]);
  expect(asked.length).toBeGreaterThan(100);
});

test("names are found in expressions and declarations, and a misspelt one is noticed", () => {
  expect(
    metricsAskedBy(
      'sum by (service, le) (rate(http_request_seconds_bucket{route="a and b"}[5m])) / on (service) group_left (version) up unless x',
    ),
  ).toEqual(["http_request_seconds_bucket", "up", "x"]);
  expect(metricsAskedBy("histogram_quantile(0.5, sum(rate(a_bucket[$__rate_interval]))) > 1e3 or vector(0)")).toEqual(["a_bucket"]);
  expect(metricsDeclaredIn('make.counter<"x">("a_total", "A"); asked(\n  "b", "B"); new Gauge({ name: "c", help })')).toEqual([
    "a_total",
    "b",
    "c",
  ]);
  expect(isKnownMetric("a_bucket", new Set(["a"]))).toBe(true);
  expect(isKnownMetric("a_totl", new Set(["a_total"]))).toBe(false);
});

test("every rule says how bad it is, what it means and what to do", () => {
  for (const { alert, labels, annotations } of rules) {
    expect([alert, labels?.severity]).toEqual([alert, expect.stringMatching(/^(critical|warning)$/)]);
    expect([alert, Object.keys(annotations ?? {}).sort()]).toEqual([alert, ["action", "description", "summary"]]);
  }
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
});

test("dashboards are whole: own ids, known data sources, panels within the grid that do not overlap", () => {
  expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(dashboards.length);
  for (const { name, panels } of dashboards) {
    expect([name, new Set(panels.map(({ id }) => id)).size]).toEqual([name, panels.length]);
    const taken = new Set<string>();
    for (const { title, type, gridPos, targets = [] } of panels) {
      for (const { datasource } of targets) expect(["prometheus", "loki"]).toContain(datasource.uid);
      if (type !== "row") expect([title, targets.length > 0]).toEqual([title, true]);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect([name, title, x < 24, taken.has(`${x} ${y}`)]).toEqual([name, title, true, false]);
          taken.add(`${x} ${y}`);
        }
    }
  }
});
