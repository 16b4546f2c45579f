import { type Appointment, listAppointments } from "@episante/contracts/appointment";
import type { Resource } from "@episante/contracts/resource";
import { createSignal, For, Show } from "solid-js";
import { Button } from "../../../../shared/components/Button.tsx";
import { Field } from "../../../../shared/components/Field.tsx";
import { ProblemBanner } from "../../../../shared/components/ProblemBanner.tsx";
import { type CallResult, call } from "../../../../shared/lib/call.ts";
import { addDays, clock, dayOf } from "../../../../shared/lib/format.ts";
import { createLoad } from "../../../../shared/lib/load.ts";
import { serverNow } from "../../../../shared/lib/server-clock.ts";
import { trm } from "../../../i18n/rooms-texts.ts";
import { typeWords } from "../../../lib/resource-types.ts";
import { dayStartMs } from "../../agenda/day-layout.ts";
import type { ClinicDoctor } from "../create-doctors.ts";
import { takenBy } from "./room-groups.ts";

/** When the rooms and devices in service are taken on a day. Read on demand: it asks for the day's visits of every doctor. */
export function RoomDay(props: { rooms: readonly Resource[]; doctors: readonly ClinicDoctor[]; zone: string }) {
  const [typed, setTyped] = createSignal(dayOf(serverNow(), props.zone));
  const [asked, setAsked] = createSignal<{ day: string }>();
  const visits = createLoad(asked, ({ day }, signal) => visitsOn(day, signal), { keep: false });

  async function visitsOn(day: string, signal: AbortSignal): Promise<CallResult<Appointment[]>> {
    const [from, to] = [day, addDays(day, 1)].map((one) => new Date(dayStartMs(one, props.zone)).toISOString());
    const found: Appointment[] = [];
    for (const { id } of props.doctors) {
      const page = await call(listAppointments, { query: { doctorId: id, from, to, limit: 200 }, signal });
      if (!page.ok) return page;
      found.push(...page.value.items);
    }
    return { ok: true, value: found };
  }
  return (
    <section class="c-card" aria-labelledby="room-day">
      <h2 id="room-day">{trm("day.heading")}</h2>
      <form
        class="c-row r-day"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed()) setAsked({ day: typed() });
        }}
      >
        <Field label={trm("day.date")} type="date" value={typed()} onInput={setTyped} />
        <Button type="submit" variant="secondary" busy={visits.pending()}>
          {trm("day.show")}
        </Button>
      </form>
      <div role="status">
        <Show when={visits.problem()}>{(problem) => <ProblemBanner problem={problem()} />}</Show>
        <Show when={visits.value()}>
          {(known) => (
            <dl class="r-times">
              <For each={props.rooms.filter(({ isActive }) => isActive)}>
                {(room) => (
                  <>
                    <dt>
                      {room.name} <span class="s-note">{typeWords(room.type)}</span>
                    </dt>
                    <dd>
                      <Times taken={takenBy(room.id, known())} zone={props.zone} />
                    </dd>
                  </>
                )}
              </For>
            </dl>
          )}
        </Show>
      </div>
    </section>
  );
}

function Times(props: { taken: readonly { start: string; end: string }[]; zone: string }) {
  const spans = () => props.taken.map(({ start, end }) => `${clock(start, props.zone)}–${clock(end, props.zone)}`).join(", ");
  return <>{props.taken.length === 0 ? trm("day.free") : `${trm("day.taken")} ${spans()}`}</>;
}
