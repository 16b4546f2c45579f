import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { serviceNames } from "@episante/contracts/session";
import { localServer, writeDatabaseUrls } from "@episante/setup/databases";
import { Failure } from "@episante/setup/failure";
import { writePrivate } from "@episante/setup/files";
import { natsConfig } from "@episante/setup/nats-config";
import { ensureCalloutKey, ensureSigningKeys, openSecrets, type Secrets, signers } from "@episante/setup/secrets";
import { type LauncherConfig, launcherConfig, operationsEnvironment, plainEnvironment, retentionEnvironment } from "./config.ts";
import { answersOk } from "./http.ts";
import { clearLeftovers } from "./leftovers.ts";
import { findPrometheus, howToInstall, monitorName, prometheusSpec } from "./monitoring.ts";
import { findNats } from "./nats.ts";
import { createFolders, type DataFolder, repoRoot } from "./paths.ts";
import { instanceVariable, refTo } from "./pids.ts";
import { environmentOf, mainOf, type PlanInput, portNames, readyUrlOf } from "./plan.ts";
import { isPortFree, reservePorts } from "./ports.ts";
import { ensureCluster, findPostgres } from "./postgres.ts";
import { checkSecrets, checkVersion, markVersion, prepareFolder, readInstall } from "./preflight.ts";
import { watchRoom } from "./room.ts";
import { natsSpec, postgresSpec } from "./servers.ts";
import { takeLock, writeRunState } from "./state.ts";
import { backgroundNice, makeSupervisor, type ProcessSpec, type Supervisor, type SupervisorEvent } from "./supervisor.ts";
import { buildUi } from "./ui-build.ts";

export interface InstanceOptions {
  readonly folder: DataFolder;
  readonly publicPort: number;
  /** A demo clinic, or an empty installation in production mode. */
  readonly kind: "demo" | "production";
  readonly testClock: boolean;
  /** Also starts Prometheus, where there is one. */
  readonly monitoring: boolean;
  readonly say: (text: string) => void;
  readonly onEvent: (event: SupervisorEvent) => void;
  /** Aborted by Ctrl-C and the like: starting is given up and undone. */
  readonly signal: AbortSignal;
}

export interface Instance {
  readonly url: string;
  /** Where Prometheus answers on this machine, when it was asked for and found. */
  readonly monitoringUrl?: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly secrets: Secrets;
  readonly supervisor: Supervisor;
  /** False when the demo clinic has still to be made. */
  readonly seeded: boolean;
  markSeeded(): void;
  /** Says in run.json that everything is up. */
  markReady(): void;
  stop(): Promise<void>;
}

const servers = ["postgres", "nats"];
/** What nobody waits for. The store of readings too: the slowest alerts were those that met one of its transactions. */
const inBackground: readonly string[] = ["audit", "ingest", "notification", "pipeline"];
/** The way of a reading to the doctor's screen, besides the servers. All others have half its weight (1024 and 526, sched(7)), as in the containers. */
const onTheWay: readonly string[] = ["gateway", "alert"];
const niceOf = (service: string) => (inBackground.includes(service) ? backgroundNice : onTheWay.includes(service) ? 0 : 3);

/**
 * Starts one instance: folder, secrets, Postgres and NATS, the migrate step, then every process. Ready when all say so.
 * @throws Failure with what to do; whatever was started is stopped first
 */
