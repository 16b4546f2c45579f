import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "./failure.ts";
import type { Secrets } from "./secrets.ts";
import { weaknessOf } from "./weak.ts";

/** Secrets that were dealt to this container. @throws Failure when one is missing, empty or weak */
export function readSecrets(dir: string): Pick<Secrets, "password"> {
  return {
    password(name) {
      let secret: string;
      try {
        secret = readFileSync(join(dir, name), "utf8").trim();
      } catch {
        throw new Failure(
          `The secret file ${join(dir, name)} is missing: run "docker compose up -d secrets", which deals every container its own.`,
        );
      }
      const weakness = weaknessOf(secret);
      if (weakness) throw new Failure(`The secret in ${join(dir, name)} ${weakness}. See docs/install.md, "Secrets".`);
      return secret;
    },
  };
}
