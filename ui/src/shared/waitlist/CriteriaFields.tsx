import { Choices } from "../components/Choices.tsx";
import { Field } from "../components/Field.tsx";
import { capital } from "../lib/format.ts";
import { type CriteriaValues, dayParts, type Weekday, weekdays } from "./criteria.ts";
import { tcr } from "./texts.ts";

/** Days, time of day and last day that suit somebody who waits. `today`: `YYYY-MM-DD` at the doctor's; `fault`: of the last day. */
export function CriteriaFields(props: {
  id: string;
  values: CriteriaValues;
  onChange: (values: CriteriaValues) => void;
  today: string;
  fault: string | undefined;
}) {
  const set = (part: Partial<CriteriaValues>) => props.onChange({ ...props.values, ...part });
  return (
    <>
      <Choices
        id={`${props.id}-days`}
        legend={tcr("days")}
        hint={tcr("daysHint")}
        kind="checkbox"
        short
        options={weekdays.map((day) => ({ value: `${day}`, text: capital(tcr(`day.${day}`)) }))}
        chosen={props.values.days.map(String)}
        onChange={(days) => set({ days: days.map((day) => Number(day) as Weekday) })}
      />
      <Choices
        id={`${props.id}-part`}
        legend={tcr("part")}
        kind="radio"
        options={dayParts.map((value) => ({ value, text: tcr(`part.${value}`) }))}
        chosen={[props.values.part]}
        onChange={([part]) => part && set({ part })}
      />
      <Field
        id={`${props.id}-until`}
        label={tcr("until")}
        hint={tcr("untilHint")}
        type="date"
        min={props.today}
        value={props.values.until}
        onInput={(until) => set({ until })}
        error={props.fault}
      />
    </>
  );
}
