import type { AccountId } from "@episante/contracts/ids";
import type { OnCallSettings } from "@episante/contracts/on-call";
import { holds, midnightOf, type Stretch, stretchOf, weekdayOf } from "./wall-clock.ts";

type Rota = OnCallSettings["rota"];

/** A stretch of the rota and who has it. */
interface Duty extends Stretch {
  readonly accountId: AccountId;
}

/** How far the rota is looked ahead: one whole week and the turn that reaches out of it. */
const daysAhead = 8;

/** Duties that touch the days from the one before an instant, each list in the rota's order. */
function dutiesAround(rota: Rota, zone: string, instantMs: number, days: number): { weekly: Duty[]; exceptions: Duty[] } {
  const midnights = Array.from({ length: days + 2 }, (_, index) => midnightOf(zone, instantMs, index - 1));
  return {
    weekly: rota.weekly.flatMap((turn) =>
      midnights
        .filter((midnight) => weekdayOf(midnight) === turn.day)
        .map((midnight) => ({ ...stretchOf(zone, midnight, turn), accountId: turn.accountId })),
    ),
    exceptions: rota.exceptions.map(({ from, to, accountId }) => ({ startMs: Date.parse(from), endMs: Date.parse(to), accountId })),
  };
}

function whoAt({ weekly, exceptions }: ReturnType<typeof dutiesAround>, instantMs: number): AccountId | undefined {
  const onDuty = (duty: Duty) => holds(duty, instantMs);
  return (exceptions.findLast(onDuty) ?? weekly.findLast(onDuty))?.accountId;
}

/** Who is on call at an instant; undefined in a hole of the rota. Exceptions win; of several at once the last in the list counts. */
export function onCallAt(rota: Rota, zone: string, instantMs: number): AccountId | undefined {
  return whoAt(dutiesAround(rota, zone, instantMs, 0), instantMs);
}

/** Who is on call, and until when, as far as the next eight days tell. */
export function onCallUntil(rota: Rota, zone: string, instantMs: number): { accountId: AccountId; untilMs: number } | undefined {
  const duties = dutiesAround(rota, zone, instantMs, daysAhead);
  const accountId = whoAt(duties, instantMs);
  if (!accountId) return undefined;
  const lastMs = instantMs + daysAhead * 86_400_000;
  const edges = [...duties.weekly, ...duties.exceptions].flatMap(({ startMs, endMs }) => [startMs, endMs]);
  const later = edges.filter((edge) => edge > instantMs && edge < lastMs).sort((one, other) => one - other);
  return { accountId, untilMs: later.find((edge) => whoAt(duties, edge) !== accountId) ?? lastMs };
}

/** True when the clinic has set anybody on call at any time. */
export function hasRota({ weekly, exceptions }: Rota): boolean {
  return weekly.length > 0 || exceptions.length > 0;
}
