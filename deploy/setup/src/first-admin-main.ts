import { lookup } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makeClient } from "./client.ts";
import { setupConfig } from "./config.ts";
import { inviteAdmin } from "./invite.ts";
import { layout } from "./layout.ts";
import { isMissing, markOnce } from "./once.ts";
import { operatorAt } from "./operator.ts";
import { runStep, say } from "./steps.ts";

/** The last one-shot: tells the address, and at the first start of a real clinic the first administrator's invitation. */
await runStep(async () => {
  const config = setupConfig();
  const mode = readFileSync(join(layout.ownSecrets, "mode"), "utf8").trim();
  const lines = [`EpiSanté is ready: ${config.PUBLIC_URL}   (console of the clinic: ${config.PUBLIC_URL}/console)`];
  const mark = join(layout.install, "first-admin");
  if (mode === "production" && (isMissing(mark) || process.argv.includes("--again"))) {
    const operator = await operatorAt("http://auth:9094", "auth", join(layout.ownSecrets, "operator.jwk"));
    const anyone = makeClient("http://auth:9094");
    const link = await inviteAdmin({ operator, anyone, publicUrl: config.PUBLIC_URL }, { email: config.EPISANTE_ADMIN });
    markOnce(mark);
    lines.push(`First administrator (${link.email}), valid until ${link.expiresAt}:`, `  ${link.url}`);
  }
  if (config.EPISANTE_DOMAIN) await lookup(config.EPISANTE_DOMAIN).catch(() => lines.push(...noDns(config.EPISANTE_DOMAIN)));
  say(`\n${lines.join("\n")}\n`);
});

function noDns(domain: string): string[] {
  return [
    `The name ${domain} is not known to DNS, so it gets no certificate: add an A (and AAAA) record that points at this machine.`,
    "Caddy tries again by itself. Until then the clinic answers at https://localhost on this machine.",
  ];
}
