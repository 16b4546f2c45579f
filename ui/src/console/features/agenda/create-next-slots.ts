import { listSlots } from "@episante/contracts/appointment";
import type { Accessor } from "solid-js";
import { type CallResult, call } from "../../../shared/lib/call.ts";
import { addDays } from "../../../shared/lib/format.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import type { ReasonChoice } from "./booking-choices.ts";

/** A time that can be booked, with the doctor's own reason. */
export interface BookableSlot {
  readonly doctorId: string;
  readonly reasonId: string;
  readonly start: string;
}
/** Days looked at first, and when these have nothing. */
const nearDays = 14;
const farDays = 60;

async function slotsUntil(choice: ReasonChoice, from: string, days: number, signal: AbortSignal): Promise<CallResult<BookableSlot[]>> {
  const answers = await Promise.all(
    choice.offers.map(async ({ doctorId, reasonId }) => {
      const query = { doctorId: doctorId as `doc_${string}`, reasonId: reasonId as `rea_${string}`, from, to: addDays(from, days) };
      return { doctorId, reasonId, answer: await call(listSlots, { query, signal }) };
    }),
  );
  const slots: BookableSlot[] = [];
  for (const { doctorId, reasonId, answer } of answers) {
    if (!answer.ok) return answer;
    slots.push(...answer.value.items.map(({ start }) => ({ doctorId, reasonId, start })));
  }
  return { ok: true, value: slots.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0)) };
}

/** The next free times for a reason with every doctor who offers it, earliest first. */
export function createNextSlots(wanted: Accessor<{ choice: ReasonChoice; from: string } | undefined>) {
  return createLoad(
    wanted,
    async ({ choice, from }, signal) => {
      const near = await slotsUntil(choice, from, nearDays, signal);
      return near.ok && near.value.length === 0 ? slotsUntil(choice, from, farDays, signal) : near;
    },
    { keep: false },
  );
}