export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const { folder, say, kind } = options;
  const config = launcherConfig();
  prepareFolder(folder, config.EPISANTE_MIN_FREE_MIB);
  const unlock = takeLock(folder);
  try {
    const left = await clearLeftovers(folder);
    if (left > 0) say(`Stopped ${left} processes that an earlier start had left behind.`);
    if (!(await isPortFree(options.publicPort))) {
      throw new Failure(
        `Port ${options.publicPort} is in use by another program. Choose another one, for example --port ${options.publicPort + 1}.`,
      );
    }
    checkVersion(folder);
    for (const warning of checkSecrets(folder)) say(warning);
    const { seeded } = openInstall(folder, kind, say);
    markVersion(folder);
    return await bringUp(options, config, seeded, unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

async function bringUp(options: InstanceOptions, config: LauncherConfig, seeded: boolean, unlock: () => void): Promise<Instance> {
  const { folder, say, publicPort } = options;
  const secrets = openSecrets(folder.secrets);
  await ensureSigningKeys(secrets, signers);
  const postgres = findPostgres(folder, config);
  const natsServer = findNats(config);
  const prometheus = options.monitoring ? findPrometheus(config) : null;
  if (options.monitoring && !prometheus) say(howToInstall);
  const { ports, release } = await reservePorts([...portNames, ...(prometheus ? [monitorName] : [])], folder.portsFile);
  const port = (name: string) => ports[name] ?? 0;
  writeDatabaseUrls(localServer(port("postgres")), secrets);
  const natsFile = secrets.put(
    "nats.conf",
    natsConfig({
      host: "127.0.0.1",
      port: port("nats"),
      monitorPort: port("nats-monitor"),
      storeDir: folder.nats,
      calloutKey: ensureCalloutKey(secrets),
      secrets,
    }),
  );
  const url = `http://localhost:${publicPort}`;
  const self = refTo(process.pid) ?? { pid: process.pid, started: "" };
  let phase: "starting" | "ready" | "stopping" = "starting";
  const supervisor = makeSupervisor({ logsDir: folder.logs, onEvent: options.onEvent, onChange: () => save() });
  const save = () => {
    const processes = supervisor.processes().flatMap(({ spec, ref }) => {
      if (!ref || spec.name === "devices") return [];
      const { name, port: own, readyUrl } = spec;
      return [{ name, ...ref, ...(own === undefined ? {} : { port: own }), ...(readyUrl === undefined ? {} : { readyUrl }) }];
    });
    writeRunState(folder, { url, phase, supervisor: self, processes });
  };
  let endRoomWatch = () => {};
  const stop = async () => {
    phase = "stopping";
    endRoomWatch();
    await supervisor.stop([["devices"], ["gateway"], serviceNames.filter((name) => name !== "gateway"), ["nats"], ["postgres"]]);
    rmSync(folder.runFile, { force: true });
    unlock();
  };
  save();
  try {
    const ui = buildUi(say);
    ui.catch(() => {});
    if (!existsSync(join(folder.postgres, "PG_VERSION"))) say("Creating the database…");
    const unlessStopped = stoppable(options.signal);
    await unlessStopped(ensureCluster(postgres, folder, secrets));
    supervisor.start({ ...postgresSpec(postgres, folder, secrets, port("postgres")), beforeStart: () => release("postgres") });
    supervisor.start({
      ...natsSpec(natsServer, folder, natsFile, port("nats"), port("nats-monitor")),
      beforeStart: async () => {
        await Promise.all([release("nats"), release("nats-monitor")]);
      },
    });
    await unlessStopped(supervisor.ready(servers, 60_000));
    const broker = () => supervisor.processes().find(({ spec }) => spec.name === "nats")?.ref ?? null;
    endRoomWatch = await watchRoom({ folder: folder.nats, broker, say });
    say("Preparing databases and streams…");
    await unlessStopped(runMigrateStep(folder, port("postgres"), port("nats")));
    await unlessStopped(ui);
    const plan: PlanInput = {
      folder,
      secrets,
      ports,
      publicPort,
      mode: options.kind,
      testClock: options.testClock,
      inherited: plainEnvironment(),
      operations: operationsEnvironment(),
      retention: retentionEnvironment(),
      ...smtp(config, secrets),
      ...(config.PUBLIC_URL ? { publicUrl: config.PUBLIC_URL } : {}),
      ...(config.MAIL_FROM ? { mailFrom: config.MAIL_FROM } : {}),
      ...(config.TRUSTED_PROXIES ? { trustedProxies: config.TRUSTED_PROXIES } : {}),
      ...(config.OTEL_EXPORTER_OTLP_ENDPOINT
        ? { traces: { endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT, share: config.OTEL_TRACES_SAMPLER_ARG } }
        : {}),
    };
    say("Starting the services…");
    for (const service of serviceNames) supervisor.start(serviceSpec(service, plan, () => release(service)));
    // Nobody waits for it: the clinic does not depend on being watched.
    if (prometheus)
      supervisor.start({ ...prometheusSpec(prometheus, folder, ports), nice: backgroundNice, beforeStart: () => release(monitorName) });
    await unlessStopped(supervisor.ready(serviceNames, 90_000));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    ...(prometheus ? { monitoringUrl: `http://127.0.0.1:${port(monitorName)}` } : {}),
    ports,
    secrets,
    supervisor,
    seeded,
    markSeeded: () => writePrivate(folder.installFile, JSON.stringify({ kind: options.kind, seeded: true })),
    markReady: () => {
      phase = "ready";
      save();
    },
    stop,
  };
}

/** Rejects a wait as soon as the signal is aborted. */
export function stoppable(signal: AbortSignal): <T>(work: Promise<T>) => Promise<T> {
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  stopped.catch(() => {});
  const giveUp = () => reject(new Failure("Stopped before everything was up."));
  if (signal.aborted) giveUp();
  else signal.addEventListener("abort", giveUp, { once: true });
  return (work) => Promise.race([work, stopped]);
}

function smtp(config: LauncherConfig, secrets: Secrets): { smtpUrlFile?: string } {
  return config.SMTP_URL ? { smtpUrlFile: secrets.put("smtp.url", config.SMTP_URL) } : {};
}

function serviceSpec(service: (typeof serviceNames)[number], plan: PlanInput, beforeStart: () => Promise<void>): ProcessSpec {
  const readyUrl = readyUrlOf(service, plan.ports);
  return {
    name: service,
    command: [process.execPath, "--no-env-file", mainOf(service)],
    env: environmentOf(service, plan),
    cwd: repoRoot,
    stopSignal: "SIGTERM",
    port: service === "gateway" ? plan.publicPort : (plan.ports[service] ?? 0),
    readyUrl,
    isReady: () => answersOk(readyUrl),
    beforeStart,
    nice: niceOf(service),
  };
}

async function runMigrateStep(folder: DataFolder, postgresPort: number, natsPort: number): Promise<void> {
  const step = Bun.spawn(
    [process.execPath, "--no-env-file", join(import.meta.dir, "migrate-main.ts"), folder.secrets, String(postgresPort), String(natsPort)],
    {
      cwd: repoRoot,
      env: { ...plainEnvironment(), [instanceVariable]: folder.dir },
      stdout: "ignore",
      stderr: "pipe",
    },
  );
  const said = await new Response(step.stderr).text();
  if ((await step.exited) !== 0) throw new Failure(`The databases and streams could not be prepared: ${said.trim()}`);
}

/**
 * A folder holds a demo or a real installation, for good. A demo whose making was interrupted is begun anew: nobody has used it.
 * @throws Failure when the folder holds the other kind
 */
function openInstall(folder: DataFolder, kind: InstanceOptions["kind"], say: (text: string) => void): { seeded: boolean } {
  const install = readInstall(folder);
  if (install && install.kind !== kind) {
    throw new Failure(
      install.kind === "demo"
        ? `${folder.dir} holds a demo clinic. Choose another folder with --data for a real installation.`
        : `${folder.dir} holds a real installation: start it with ./episante up --no-demo-data --data ${folder.dir}, or choose another folder with --data.`,
    );
  }
  if (install?.kind === "demo" && !install.seeded) {
    say("The demo clinic was not finished last time: starting it anew.");
    for (const path of [folder.postgres, folder.nats, folder.lake, folder.objects, folder.demoFile])
      rmSync(path, { recursive: true, force: true });
    createFolders(folder);
  }
  if (!install) writePrivate(folder.installFile, JSON.stringify({ kind, seeded: false }));
  return { seeded: install?.seeded ?? false };
}
