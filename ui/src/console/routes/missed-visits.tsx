import { NoShowPolicy } from "../features/floor/NoShowPolicy.tsx";
import { tf } from "../i18n/floor-texts.ts";
import { ConsolePage } from "../shell/ConsolePage.tsx";
import { SettingsNav } from "./settings-nav.tsx";

/** What missed visits mean for booking online: a rule of the clinic. */
export function MissedVisitsRoute() {
  return (
    <ConsolePage title={tf("policy.page")}>
      <SettingsNav />
      <div class="c-narrow">
        <NoShowPolicy />
      </div>
    </ConsolePage>
  );
}
