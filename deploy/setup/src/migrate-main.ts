import { ownServers } from "./container-secrets.ts";
import { readSecrets } from "./given-secrets.ts";
import { layout, natsPort } from "./layout.ts";
import { migrate } from "./migrate.ts";
import { runStep, say } from "./steps.ts";
import { waitForServers } from "./wait.ts";

/** The one-shot container that every service waits for. */
await runStep(async () => {
  const secrets = readSecrets(layout.ownSecrets);
  await waitForServers(ownServers, secrets, say);
  await migrate({ serverOf: ownServers, natsUrl: `nats://nats:${natsPort.port}`, secrets });
  say("Databases, streams and buckets are up to date.");
});
