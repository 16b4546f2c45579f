import type { AccountId } from "@episante/contracts/ids";
import type { OnCallSettings } from "@episante/contracts/on-call";
import type { Severity } from "@episante/contracts/rule";
import { holds, midnightOf, stretchOf } from "./wall-clock.ts";

/** Until when a recipient is left in peace by alerts of a severity; undefined: not now. Critical ones always pass. */
export function quietUntil(
  { quiet, zone }: Pick<OnCallSettings, "quiet" | "zone">,
  accountId: AccountId,
  severity: Severity,
  instantMs: number,
): number | undefined {
  if (!quiet || severity === "critical" || !quiet.severities.includes(severity)) return undefined;
  const own = quiet.zones?.find((one) => one.accountId === accountId)?.zone ?? zone;
  // The hours that began yesterday may last into today.
  const around = [-1, 0].map((days) => stretchOf(own, midnightOf(own, instantMs, days), quiet));
  return around.find((hours) => holds(hours, instantMs))?.endMs;
}
