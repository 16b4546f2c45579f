import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { waitFor } from "./wait-for.ts";

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test("servers and folders of a killed test process are gone soon after it", async () => {
  const code = `
    import { startNats, temporaryFolder } from ${JSON.stringify(new URL("servers.ts", import.meta.url).href)};
    const folder = temporaryFolder("janitor");
    const server = await startNats();
    process.stdout.write(JSON.stringify({ folder, monitorUrl: server.monitorUrl }) + "\\n");
    await new Promise(() => {});`;
  const child = Bun.spawn([process.execPath, "-e", code], { stdout: "pipe", stderr: "ignore" });
  const { value } = await child.stdout.getReader().read();
  const { folder, monitorUrl } = JSON.parse(new TextDecoder().decode(value));
  expect(existsSync(folder)).toBe(true);
  expect((await fetch(`${monitorUrl}/healthz`)).ok).toBe(true);
  child.kill("SIGKILL");
  await child.exited;
  await waitFor(
    async () =>
      !existsSync(folder) &&
      (await fetch(`${monitorUrl}/healthz`).then(
        () => false,
        () => true,
      )),
  );
  expect(isAlive(child.pid)).toBe(false);
});
