import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { serviceNames } from "@episante/contracts/session";
import type { Demo } from "@episante/setup/demo";
import { Failure } from "@episante/setup/failure";
import { writePrivate } from "@episante/setup/files";
import { callersEnvironment, launcherConfig, plainEnvironment } from "./config.ts";
import { readDemo } from "./demo.ts";
import { type Instance, startInstance, stoppable } from "./instance.ts";
import { followLogs, openLog, quietRepeats, readLine } from "./logs.ts";
import { monitorName } from "./monitoring.ts";
import { type DataFolder, repoRoot } from "./paths.ts";
import { instanceVariable, isAlive, refTo } from "./pids.ts";
import { prepareFolder } from "./preflight.ts";
import { lockHolder, readRunState } from "./state.ts";
import { backgroundNice, type SupervisorEvent } from "./supervisor.ts";
import { makePrefixer, say } from "./terminal.ts";
import { inviteAdmin } from "./user.ts";

export interface UpOptions {
  readonly folder: DataFolder;
  readonly port: number;
  readonly kind: "demo" | "production";
  readonly testClock: boolean;
  /** Invited at the first start of a real installation. */
  readonly adminEmail: string;
  readonly verbose: boolean;
  /** Also streams simulated readings. */
  readonly simulate: boolean;
  /** Also starts Prometheus, where there is one. */
  readonly monitoring: boolean;
}

const processNames = ["postgres", "nats", ...serviceNames, "devices", monitorName];
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs an instance in the foreground until it is told to stop. */
export async function runUp(options: UpOptions): Promise<void> {
  const { folder } = options;
  const startedAt = performance.now();
  const stop = new AbortController();
  let impatient = 0;
  for (const name of signals) {
    process.on(name, () => {
      if (!stop.signal.aborted) say("\nStopping…");
      // Ctrl-C again and again: leave at once, the guardian stops the rest.
      if (++impatient > 2) process.exit(130);
      stop.abort();
    });
  }
  prepareFolder(folder, launcherConfig().EPISANTE_MIN_FREE_MIB);
  const coloured = process.stdout.isTTY === true && launcherConfig().NO_COLOR === undefined;
  const prefix = makePrefixer(processNames, coloured);
  const quiet = quietRepeats();
  // Servers complain about being asked whether they are ready; a failed start shows their last words anyway.
  const hasBeenReady = new Set<string>();
  const isServer = (name: string) => name === "postgres" || name === "nats";
  const unfollow = followLogs(folder.logs, processNames, (name, text) => {
    const line = readLine(text);
    if (options.verbose) say(prefix(name, line));
    else if ((line.level === "warn" || line.level === "error") && !stop.signal.aborted && (hasBeenReady.has(name) || !isServer(name))) {
      // Times, process and connection numbers differ from line to line.
      const { show, repeated } = quiet(`${name} ${line.text.replace(/\d+/g, "0")}`, performance.now());
      if (show) say(prefix(name, repeated > 0 ? { ...line, text: `${line.text}  (${repeated} more since)` } : line));
    }
  });
  const onEvent = (event: SupervisorEvent) => {
    if (stop.signal.aborted) return;
    if (event.kind === "ready")
      say(prefix(event.name, { level: "info", text: `ready${event.again ? " again" : ""} after ${Math.round(event.ms)} ms` }));
    else {
      const wait = event.restartInMs === 0 ? "at once" : `in ${event.restartInMs / 1000} s`;
      say(prefix(event.name, { level: "error", text: `${event.reason}; restarting ${wait}` }));
    }
  };
  try {
    const instance = await startInstance({
      folder,
      publicPort: options.port,
      kind: options.kind,
      testClock: options.testClock,
      monitoring: options.monitoring,
      say,
      onEvent,
      signal: stop.signal,
    });
    try {
      await makeUsable(options, instance, stop.signal, startedAt);
      await untilAborted(stop.signal);
    } finally {
      await instance.stop();
    }
  } finally {
    unfollow();
  }
  say("Stopped.");
}

async function makeUsable(options: UpOptions, instance: Instance, stop: AbortSignal, startedAt: number): Promise<void> {
  const { folder } = options;
  const unlessStopped = stoppable(stop);
  let news: string;
  if (options.kind === "demo") {
    if (!instance.seeded) {
      await runSeed(folder, instance, stop);
      instance.markSeeded();
    }
    const demo = refreshDemoUrl(folder, instance.url);
    if (options.simulate) instance.supervisor.start(devicesSpec(folder, instance));
    news = welcome(demo, options);
  } else {
    const link = instance.seeded ? null : await unlessStopped(inviteAdmin(folder, { email: options.adminEmail }));
    if (link) instance.markSeeded();
    news = [
      `EpiSanté is ready: ${instance.url}`,
      ...(launcherConfig().SMTP_URL
        ? []
        : ["No mail server is set: confirmations wait in the queue. Start with SMTP_URL to send them (docs/install.md)."]),
      ...(link
        ? [
            `First administrator (${link.email}), valid until ${link.expiresAt}:`,
            `  ${link.url}`,
            `Another invitation: ./episante user add --data ${folder.dir}`,
          ]
        : []),
    ].join("\n");
  }
  const { EPISANTE_NEWS_FILE: newsFile } = launcherConfig();
  if (newsFile) writePrivate(newsFile, `\n${news}\n\n`);
  else say(`\n${news}\n`);
  if (instance.monitoringUrl) say(`Monitoring: ${instance.monitoringUrl} (alerts: ${instance.monitoringUrl}/alerts)`);
  instance.markReady();
  const hint = options.verbose ? "" : " (--verbose shows them here)";
  say(`Ready in ${((performance.now() - startedAt) / 1000).toFixed(1)} s. Logs: ${folder.logs}${hint}`);
}

