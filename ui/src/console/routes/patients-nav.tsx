import { Show } from "solid-js";
import { tf } from "../i18n/fleet-texts.ts";
import { t } from "../i18n/text.ts";
import { useConsole } from "../shell/console-context.tsx";
import { SubNav } from "../shell/SubNav.tsx";

/** Pages about patients: the search, and for doctors the devices. */
export function PatientsNav() {
  const { roles } = useConsole();
  return (
    <Show when={roles().includes("doctor")}>
      <SubNav
        label={t("patients.title")}
        pages={[
          { path: "/patients", label: t("nav.patients") },
          { path: "/patients/devices", label: tf("title") },
        ]}
      />
    </Show>
  );
}
