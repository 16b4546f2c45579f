import { readFileSync } from "node:fs";
import type { ServiceName } from "@episante/contracts/session";
import { makeSigner } from "@episante/service/token";
import { type Client, makeClient } from "./client.ts";

/** Calls a service's internal endpoints as `operator`, the person who runs the machine. @param keyFile the operator's private key */
export async function operatorAt(url: string, service: ServiceName, keyFile: string): Promise<Client> {
  const signer = await makeSigner("operator", readFileSync(keyFile, "utf8"));
  return makeClient(url, { bearer: () => signer.sign({ kind: "service", service: "operator" }, service) });
}
