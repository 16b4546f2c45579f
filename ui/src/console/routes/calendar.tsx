import { createMemo, createSignal, createUniqueId, For, Show } from "solid-js";
import { PrivateCalendar } from "../../shared/calendar-feed/PrivateCalendar.tsx";
import { twl } from "../i18n/waiting-texts.ts";
import { useConsole } from "../shell/console-context.tsx";
import { SettingsPage } from "./settings-page.tsx";

/** A doctor's own agenda in a calendar program; who is a doctor in several clinics chooses one. */
export function CalendarRoute() {
  const { me } = useConsole();
  const id = createUniqueId();
  const agendas = createMemo(() => me().memberships.flatMap(({ doctorId, clinicName }) => (doctorId ? [{ doctorId, clinicName }] : [])));
  const [chosen, setChosen] = createSignal<`doc_${string}`>();
  const doctorId = () => chosen() ?? agendas()[0]?.doctorId;
  return (
    <SettingsPage title={twl("calendar.title")}>
      <Show when={agendas().length > 1}>
        <div class="field h-who">
          <label for={id}>{twl("calendar.clinic")}</label>
          <span class="c-select">
            <select
              id={id}
              class="input"
              onChange={(event) => setChosen(agendas().find((one) => one.doctorId === event.currentTarget.value)?.doctorId)}
            >
              <For each={agendas()}>{(one) => <option value={one.doctorId}>{one.clinicName}</option>}</For>
            </select>
          </span>
        </div>
      </Show>
      <Show when={doctorId()} keyed fallback={<p>{twl("calendar.none")}</p>}>
        {(known) => (
          <section class="c-card" aria-labelledby="calendar-heading">
            <h2 id="calendar-heading">{twl("calendar.heading")}</h2>
            <PrivateCalendar kind="doctor" doctorId={known} />
          </section>
        )}
      </Show>
    </SettingsPage>
  );
}
