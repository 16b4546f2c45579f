import { createSignal, For, Index, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { Field, FieldError } from "../../../shared/components/Field.tsx";
import { Icon } from "../../../shared/components/Icon.tsx";
import { dateLong, dayInstant } from "../../../shared/lib/format.ts";
import { tp } from "../../i18n/practice-texts.ts";
import { t } from "../../i18n/text.ts";
import { faultWords, SpanFields } from "./HoursSpans.tsx";
import type { DateLine, HoursSpan, LineFault } from "./hours-form.ts";

const longDay = (day: string) => dateLong(dayInstant(day), "UTC");

/** Days on which this doctor has no hours. */
export function ClosedDates(props: { days: readonly string[]; onChange: (days: readonly string[]) => void }) {
  const [adding, setAdding] = createSignal("");
  function add(): void {
    if (adding() === "" || props.days.includes(adding())) return;
    props.onChange([...props.days, adding()].toSorted());
    setAdding("");
  }
  return (
    <fieldset class="s-group">
      <legend>{t("practice.closures")}</legend>
      <ul class="h-closures">
        <For each={props.days}>
          {(day) => (
            <li>
              <time datetime={day}>{longDay(day)}</time>
              <button type="button" class="c-sq" onClick={() => props.onChange(props.days.filter((other) => other !== day))}>
                <Icon name="close" size={16} />
                <span class="sr">{t("practice.remove", { what: longDay(day) })}</span>
              </button>
            </li>
          )}
        </For>
      </ul>
      <Field
        class="h-closing"
        label={t("practice.closure")}
        type="date"
        value={adding()}
        onInput={setAdding}
        after={
          <Button variant="secondary" onClick={add}>
            {t("practice.addClosure")}
          </Button>
        }
      />
    </fieldset>
  );
}

/** Hours of single dates in place of the weekly ones. */
export function DateHours(props: {
  dates: readonly DateLine[];
  faults: ReadonlyMap<string, LineFault>;
  onChange: (dates: readonly DateLine[]) => void;
}) {
  const [adding, setAdding] = createSignal("");
  let group: HTMLFieldSetElement | undefined;
  const replace = (index: number, spans: readonly HoursSpan[]) =>
    props.onChange(props.dates.map((date, at) => (at === index ? { ...date, spans } : date)));
  function addDate(): void {
    const day = adding();
    if (day === "" || props.dates.some((date) => date.day === day)) return;
    props.onChange([...props.dates, { day, spans: [{ from: "09:00", to: "12:00" }] }].toSorted((a, b) => (a.day < b.day ? -1 : 1)));
    setAdding("");
    queueMicrotask(() => group?.querySelector<HTMLInputElement>(`[data-date="${day}"] input`)?.focus());
  }
  return (
    <fieldset class="s-group" ref={group}>
      <legend>{tp("hours.dates")}</legend>
      <p class="s-note">{tp("hours.datesWhy")}</p>
      <div class="h-week h-dates">
        <Index each={props.dates}>
          {(date, index) => (
            <fieldset data-date={date().day}>
              <legend>{longDay(date().day)}</legend>
              <ul>
                <Show when={date().spans.length === 0}>
                  <li class="s-note">{tp("hours.noHoursThatDay")}</li>
                </Show>
                <Index each={date().spans}>
                  {(span, at) => (
                    <li>
                      <SpanFields
                        of={longDay(date().day)}
                        span={span()}
                        fault={props.faults.get(`${index}.${at}`)}
                        faultId={`date-${index}-${at}`}
                        onChange={(part) =>
                          replace(
                            index,
                            date().spans.map((one, place) => (place === at ? { ...one, ...part } : one)),
                          )
                        }
                        onRemove={() =>
                          replace(
                            index,
                            date().spans.filter((_, place) => place !== at),
                          )
                        }
                      />
                      <FieldError id={`date-${index}-${at}`} text={faultWords(props.faults.get(`${index}.${at}`))} />
                    </li>
                  )}
                </Index>
              </ul>
              <span class="c-row">
                <button
                  type="button"
                  class="c-link"
                  onClick={() => replace(index, [...date().spans, date().spans.length > 0 ? afternoon : morning])}
                >
                  {t("practice.addHours")}
                  <span class="sr"> : {longDay(date().day)}</span>
                </button>
                <button
                  type="button"
                  class="c-sq"
                  onClick={() => {
                    props.onChange(props.dates.filter((_, place) => place !== index));
                    group?.querySelector<HTMLInputElement>(".h-closing input")?.focus();
                  }}
                >
                  <Icon name="close" size={16} />
                  <span class="sr">{tp("hours.removeDate", { day: longDay(date().day) })}</span>
                </button>
              </span>
            </fieldset>
          )}
        </Index>
      </div>
      <Field
        class="h-closing"
        label={tp("hours.date")}
        type="date"
        value={adding()}
        onInput={setAdding}
        after={
          <Button variant="secondary" onClick={addDate}>
            {tp("hours.addDate")}
          </Button>
        }
      />
    </fieldset>
  );
}

const morning: HoursSpan = { from: "09:00", to: "12:00" };
const afternoon: HoursSpan = { from: "14:00", to: "18:00" };
