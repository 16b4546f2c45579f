import { createMemo, For } from "solid-js";
import { NoShowPolicy } from "../features/floor/NoShowPolicy.tsx";
import { CancelReasonsForm } from "../features/practice/CancelReasonsForm.tsx";
import { tcr } from "../i18n/cancel-reason-texts.ts";
import { tf } from "../i18n/floor-texts.ts";
import { useConsole } from "../shell/console-context.tsx";
import { SettingsPage } from "./settings-page.tsx";

/** Per clinic of the account: what missed visits mean for booking online, and the reasons offered when a visit is cancelled. */
export function MissedVisitsRoute() {
  const { me } = useConsole();
  const clinics = createMemo(() => [...new Map(me().memberships.map((one) => [one.clinicId, one.clinicName])).entries()]);
  const isOnly = () => clinics().length === 1;
  return (
    <SettingsPage title={tf("policy.page")}>
      <For each={clinics()}>
        {([clinicId, clinic]) => (
          <>
            <NoShowPolicy clinicId={clinicId} title={isOnly() ? tf("policy.title") : tf("policy.titleOf", { clinic })} />
            <CancelReasonsForm clinicId={clinicId} title={isOnly() ? tcr("title") : tcr("titleOf", { clinic })} />
          </>
        )}
      </For>
    </SettingsPage>
  );
}
