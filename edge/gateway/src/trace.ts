import { randomBytes } from "node:crypto";
import { continueTrace, type Trace } from "./domain/trace.ts";

/** The trace of what has just come in. @param incoming its `traceparent`, from anybody */
export function traceOf(incoming: unknown): Trace {
  return continueTrace(incoming, (bytes) => randomBytes(bytes).toString("hex"));
}
