import { type ReaderSpec, reader } from "@episante/service/reader";
import { readerName, storeReadings } from "../actions/store-readings.ts";
import type { IngestDeps } from "../deps.ts";

/** The store: reads READINGS into the time series. */
export const storeOnReceived: ReaderSpec<IngestDeps> = reader<IngestDeps>({ name: readerName, handle: storeReadings });
