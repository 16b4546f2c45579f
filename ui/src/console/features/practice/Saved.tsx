import { Show } from "solid-js";
import { Icon } from "../../../shared/components/Icon.tsx";
import { t } from "../../i18n/text.ts";

/** The result of a form, beside its button. */
export function Saved(props: { when: boolean }) {
  return (
    <span role="status" class="c-row">
      <Show when={props.when}>
        <Icon name="check" size={16} />
        {t("settings.saved")}
      </Show>
    </span>
  );
}
