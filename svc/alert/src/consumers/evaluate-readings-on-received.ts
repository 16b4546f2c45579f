import { type ReaderSpec, reader } from "@episante/service/reader";
import { evaluateReadings, readerName } from "../actions/evaluate-readings.ts";
import type { AlertDeps } from "../deps.ts";

/** The engine: reads READINGS and decides alerts. */
export const evaluateOnReceived = (deps: Pick<AlertDeps, "engine" | "feed">): ReaderSpec<AlertDeps> =>
  reader<AlertDeps>({
    name: readerName,
    handle: evaluateReadings,
    onReset: (partition) => deps.engine.forget(partition),
    onCommitted: () => deps.feed.wake(),
  });
