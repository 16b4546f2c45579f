import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { makeClient } from "./client.ts";
import { setupConfig } from "./config.ts";
import { demoSchema } from "./demo.ts";
import { Failure } from "./failure.ts";
import { readJson, writePrivate } from "./files.ts";
import { layout } from "./layout.ts";
import { operatorAt } from "./operator.ts";
import { seedDemo } from "./seed.ts";
import { runStep, say } from "./steps.ts";

/** Makes the demo clinic over the API, once, and writes its logins to `demo.json`. */
await runStep(async () => {
  if (readFileSync(join(layout.ownSecrets, "mode"), "utf8").trim() !== "demo") throw new Failure("This installation holds a real clinic.");
  const file = join(layout.demo, "demo.json");
  const { PUBLIC_URL } = setupConfig();
  if (!existsSync(file)) {
    say("Making the demo clinic…");
    const operator = await operatorAt("http://auth:9094", "auth", join(layout.ownSecrets, "operator.jwk"));
    const url = "http://gateway:8080";
    const demo = await seedDemo({ url, open: () => makeClient(url, { host: "localhost" }), operator, say });
    writePrivate(file, `${JSON.stringify({ ...demo, url: PUBLIC_URL }, null, 2)}\n`);
  }
  const demo = readJson(file, demoSchema);
  if (!demo) throw new Failure(`${file} cannot be read: remove the demo (docker compose --profile demo down -v) and start it again.`);
  const shown = demo.accounts.filter(({ role }, index, all) => all.findIndex((other) => other.role === role) === index);
  say(
    [
      "",
      `The demo clinic is ready: ${PUBLIC_URL}`,
      ...shown.map(({ role, email, password }) => `  ${role.padEnd(8)} ${email}  ${password}`),
      "",
    ].join("\n"),
  );
});
