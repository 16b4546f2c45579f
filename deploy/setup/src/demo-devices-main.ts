import { join } from "node:path";
import { demoSchema } from "./demo.ts";
import { Failure } from "./failure.ts";
import { readJson } from "./files.ts";
import { layout } from "./layout.ts";
import { streamSimulated } from "./simulate.ts";
import { runStep, say } from "./steps.ts";

/** The demo's simulated devices: stream until the container is stopped. */
await runStep(async () => {
  const demo = readJson(join(layout.demo, "demo.json"), demoSchema);
  if (!demo) throw new Failure("There is no demo.json: the demo clinic was not made. See: docker compose logs demo-seed");
  const stop = new AbortController();
  process.on("SIGTERM", () => stop.abort());
  let reportedAt = performance.now();
  const show = ({ sent, acked, refused }: { sent: number; acked: number; refused: number }) => {
    if (performance.now() - reportedAt < 60_000) return;
    reportedAt = performance.now();
    say(JSON.stringify({ level: "info", msg: `${sent} readings sent, ${acked} acked, ${refused} refused` }));
  };
  const tokens = demo.devices.filter(({ kind }) => kind !== "replay").map(({ token }) => token);
  await streamSimulated({ url: "http://gateway:8080", tokens, rateHz: 1, signal: stop.signal, show });
});
