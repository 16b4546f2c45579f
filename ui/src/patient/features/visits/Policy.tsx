import type { Appointment } from "@episante/contracts/appointment";
import { For } from "solid-js";
import { dateTime } from "../../../shared/lib/format.ts";
import { serverNow } from "../../../shared/lib/server-clock.ts";
import { tv } from "../../i18n/visit-texts.ts";
import { policyAt } from "./visit-state.ts";

/** Until when the patient may move and cancel, in words; before confirming either. */
export function Policy(props: { visit: Parameters<typeof policyAt>[0] & Pick<Appointment, "zone"> }) {
  return (
    <p class="small muted narrow">
      <For each={policyAt(props.visit, serverNow())}>
        {(line) => <>{tv(line.key, { until: dateTime(line.untilMs, props.visit.zone) })} </>}
      </For>
    </p>
  );
}
