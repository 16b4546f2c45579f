import { join } from "node:path";
import { passwordFault, readSecretFile } from "@episante/service/secret-files";
import { Failure } from "./failure.ts";
import type { Secrets } from "./secrets.ts";

/** Secrets that were dealt to this container. @throws Failure when one is missing, unreadable, empty or weak, saying what to do */
export function readSecrets(dir: string): Pick<Secrets, "password"> {
  return {
    password(name) {
      const file = join(dir, name);
      const read = readSecretFile(file);
      if ("fault" in read) throw new Failure(`${file}: ${read.fault}. In containers that is: docker compose up -d secrets`);
      const fault = passwordFault(read.value);
      if (fault) throw new Failure(`${file}: ${fault}`);
      return read.value;
    },
  };
}
