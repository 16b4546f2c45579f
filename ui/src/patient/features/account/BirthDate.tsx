import { FieldError } from "../../../shared/components/Field.tsx";
import { t } from "../../i18n/t.ts";
import type { BirthParts } from "./register-form.ts";

/** Three fields, each part named when missing; pasting and autofill work per part. */
export function BirthDate(props: {
  id: (field: keyof BirthParts) => string;
  values: BirthParts;
  set: (field: keyof BirthParts) => (value: string) => void;
  errorOf: (field: keyof BirthParts) => string | undefined;
  /** The birth date is somebody else's: the browser must not offer the person's own. */
  ofAnother?: boolean;
}) {
  const parts = [
    { field: "birthDay", label: "sign.birthDay", autocomplete: "bday-day", width: "w-20", max: 2 },
    { field: "birthMonth", label: "sign.birthMonth", autocomplete: "bday-month", width: "w-20", max: 2 },
    { field: "birthYear", label: "sign.birthYear", autocomplete: "bday-year", width: "w-28", max: 4 },
  ] as const;
  return (
    <fieldset class="field" aria-describedby={`${props.id("birthDay")}-hint`}>
      <legend>{t("sign.birthDate")}</legend>
      <p class="hint" id={`${props.id("birthDay")}-hint`}>
        {t("sign.birthHint")}
      </p>
      {parts.map((part) => (
        <FieldError id={`${props.id(part.field)}-error`} text={props.errorOf(part.field)} />
      ))}
      <div class="flex flex-wrap gap-3">
        {parts.map((part) => (
          <div class={`grid gap-1 ${part.width}`}>
            <label for={props.id(part.field)} class="small">
              {t(part.label)}
            </label>
            <input
              id={props.id(part.field)}
              class="input"
              inputmode="numeric"
              autocomplete={props.ofAnother ? "off" : part.autocomplete}
              maxLength={part.max}
              value={props.values[part.field]}
              onInput={(event) => props.set(part.field)(event.currentTarget.value)}
              aria-invalid={props.errorOf(part.field) ? "true" : undefined}
              aria-describedby={props.errorOf(part.field) ? `${props.id(part.field)}-error` : undefined}
            />
          </div>
        ))}
      </div>
    </fieldset>
  );
}
