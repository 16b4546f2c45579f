import { previewSchedule, type Schedule } from "@episante/contracts/appointment";
import type { Reason } from "@episante/contracts/doctor";
import { createEffect, createSignal, createUniqueId, For, on, onCleanup, Show } from "solid-js";
import { Banner } from "../../../shared/components/Banner.tsx";
import { Icon } from "../../../shared/components/Icon.tsx";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { addDays, clock, dateDay, dateTime, dayInstant, mondayOf } from "../../../shared/lib/format.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { tp } from "../../i18n/practice-texts.ts";
import { patientName } from "../../lib/words.ts";
import { useConsole } from "../../shell/console-context.tsx";
import { reasonWords } from "./create-reasons.ts";

const pauseMs = 400;

/** The times a draft would give in one week, and the visits it would leave outside. Follows the draft while it is typed. */
export function HoursPreview(props: {
  doctorId: `doc_${string}`;
  /** Absent while the draft is faulty. */
  draft: Schedule | undefined;
  reasons: readonly Reason[];
  today: string;
  /** Told when the server answers or refuses the draft. */
  onJudged: (problem: CallProblem | undefined) => void;
}) {
  const { names } = useConsole();
  const id = createUniqueId();
  const [reasonId, setReasonId] = createSignal<Reason["id"] | undefined>();
  // At the weekend the coming week is the one people look for.
  const [week, setWeek] = createSignal(mondayOf(addDays(props.today, 2)));
  const chosen = () => reasonId() ?? props.reasons[0]?.id;
  const [wanted, setWanted] = createSignal<{ schedule: Schedule; reasonId: Reason["id"]; week: string } | undefined>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  createEffect(
    on([() => props.draft, chosen, week], ([schedule, reason, monday]) => {
      clearTimeout(timer);
      if (!schedule || !reason) return;
      timer = setTimeout(() => setWanted({ schedule, reasonId: reason, week: monday }), pauseMs);
    }),
  );
  onCleanup(() => clearTimeout(timer));
  const preview = createLoad(wanted, (body, signal) => call(previewSchedule, { params: { doctorId: props.doctorId }, body, signal }));
  createEffect(on([preview.value, preview.problem], () => props.onJudged(preview.problem())));
  createEffect(() => void names.want(preview.value()?.outside.map(({ patientId }) => patientId) ?? []));
  const zone = () => props.draft?.zone ?? "UTC";
  return (
    <fieldset class="s-group h-preview">
      <legend>{tp("hours.preview")}</legend>
      <p class="s-note">{tp("hours.previewWhy")}</p>
      <Show when={props.reasons.length > 0} fallback={<p>{tp("hours.previewNoReason")}</p>}>
        <div class="c-row">
          <div class="field">
            <label for={id}>{tp("hours.previewReason")}</label>
            <span class="c-select">
              <select
                id={id}
                class="input"
                value={chosen()}
                onChange={(event) => setReasonId(props.reasons.find((one) => one.id === event.currentTarget.value)?.id)}
              >
                <For each={props.reasons}>{(reason) => <option value={reason.id}>{reasonWords(reason)}</option>}</For>
              </select>
            </span>
          </div>
          <div class="c-row h-step">
            <button type="button" class="c-sq" onClick={() => setWeek(addDays(week(), -7))}>
              <Icon name="left" size={16} />
              <span class="sr">{tp("hours.previousWeek")}</span>
            </button>
            <b>{tp("hours.week", { day: dateDay(dayInstant(week()), "UTC") })}</b>
            <button type="button" class="c-sq" onClick={() => setWeek(addDays(week(), 7))}>
              <Icon name="right" size={16} />
              <span class="sr">{tp("hours.nextWeek")}</span>
            </button>
          </div>
        </div>
        <Show when={props.draft} fallback={<p>{tp("hours.previewFaulty")}</p>}>
          <Show when={preview.value()}>
            {(found) => (
              <>
                <dl class="h-slots" aria-busy={preview.pending() ? "true" : undefined}>
                  <For each={found().days}>
                    {(day) => (
                      <div>
                        <dt>{dateDay(dayInstant(day.day), "UTC")}</dt>
                        <dd>
                          <Show when={day.slots.length > 0} fallback={<span class="s-note">{emptyWords(day.closed)}</span>}>
                            <b class="s-note">{tp("hours.times", { n: day.slots.length })}</b>
                            <ul>
                              <For each={day.slots}>
                                {(slot) => (
                                  <li data-taken={slot.taken ? "" : undefined}>
                                    {clock(slot.start, zone())}
                                    <Show when={slot.taken}>
                                      <span class="sr"> ({tp("hours.taken")})</span>
                                    </Show>
                                  </li>
                                )}
                              </For>
                            </ul>
                          </Show>
                        </dd>
                      </div>
                    )}
                  </For>
                </dl>
                <Show when={found().outsideTotal > 0} fallback={<p class="s-note">{tp("hours.outsideNone")}</p>}>
                  <Banner tone="warning" live="polite">
                    <b>{tp("hours.outside", { n: found().outsideTotal })}</b>
                    <section class="h-outside" tabindex="0" aria-label={tp("hours.outside", { n: found().outsideTotal })}>
                      <ul>
                        <For each={found().outside}>
                          {(visit) => (
                            <li>
                              {dateTime(visit.start, zone())} · {patientName(names.get(visit.patientId))}
                            </li>
                          )}
                        </For>
                      </ul>
                    </section>
                    <Show when={found().outside.length < found().outsideTotal}>
                      <p>{tp("hours.outsideMore", { n: found().outside.length })}</p>
                    </Show>
                  </Banner>
                </Show>
              </>
            )}
          </Show>
        </Show>
      </Show>
    </fieldset>
  );
}

function emptyWords(closed: { by: "doctor" | "clinic"; name?: string | undefined } | undefined): string {
  if (!closed) return tp("hours.noTimes");
  return closed.name ? tp("hours.closedNamed", { name: closed.name }) : tp("hours.closed");
}
