import { expect, test } from "bun:test";
import { serviceNames } from "@episante/contracts/session";
import { dataFolder } from "./paths.ts";
import { environmentOf, type PlanInput, portNames } from "./plan.ts";

const input: PlanInput = {
  folder: dataFolder("/data"),
  secrets: { path: (name) => `/data/secrets/${name}` },
  ports: Object.fromEntries(portNames.map((name, index) => [name, 20_000 + index])),
  publicPort: 8080,
  mode: "demo",
  testClock: false,
  inherited: { PATH: "/bin" },
};

test("secrets reach a process as files only", () => {
  for (const service of serviceNames) {
    const names = Object.keys(environmentOf(service, input));
    expect(names.filter((name) => /PASSWORD|KEY|SEED|DATABASE_URL/.test(name) && !name.endsWith("_FILE"))).toEqual([]);
  }
});

test("each service gets its own database, key and NATS user, and the address of the others", () => {
  const alert = environmentOf("alert", input);
  expect(alert.DATABASE_URL_FILE).toBe("/data/secrets/alertdb-app.url");
  expect(alert.SIGNING_KEY_FILE).toBe("/data/secrets/alert.jwk");
  expect(alert.NATS_USER).toBe("alert");
  expect(alert.UPSTREAM_PATIENT).toBe(`http://127.0.0.1:${input.ports.patient}`);
  expect(environmentOf("gateway", input).DATABASE_URL_FILE).toBeUndefined();
});

test("only the gateway listens on the public port, its internal one apart", () => {
  expect(environmentOf("gateway", input).PORT).toBe("8080");
  expect(environmentOf("gateway", input).OPS_PORT).toBe(String(input.ports.gateway));
  expect(serviceNames.filter((service) => environmentOf(service, input).PORT === "8080")).toEqual(["gateway"]);
});

test("the gold reader's login goes to svc/doctor alone, the callout's key to svc/ingest alone", () => {
  const holders = (name: string) => serviceNames.filter((service) => environmentOf(service, input)[name] !== undefined);
  expect(holders("GOLD_DATABASE_URL_FILE")).toEqual(["doctor"]);
  expect(holders("CALLOUT_SEED_FILE")).toEqual(["ingest"]);
});

test("one setting turns traces on for every process; without it none is told of a collector", () => {
  const told = (more: Partial<PlanInput>) =>
    serviceNames.map((service) => environmentOf(service, { ...input, ...more }).OTEL_EXPORTER_OTLP_ENDPOINT);
  expect(told({})).toEqual(serviceNames.map(() => undefined));
  const traces = { endpoint: "http://127.0.0.1:4318", share: 0.1 };
  expect(told({ traces })).toEqual(serviceNames.map(() => traces.endpoint));
  expect(environmentOf("alert", { ...input, traces }).OTEL_TRACES_SAMPLER_ARG).toBe("0.1");
});

test("the settings of the operations page reach the gateway and nobody else", () => {
  const operations = { GRAFANA_URL: "https://clinic.example/grafana" };
  const told = serviceNames.filter((service) => environmentOf(service, { ...input, operations }).GRAFANA_URL === operations.GRAFANA_URL);
  expect(told).toEqual(["gateway"]);
});

test("a real clinic without a mail server keeps its messages waiting; only a demo captures them", () => {
  const mail = (more: Partial<PlanInput>) => environmentOf("notification", { ...input, ...more });
  expect(mail({}).MAIL).toBe("capture");
  expect(mail({ mode: "production" }).MAIL).toBe("off");
  expect(mail({ mode: "production", smtpUrlFile: "/data/secrets/smtp.url", publicUrl: "https://rdv.example" })).toMatchObject({
    MAIL: "smtp",
    SMTP_URL_FILE: "/data/secrets/smtp.url",
    PUBLIC_URL: "https://rdv.example",
  });
});
