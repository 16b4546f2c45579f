import { join } from "node:path";
import type { ServiceName } from "@episante/contracts/session";
import type { Client } from "@episante/setup/client";
import { Failure } from "@episante/setup/failure";
import { operatorAt } from "@episante/setup/operator";
import type { DataFolder } from "./paths.ts";
import { readRunState } from "./state.ts";

/**
 * Calls a service's internal endpoints as `operator`, with the key in the data folder.
 * @throws Failure when nothing runs on the folder
 */
export async function operatorClient(folder: DataFolder, service: ServiceName, port = portOf(folder, service)): Promise<Client> {
  return operatorAt(`http://127.0.0.1:${port}`, service, join(folder.secrets, "operator.jwk"));
}

function portOf(folder: DataFolder, service: ServiceName): number {
  const port = readRunState(folder)?.processes.find(({ name }) => name === service)?.port;
  if (port === undefined) throw new Failure(`EpiSanté does not run on ${folder.dir}. Start it first: ./episante up --data ${folder.dir}`);
  return port;
}
