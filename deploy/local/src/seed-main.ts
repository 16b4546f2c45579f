import { messageOf } from "./failure.ts";
import { writePrivate } from "./files.ts";
import { operatorClient } from "./operator.ts";
import { dataFolder } from "./paths.ts";
import { seedDemo } from "./seed.ts";
import { say } from "./terminal.ts";

const [dir = "", url = "", authPort = ""] = process.argv.slice(2);
try {
  const folder = dataFolder(dir);
  say("Making the demo clinic…");
  const demo = await seedDemo({ url, operator: await operatorClient(folder, "auth", Number(authPort)), say });
  writePrivate(folder.demoFile, `${JSON.stringify(demo, null, 2)}\n`);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
}
