import * as contract from "@episante/contracts/device";
import { isRefusal } from "@episante/contracts/problem";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { revokeDevice, rotateDevice } from "../actions/change-device.ts";
import { createPairing } from "../actions/create-pairing.ts";
import { getPairing } from "../actions/get-pairing.ts";
import { listDevices } from "../actions/list-devices.ts";
import { pairDevice } from "../actions/pair-device.ts";
import type { IngestDeps } from "../deps.ts";
import { inboxPrefixOf } from "../domain/device-login.ts";

/** Pairing, listing, new tokens, revoking. */
export const deviceRoutes = (deps: IngestDeps): BoundRoute[] => [
  bind(contract.createPairing, ({ actor, body, meta }) => createPairing(deps, actor, body, meta)),
  bind(contract.getPairing, ({ actor, params, meta }) => getPairing(deps, actor, params, meta)),
  bind(contract.pair, async ({ body, meta }) => {
    const paired = await pairDevice(deps, body, meta);
    if (isRefusal(paired)) return paired;
    const { deviceId, token } = paired;
    return { deviceId, token, nats: { servers: [...deps.deviceServers], user: deviceId, inboxPrefix: inboxPrefixOf(deviceId) } };
  }),
  bind(contract.listDevices, ({ actor, query, meta }) => listDevices(deps, actor, query, meta)),
  bind(contract.rotateDevice, ({ actor, params, meta }) => rotateDevice(deps, actor, params, meta)),
  bind(contract.revokeDevice, async ({ actor, params, meta }) => {
    const answer = await revokeDevice(deps, actor, params, meta);
    return isRefusal(answer) ? answer : undefined;
  }),
];
