import type { OnCallSettings } from "@episante/contracts/on-call";
import type { Severity } from "@episante/contracts/rule";
import { holds, midnightOf, stretchOf } from "./wall-clock.ts";

/** Until when somebody is left in peace by alerts of a severity; undefined: not now. Critical ones always pass. @param zone the recipient's */
export function quietUntil(quiet: OnCallSettings["quiet"], zone: string, severity: Severity, instantMs: number): number | undefined {
  if (!quiet || severity === "critical" || !quiet.severities.includes(severity)) return undefined;
  // The hours that began yesterday may last into today.
  const around = [-1, 0].map((days) => stretchOf(zone, midnightOf(zone, instantMs, days), quiet));
  return around.find((hours) => holds(hours, instantMs))?.endMs;
}
