import { messageOf } from "@episante/setup/failure";
import { streamSimulated } from "@episante/setup/simulate";
import { readDemo } from "./demo.ts";
import { dataFolder } from "./paths.ts";
import { say } from "./terminal.ts";

/** The demo's simulated devices, as a supervised process of their own. */
const [dir = "", url = ""] = process.argv.slice(2);
const stop = new AbortController();
process.on("SIGTERM", () => stop.abort());
try {
  const demo = readDemo(dataFolder(dir));
  const tokens = (demo?.devices ?? []).filter(({ kind }) => kind !== "replay").map(({ token }) => token);
  let reportedAt = performance.now();
  const show = (news: { sent: number; acked: number; refused: number }) => {
    if (performance.now() - reportedAt < 60_000) return;
    reportedAt = performance.now();
    say(JSON.stringify({ level: "info", msg: `${news.sent} readings sent, ${news.acked} acked, ${news.refused} refused` }));
  };
  await streamSimulated({ url, tokens, rateHz: 1, signal: stop.signal, show });
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
process.exit();
