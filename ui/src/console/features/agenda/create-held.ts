import { listHeld } from "@episante/contracts/appointment";
import { type Accessor, createMemo } from "solid-js";
import { call } from "../../../shared/lib/call.ts";
import { dayOf } from "../../../shared/lib/format.ts";
import { createInterval, createLoad } from "../../../shared/lib/load.ts";
import { serverNow } from "../../../shared/lib/server-clock.ts";
import type { Shown } from "./create-visits.ts";
import { minutesInto } from "./day-layout.ts";
import type { Taking } from "./lane-items.ts";

/** Holds come and go within minutes and are not in the feed: they are asked for. Milliseconds. */
const everyMs = 2_000;

/** Times that patients are confirming now, of the doctors on screen. */
export function createHeld(shown: Accessor<Shown | undefined>) {
  const held = createLoad(
    () => shown()?.doctorIds.join(","),
    (doctorIds, signal) => call(listHeld, { query: { doctorIds }, signal }),
  );
  createInterval(() => void held.reload(), everyMs);
  const items = createMemo(() => held.value()?.items ?? [], [], { equals: (a, b) => JSON.stringify(a) === JSON.stringify(b) });
  const live = () => items().filter((hold) => Date.parse(hold.expiresAt) > serverNow());
  const keyOf = (hold: { start: string }) => `held-${hold.start}`;
  return {
    reload: held.reload,
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
