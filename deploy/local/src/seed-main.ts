import { messageOf } from "@episante/setup/failure";
import { writePrivate } from "@episante/setup/files";
import { seedDemo } from "@episante/setup/seed";
import { operatorClient } from "./operator.ts";
import { dataFolder } from "./paths.ts";
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
