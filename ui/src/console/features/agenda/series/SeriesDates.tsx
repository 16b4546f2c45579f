import { For, Show } from "solid-js";
import { capital, clock, dateShort, dayInstant } from "../../../../shared/lib/format.ts";
import { blockerWords } from "../why-words.ts";
import { type DateRow, type Decisions, offeredFor, startOf } from "./series-form.ts";
import { tse } from "./series-texts.ts";

/** The dates of a series one below the other: each with its state in words, and what is decided about it. */
export function SeriesDates(props: {
  rows: readonly DateRow[];
  decisions: Decisions;
  zone: string;
  doctor: string;
  /** Words for having the date as it is, when there is nothing new to say about it: a cancellation. */
  take?: string | undefined;
  /** Words for leaving a date out: skipped, or kept where the visit is. */
  leaveOut: (row: DateRow) => string;
  note?: (row: DateRow) => string | undefined;
  onDecide: (key: string, start: string | null) => void;
}) {
  const dayText = (row: DateRow) => capital(dateShort(dayInstant(row.date.day), "UTC"));
  const states = (row: DateRow) => row.date.blockers.map((blocker) => blockerWords(blocker, props.doctor, props.zone));
  const timeText = (start: string) => tse("near", { date: dateShort(start, props.zone), time: clock(start, props.zone) });
  return (
    <ol class="g-dates">
      <For each={props.rows}>
        {(row) => (
          <li data-free={row.date.free ? "" : undefined}>
            <p>
              <b>{dayText(row)}</b> <Show when={row.date.start}>{(start) => <span>{clock(start(), props.zone)}</span>}</Show>
              <Show when={row.date.free && props.take === undefined}>
                <span class="g-dates-free"> {tse("free")}</span>
              </Show>
            </p>
            <For each={states(row)}>{(words) => <p class="g-dates-why">{words}</p>}</For>
            <Show when={props.note?.(row)}>{(note) => <p class="g-dates-why">{note()}</p>}</Show>
            <span class="c-select">
              <select
                class="input"
                aria-label={tse("choice", { date: dayText(row) })}
                onChange={(event) => props.onDecide(row.key, event.currentTarget.value || null)}
              >
                <Show when={row.date.free && row.date.start}>
                  {(start) => (
                    <option value={start()} selected={startOf(row, props.decisions) === start()}>
                      {props.take ?? tse("planned", { time: clock(start(), props.zone) })}
                    </option>
                  )}
                </Show>
                <For each={offeredFor(row, props.rows, props.decisions)}>
                  {({ start }) => (
                    <option value={start} selected={startOf(row, props.decisions) === start}>
                      {timeText(start)}
                    </option>
                  )}
                </For>
                <option value="" selected={startOf(row, props.decisions) === null}>
                  {props.leaveOut(row)}
                </option>
              </select>
            </span>
          </li>
        )}
      </For>
    </ol>
  );
}
