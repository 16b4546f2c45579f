import { natsCommand, natsEnvironment } from "@episante/service/runtime";
import type { Secrets } from "@episante/setup/secrets";
import { plainEnvironment } from "./config.ts";
import { answersOk } from "./http.ts";
import type { DataFolder } from "./paths.ts";
import { instanceVariable } from "./pids.ts";
import { as, type PostgresPrograms, postgresAnswers, postgresCommand } from "./postgres.ts";
import type { ProcessSpec } from "./supervisor.ts";

function common(folder: DataFolder) {
  return { cwd: folder.dir, env: { ...plainEnvironment(), [instanceVariable]: folder.dir }, stopSignal: "SIGINT" as const };
}

/** How Postgres is kept running. */
export function postgresSpec(programs: PostgresPrograms, folder: DataFolder, secrets: Secrets, port: number): ProcessSpec {
  return {
    ...common(folder),
    ...as(programs),
    name: "postgres",
    port,
    command: postgresCommand(programs, folder, port),
    isReady: () => postgresAnswers(port, secrets.password("postgres-admin.password")),
  };
}

/** How nats-server is kept running. */
export function natsSpec(program: string, folder: DataFolder, configFile: string, port: number, monitorPort: number): ProcessSpec {
  const readyUrl = `http://127.0.0.1:${monitorPort}/healthz`;
  const { env, ...rest } = common(folder);
  const command = natsCommand(program, configFile);
  return { ...rest, env: { ...env, ...natsEnvironment }, name: "nats", port, readyUrl, command, isReady: () => answersOk(readyUrl) };
}
