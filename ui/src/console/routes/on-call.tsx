import "../features/on-call/on-call.css";
import { createMemo, For, Show } from "solid-js";
import { AckExpiryForm } from "../features/on-call/AckExpiryForm.tsx";
import { MessageChoice } from "../features/on-call/MessageChoice.tsx";
import { OnCallEditor } from "../features/on-call/OnCallEditor.tsx";
import { toc } from "../i18n/on-call-texts.ts";
import { useConsole } from "../shell/console-context.tsx";
import { SettingsPage } from "./settings-page.tsx";

/** How alerts reach people: a clinic's rota, chains and quiet hours for its doctors and administrators; one's own mails for every member. */
export function OnCallRoute() {
  const { me } = useConsole();
  const clinics = createMemo(() => {
    const byId = Map.groupBy(me().memberships, ({ clinicId }) => clinicId);
    return [...byId].flatMap(([clinicId, held]) => {
      const isDoctor = held.some(({ role }) => role === "doctor");
      const mayChange = isDoctor || held.some(({ role }) => role === "admin");
      return mayChange ? [{ clinicId, isDoctor, name: held[0]?.clinicName ?? "" }] : [];
    });
  });
  return (
    <SettingsPage title={toc("page.title")}>
      <For each={clinics().map(({ clinicId }) => clinicId)}>
        {(clinicId) => {
          const clinic = () => clinics().find((one) => one.clinicId === clinicId);
          const title = () => (clinics().length > 1 ? toc("titleOf", { clinic: clinic()?.name ?? "" }) : undefined);
          return (
            <>
              <OnCallEditor clinicId={clinicId} title={title()} />
              <Show when={clinic()?.isDoctor}>
                <AckExpiryForm clinicId={clinicId} />
              </Show>
            </>
          );
        }}
      </For>
      <MessageChoice />
    </SettingsPage>
  );
}
