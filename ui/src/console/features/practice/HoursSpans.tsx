import { Icon } from "../../../shared/components/Icon.tsx";
import { tp } from "../../i18n/practice-texts.ts";
import { t } from "../../i18n/text.ts";
import type { HoursSpan, LineFault } from "./hours-form.ts";

/** Two times of day and a cross: from, to, remove. @param of what the hours are for, read out with each field */
export function SpanFields(props: {
  of: string;
  span: HoursSpan;
  fault: LineFault | undefined;
  faultId: string;
  onChange: (part: Partial<HoursSpan>) => void;
  onRemove: () => void;
}) {
  return (
    <>
      <Time
        label={`${props.of}, ${t("practice.from")}`}
        value={props.span.from}
        fault={props.fault}
        faultId={props.faultId}
        onInput={(from) => props.onChange({ from })}
      />
      <span aria-hidden="true">–</span>
      <Time
        label={`${props.of}, ${t("practice.to")}`}
        value={props.span.to}
        fault={props.fault}
        faultId={props.faultId}
        onInput={(to) => props.onChange({ to })}
      />
      <button type="button" class="c-sq" onClick={() => props.onRemove()}>
        <Icon name="close" size={16} />
        <span class="sr">{t("practice.remove", { what: `${props.of} ${props.span.from}–${props.span.to}` })}</span>
      </button>
    </>
  );
}

/** Faults of the two times; those of a line's rules stand with the rules. */
export function isTimeFault(fault: LineFault | undefined): fault is "time" | "order" | "overlap" {
  return fault === "time" || fault === "order" || fault === "overlap";
}

/** A fault in words. */
export function faultWords(fault: LineFault | undefined): string | undefined {
  if (fault === undefined) return undefined;
  return isTimeFault(fault) ? t(`practice.fault.${fault}`) : tp(`hours.fault.${fault}`);
}

function Time(props: { label: string; value: string; fault: LineFault | undefined; faultId: string; onInput: (value: string) => void }) {
  const bad = () => isTimeFault(props.fault);
  return (
    <input
      class="input h-time"
      aria-label={props.label}
      inputmode="numeric"
      autocomplete="off"
      value={props.value}
      aria-invalid={bad() ? "true" : undefined}
      aria-describedby={bad() ? props.faultId : undefined}
      onInput={(event) => props.onInput(event.currentTarget.value)}
    />
  );
}