/** Makes the demo clinic in a process of its own, whose memory goes with it. */
async function runSeed(folder: DataFolder, instance: Instance, stop: AbortSignal): Promise<void> {
  const seed = Bun.spawn(
    [process.execPath, "--no-env-file", join(import.meta.dir, "seed-main.ts"), folder.dir, instance.url, String(instance.ports.auth)],
    {
      cwd: repoRoot,
      env: { ...plainEnvironment(), [instanceVariable]: folder.dir },
      stdout: "inherit",
      stderr: "pipe",
      signal: stop,
    },
  );
  const said = await new Response(seed.stderr).text();
  if ((await seed.exited) !== 0)
    throw new Failure(stop.aborted ? "Stopped before everything was up." : `The demo clinic could not be made: ${said.trim()}`);
}

function devicesSpec(folder: DataFolder, instance: Instance) {
  return {
    name: "devices",
    command: [process.execPath, "--no-env-file", join(import.meta.dir, "devices-main.ts"), folder.dir, instance.url],
    env: { ...plainEnvironment(), [instanceVariable]: folder.dir },
    cwd: repoRoot,
    stopSignal: "SIGTERM" as const,
    nice: backgroundNice,
    isReady: () => Promise.resolve(true),
  };
}

/** The port may differ from that of the first start. */
function refreshDemoUrl(folder: DataFolder, url: string): Demo {
  const demo = readDemo(folder);
  if (!demo) throw new Failure(`${folder.demoFile} is missing: the demo clinic's logins are lost. Delete ${folder.dir} to make a new one.`);
  if (demo.url === url) return demo;
  const moved = { ...demo, url };
  writePrivate(folder.demoFile, `${JSON.stringify(moved, null, 2)}\n`);
  return moved;
}

function welcome(demo: Demo, options: UpOptions): string {
  const shown = ["patient", "doctor", "staff", "admin"] as const;
  const logins = shown.flatMap((role) =>
    demo.accounts.filter((account) => account.role === role).slice(0, role === "doctor" || role === "patient" ? 2 : 1),
  );
  const width = Math.max(...logins.map(({ email }) => email.length));
  return [
    `EpiSanté is ready: ${demo.url}   (console of the clinic: ${demo.url}/console)`,
    "",
    ...logins.map(({ role, email, password }) => `  ${role.padEnd(8)} ${email.padEnd(width)}  ${password}`),
    "",
    `All accounts and device tokens: ${options.folder.demoFile}`,
    ...(options.simulate
      ? ["Simulated devices are streaming; one desaturates about a minute from now: sign in as the first doctor and watch the console."]
      : []),
  ].join("\n");
}

function untilAborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  else signal.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}

/**
 * Starts an instance in the background and returns when it is ready.
 * @throws Failure with the background's last words when it gives up
 */
export async function runDetached(folder: DataFolder, words: readonly string[]): Promise<void> {
  prepareFolder(folder, launcherConfig().EPISANTE_MIN_FREE_MIB);
  const holder = lockHolder(folder);
  if (holder)
    throw new Failure(`EpiSanté already runs on ${folder.dir} (process ${holder.pid}). Stop it with: ./episante down --data ${folder.dir}`);
  const log = openLog(folder.logs, "supervisor");
  const logFile = join(folder.logs, "supervisor.log");
  const newsFile = join(folder.dir, "news.txt");
  let shownTo = statSync(logFile).size;
  const child = Bun.spawn([process.execPath, "--no-env-file", join(import.meta.dir, "cli.ts"), "up", ...words], {
    stdin: "ignore",
    stdout: log,
    stderr: log,
    cwd: process.cwd(),
    env: callersEnvironment({ EPISANTE_NEWS_FILE: newsFile }),
    detached: true,
  });
  const started = refTo(child.pid);
  const showNews = () => {
    const news = readFileSync(logFile).subarray(shownTo);
    shownTo += news.length;
    process.stdout.write(news);
  };
  while (started && isAlive(started)) {
    const state = readRunState(folder);
    if (state?.phase === "ready" && state.supervisor.pid === started.pid) {
      await Bun.sleep(50);
      process.stdout.write(readFileSync(newsFile));
      rmSync(newsFile, { force: true });
      showNews();
      child.unref();
      return;
    }
    showNews();
    await Bun.sleep(100);
  }
  showNews();
  throw new Failure(`EpiSanté did not start. Everything it said: ${logFile}`);
}
