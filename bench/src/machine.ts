import { readFileSync, statfsSync } from "node:fs";
import { arch, cpus, loadavg, platform, release, totalmem } from "node:os";

/** Where the figures come from; no ratio is shown without it. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  /** Device, file system and options under the folder that was written to. */
  readonly disk: string;
  /** Mean number of runnable processes over the last minute, before the run. */
  readonly load1: number;
}

const tmpfsMagic = 0x01021994;

/** Describes the machine and the disk under a folder. */
export function describeMachine(folder: string): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: `${platform()} ${release()} ${arch()}`,
    disk: diskOf(folder),
    load1: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

/** True when the folder lies in memory, where an fsync costs nothing and no durability can be measured. */
export function isInMemory(folder: string): boolean {
  return statfsSync(folder).type === tmpfsMagic;
}

function diskOf(folder: string): string {
  try {
    const mounts = readFileSync("/proc/mounts", "utf8")
      .split("\n")
      .map((line) => line.split(" "))
      .filter(([, point = ""]) => point === "/" || folder === point || folder.startsWith(`${point}/`))
      .sort((a, b) => (b[1]?.length ?? 0) - (a[1]?.length ?? 0));
    const [device, , type, options] = mounts[0] ?? [];
    return device ? `${device} ${type} (${options})` : "unknown";
  } catch {
    return "unknown";
  }
}
