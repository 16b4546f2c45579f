import { fileURLToPath } from "node:url";
import { plainEnvironment } from "./config.ts";
import type { ProcessRef } from "./pids.ts";

const script = fileURLToPath(new URL("./guardian.sh", import.meta.url));

/**
 * A shell of its own session that stops the processes named to it once this process is gone, even after `kill -9`: it notices
 * that its standard input closes.
 */
export interface Guardian {
  add(ref: ProcessRef, stopSignal: "SIGTERM" | "SIGINT"): void;
  remove(pid: number): void;
  /** Ends it without stopping anything. */
  dismiss(): Promise<void>;
}

export function startGuardian(): Guardian {
  const guarded = new Map<number, string>();
  let dismissed = false;
  let shell = spawn();

  function spawn() {
    const child = Bun.spawn(["sh", script], {
      stdin: "pipe",
      stdout: "ignore",
      stderr: "ignore",
      cwd: "/",
      env: plainEnvironment(),
      detached: true,
    });
    void child.exited.then(() => {
      if (dismissed) return;
      shell = spawn();
      for (const line of guarded.values()) tell(line);
    });
    return child;
  }
  function tell(line: string): void {
    shell.stdin.write(`${line}\n`);
    shell.stdin.flush();
  }

  return {
    add: (ref, stopSignal) => {
      const started = process.platform === "linux" ? ref.started : "-";
      const line = `+ ${ref.pid} ${stopSignal.slice(3)} ${started}`;
      guarded.set(ref.pid, line);
      tell(line);
    },
    remove: (pid) => {
      if (guarded.delete(pid)) tell(`- ${pid}`);
    },
    dismiss: async () => {
      dismissed = true;
      tell(".");
      await shell.stdin.end();
      await shell.exited;
    },
  };
}
