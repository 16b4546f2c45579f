import { type ReaderSpec, reader } from "@episante/service/reader";
import { readerName, storeReadings } from "../actions/store-readings.ts";
import type { IngestDeps } from "../deps.ts";

/**
 * The store: reads READINGS into the time series. A chart may be half a second late; in return a thousand readings a second
 * cost a handful of transactions, and the machine is left to the alert engine beside it.
 */
export const storeOnReceived: ReaderSpec<IngestDeps> = reader<IngestDeps>({ name: readerName, gatherMs: 500, handle: storeReadings });
