import { type ReaderSpec, reader } from "@episante/service/reader";
import { evaluateReadings, isTimeDue, patientsAhead, readerName } from "../actions/evaluate-readings.ts";
import type { AlertDeps } from "../deps.ts";

/** Longest a reading that changes no alert waits to be written: also how late the engine may see a rule change or an alert closed by hand. */
const gatherMs = 500;

/** The engine: reads READINGS and decides alerts. */
export const evaluateOnReceived = (deps: Pick<AlertDeps, "engine" | "feed">): ReaderSpec<AlertDeps> =>
  reader<AlertDeps>({
    name: readerName,
    gatherMs,
    urgentOf: patientsAhead,
    isTimeDue,
    handle: evaluateReadings,
    onReset: (partition) => deps.engine.forget(partition),
    onCommitted: (partition) => {
      const change = deps.engine.takeChanged(partition);
      if (change) deps.feed.moveTo(change.cursor, change.page);
    },
  });
