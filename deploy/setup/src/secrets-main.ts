import { chownSync, existsSync, readdirSync } from "node:fs";
import { setupConfig, smtpUrl } from "./config.ts";
import { containerUser } from "./consumers.ts";
import { dealSecrets } from "./container-secrets.ts";
import { installKind } from "./install.ts";
import { layout } from "./layout.ts";
import { runStep, say } from "./steps.ts";

/** The one-shot container that runs first: decides what the installation is, makes secrets, hands volumes to their users. */
await runStep(async () => {
  const kind = installKind(layout.install, process.argv.includes("--demo") ? "demo" : null);
  if (process.argv.includes("--demo")) return say("This installation is a demo clinic.");
  const isNew = !existsSync(layout.allSecrets) || readdirSync(layout.allSecrets).length === 0;
  const smtp = smtpUrl(setupConfig().SMTP_URL_GIVEN);
  await dealSecrets({ all: layout.allSecrets, perConsumer: layout.perConsumer, kind, smtpUrl: smtp, giveAway: true });
  for (const volume of readdirSync("/volumes")) chownSync(`/volumes/${volume}`, containerUser, containerUser);
  chownSync(layout.install, containerUser, containerUser);
  say(isNew ? "All secrets were made." : "All secrets are there.");
});
