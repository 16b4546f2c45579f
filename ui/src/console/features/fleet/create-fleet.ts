import { type Device, listDevices } from "@episante/contracts/device";
import { type CallResult, call } from "../../../shared/lib/call.ts";
import { createInterval, createLoad } from "../../../shared/lib/load.ts";

const pageSize = 200;
/** Pages fetched at most: 1,000 devices. */
const mostPages = 5;
const refreshMs = 5_000;

export interface Fleet {
  readonly devices: readonly Device[];
  /** There are more than are shown. */
  readonly isCut: boolean;
}

/** Every device of the patients one treats, asked again every few seconds. */
export function createFleet() {
  const load = createLoad(
    () => true,
    (_, signal) => fetchFleet(signal),
  );
  createInterval(() => {
    if (!load.pending()) void load.reload();
  }, refreshMs);
  return load;
}

async function fetchFleet(signal: AbortSignal): Promise<CallResult<Fleet>> {
  const devices: Device[] = [];
  let cursor: Device["id"] | undefined;
  for (let page = 0; page < mostPages; page++) {
    const result = await call(listDevices, { query: { state: "active", limit: pageSize, ...(cursor ? { cursor } : {}) }, signal });
    if (!result.ok) return result;
    devices.push(...result.value.items);
    cursor = result.value.next as Device["id"] | undefined;
    if (!cursor) break;
  }
  return { ok: true, value: { devices, isCut: cursor !== undefined } };
}
