import { getClosures } from "@episante/contracts/appointment";
import { createMemo, Show } from "solid-js";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { call } from "../../shared/lib/call.ts";
import { createLoad } from "../../shared/lib/load.ts";
import { ClosureImport } from "../features/practice/ClosureImport.tsx";
import { ClosureList } from "../features/practice/ClosureList.tsx";
import { tp } from "../i18n/practice-texts.ts";
import { useConsole } from "../shell/console-context.tsx";
import { SettingsPage } from "./settings-page.tsx";

/** Days on which the clinic is closed: staff and administrators change them, doctors read them. */
export function ClosuresRoute() {
  const { me, roles } = useConsole();
  const clinicId = createMemo(() => me().memberships[0]?.clinicId);
  const mayChange = () => roles().includes("staff") || roles().includes("admin");
  const closures = createLoad(clinicId, (id, signal) => call(getClosures, { query: { clinicId: id }, signal }));
  return (
    <SettingsPage title={tp("closures.title")}>
      <Show when={closures.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void closures.reload()} />}</Show>
      <Show when={clinicId()}>
        {(id) => (
          <Show when={closures.value()}>
            {(known) => (
              <>
                <ClosureList clinicId={id()} items={known().items} mayChange={mayChange()} onSaved={(items) => closures.set({ items })} />
                <Show when={mayChange()}>
                  <ClosureImport clinicId={id()} onImported={() => void closures.reload()} />
                </Show>
              </>
            )}
          </Show>
        )}
      </Show>
    </SettingsPage>
  );
}
