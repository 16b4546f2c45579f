import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Root of the checkout. */
export const repoRoot = resolve(fileURLToPath(new URL("../../..", import.meta.url)));

/** Where one instance keeps everything: state, secrets, logs. */
export interface DataFolder {
  readonly dir: string;
  readonly postgres: string;
  readonly nats: string;
  readonly lake: string;
  readonly objects: string;
  readonly logs: string;
  readonly secrets: string;
  readonly runFile: string;
  readonly demoFile: string;
  readonly seedFile: string;
  readonly installFile: string;
  readonly portsFile: string;
  readonly lockFile: string;
}

/** Names the files of a data folder; creates nothing. A relative folder is meant from where the command was typed. */
export function dataFolder(dir: string): DataFolder {
  const at = (name: string) => resolve(dir, name);
  return {
    dir: resolve(dir),
    postgres: at("postgres"),
    nats: at("nats"),
    lake: at("lake"),
    objects: at("objects"),
    logs: at("logs"),
    secrets: at("secrets"),
    runFile: at("run.json"),
    demoFile: at("demo.json"),
    seedFile: at("seed.json"),
    installFile: at("install.json"),
    portsFile: at("ports.json"),
    lockFile: at("supervisor.lock"),
  };
}

/** Creates the folders of an instance, closed to others: they hold secrets and health data. */
export function createFolders(folder: DataFolder): void {
  mkdirSync(folder.dir, { recursive: true });
  for (const dir of [folder.nats, folder.lake, folder.objects, folder.logs, folder.secrets])
    mkdirSync(dir, { recursive: true, mode: 0o700 });
}
