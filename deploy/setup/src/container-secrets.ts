import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { passwordFault } from "@episante/service/secret-files";
import { consumers, databaseAdminPassword } from "./consumers.ts";
import { databaseMonitor, databaseMonitorPassword, databaseOf, databaseServices, type ServerOf, writeDatabaseUrls } from "./databases.ts";
import { Failure } from "./failure.ts";
import { type InstallKind, natsPort, natsStore } from "./layout.ts";
import { natsConfig } from "./nats-config.ts";
import { ensureCalloutKey, ensureSigningKeys, openSecrets, type Secrets, signers } from "./secrets.ts";

/** In containers every service has a Postgres of its own. */
export const ownServers: ServerOf = (service) => ({
  host: `${service}-db`,
  port: 5432,
  adminPasswordName: databaseAdminPassword(service),
});

export interface DealInput {
  /** Folder with all secrets of the installation. */
  readonly all: string;
  /** Folder that has one folder per container. */
  readonly perConsumer: string;
  readonly kind: InstallKind;
  /** Address of the mail server with its password, if one was given. */
  readonly smtpUrl: string | null;
  /** Gives files to the users that read them. Off where a test is not root. */
  readonly giveAway: boolean;
}

/**
 * Makes whatever secret is missing and deals each container its own. Existing ones are never replaced.
 * @throws Failure naming a secret that is weak: somebody has put it there by hand
 */
export async function dealSecrets({ all, perConsumer, kind, smtpUrl, giveAway }: DealInput): Promise<void> {
  mkdirSync(all, { recursive: true, mode: 0o700 });
  const secrets = openSecrets(all);
  await ensureSigningKeys(secrets, signers);
  for (const service of databaseServices)
    for (const role of ["admin", "owner"]) secrets.password(`${databaseOf[service]}-${role}.password`);
  writeDatabaseUrls(ownServers, secrets);
  const calloutKey = ensureCalloutKey(secrets);
  secrets.put("nats.conf", brokerConfig(secrets, calloutKey));
  secrets.password("s3.user");
  secrets.password("s3.password");
  secrets.password("grafana-admin.password");
  secrets.put("postgres-exporter.yml", exporterConfig(secrets));
  secrets.put("smtp.url", smtpUrl ?? "");
  secrets.put("mode", kind);
  secrets.put("mail", smtpUrl ? "smtp" : kind === "demo" ? "capture" : "off");
  refuseWeak(secrets);
  for (const consumer of consumers) {
    const folder = join(perConsumer, consumer.name);
    mkdirSync(folder, { recursive: true });
    for (const [name, from] of Object.entries(consumer.files)) hand(secrets.path(from), join(folder, name), consumer.uid, giveAway);
    chmodSync(folder, 0o750);
    if (giveAway) chownSync(folder, 0, consumer.uid);
  }
}

/** Settings of postgres-exporter (JSON is YAML): it takes a password in this file only. Networks of databases are their own, without TLS. */
function exporterConfig(secrets: Pick<Secrets, "password">): string {
  const userpass = { username: databaseMonitor, password: secrets.password(databaseMonitorPassword) };
  return JSON.stringify({ auth_modules: { monitor: { type: "userpass", userpass, options: { sslmode: "disable" } } } });
}

function brokerConfig(secrets: Secrets, calloutKey: string): string {
  return natsConfig({ host: "0.0.0.0", ...natsPort, storeDir: natsStore, calloutKey, secrets });
}

/** Looks at every password there is: what was made here is good, what somebody put there may not be. */
function refuseWeak(secrets: Secrets): void {
  const names = new Set(consumers.flatMap(({ files }) => Object.values(files)).filter((name) => name.endsWith(".password")));
  for (const name of names) {
    const fault = passwordFault(readFileSync(secrets.path(name), "utf8").trim());
    if (fault) throw new Failure(`The secret ${name} ${fault} (docs/install.md, "Secrets", tells where it is).`);
  }
}

/** Copies a secret in one step; unchanged ones are left alone. Its reader may read it, nobody else. */
function hand(from: string, to: string, uid: number, giveAway: boolean): void {
  if (!existsSync(to) || !readFileSync(from).equals(readFileSync(to))) {
    const draft = `${to}.new`;
    rmSync(draft, { force: true });
    writeFileSync(draft, "", { mode: 0o600 });
    copyFileSync(from, draft);
    renameSync(draft, to);
  }
  chmodSync(to, 0o440);
  if (giveAway) chownSync(to, 0, uid);
}
