import { createSignal } from "solid-js";
import { dayOf } from "../../../shared/lib/format.ts";
import { serverNow } from "../../../shared/lib/server-clock.ts";
import type { Held } from "./create-visits.ts";
import { minutesInto } from "./day-layout.ts";
import type { Taking } from "./lane-items.ts";

/** Times that patients are confirming now, as the feed tells them; one that has run out is free also before the feed says so. */
export function createHeld() {
  const [items, setItems] = createSignal<readonly Held[]>([]);
  const live = () => items().filter((hold) => Date.parse(hold.expiresAt) > serverNow());
  const keyOf = (hold: { start: string }) => `held-${hold.start}`;
  return {
    take: (held: readonly Held[]) => void setItems(held),
    of: (doctorId: string, day: string, zone: string): Taking[] =>
      live()
        .filter((hold) => hold.doctorId === doctorId && dayOf(hold.start, zone) === day)
        .map((hold) => {
          const from = minutesInto(hold.start, zone);
          return { kind: "held", key: keyOf(hold), from, to: from + (Date.parse(hold.end) - Date.parse(hold.start)) / 60_000 };
        }),
    /** When it ends, milliseconds; 0 when it is over. */
    endsAt: (doctorId: string, key: string): number =>
      Date.parse(live().find((hold) => hold.doctorId === doctorId && keyOf(hold) === key)?.expiresAt ?? "") || 0,
  };
}
