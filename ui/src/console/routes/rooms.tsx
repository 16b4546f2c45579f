import { listResources } from "@episante/contracts/resource";
import { createMemo, Show } from "solid-js";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { call } from "../../shared/lib/call.ts";
import { createLoad } from "../../shared/lib/load.ts";
import { createDoctors } from "../features/practice/create-doctors.ts";
import { createNeeds } from "../features/practice/rooms/create-needs.ts";
import { RoomDay } from "../features/practice/rooms/RoomDay.tsx";
import { RoomList } from "../features/practice/rooms/RoomList.tsx";
import { trm } from "../i18n/rooms-texts.ts";
import { useConsole } from "../shell/console-context.tsx";
import { SettingsPage } from "./settings-page.tsx";

/** Rooms and devices of the clinic: staff and administrators keep them, doctors read them. */
export function RoomsRoute() {
  const { me, roles, zone } = useConsole();
  const clinicId = createMemo(() => me().memberships[0]?.clinicId);
  const mayChange = () => roles().includes("staff") || roles().includes("admin");
  const seesVisits = () => roles().includes("staff") || roles().includes("doctor");
  const rooms = createLoad(clinicId, (id, signal) => call(listResources, { query: { clinicId: id }, signal }));
  const members = createDoctors();
  const doctors = createMemo(() => (members.isLoaded() ? members.doctors().filter((one) => one.clinicId === clinicId()) : undefined));
  const needs = createNeeds(doctors);
  return (
    <SettingsPage title={trm("page.title")}>
      <Show when={rooms.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void rooms.reload()} />}</Show>
      <Show when={clinicId()}>
        {(id) => (
          <Show when={rooms.value()}>
            {(known) => (
              <>
                <RoomList clinicId={id()} rooms={known().items} needs={needs()} mayChange={mayChange()} onChanged={() => rooms.reload()} />
                <Show when={seesVisits() && known().items.some(({ isActive }) => isActive)}>
                  <RoomDay rooms={known().items} doctors={doctors() ?? []} zone={zone()} />
                </Show>
              </>
            )}
          </Show>
        )}
      </Show>
    </SettingsPage>
  );
}
