import { localServer } from "@episante/setup/databases";
import { messageOf } from "@episante/setup/failure";
import { migrate } from "@episante/setup/migrate";
import { openSecrets } from "@episante/setup/secrets";

/** The one-shot step every service waits for, as a process of its own, so that its memory goes with it. */
const [secretsDir = "", postgresPort = "", natsPort = ""] = process.argv.slice(2);
try {
  await migrate({
    serverOf: localServer(Number(postgresPort)),
    natsUrl: `nats://127.0.0.1:${natsPort}`,
    secrets: openSecrets(secretsDir),
  });
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
}
