import { type DiskWatchOptions, watchDisk } from "@episante/service/disk";
import { type ProcessRef, signal } from "./pids.ts";

const reserveBytes = 64 * 1024 * 1024;

/**
 * Restarts nats-server when there is room again after there was none: a stream whose write failed once for want of room refuses
 * every later one until then, while the server calls itself healthy (seen with 2.14.0). What it acknowledged is on disk.
 * @param broker the running server, or null between two lives
 * @returns ends the watch
 */
export async function watchRoom(options: {
  readonly folder: string;
  readonly broker: () => ProcessRef | null;
  readonly say: (text: string) => void;
  readonly measure?: DiskWatchOptions["measure"];
  readonly everyMs?: number;
}): Promise<() => void> {
  const { folder, broker, say, measure, everyMs } = options;
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  const more = { ...(measure ? { measure } : {}), ...(everyMs === undefined ? {} : { everyMs }) };
  const watch = await watchDisk({ paths: [folder], reserveBytes, log: quiet, ...more });
  watch.onChange((isFull) => {
    if (isFull) {
      say(`Disk full: nearly no room is left for ${folder}. Free some; devices keep their readings meanwhile.`);
      return;
    }
    say("There is room again: nats-server is restarted, so that its streams take messages again.");
    const server = broker();
    if (server) signal(server, "SIGINT");
  });
  return watch.stop;
}
