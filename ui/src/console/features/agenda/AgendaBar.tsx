import { For, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { Icon } from "../../../shared/components/Icon.tsx";
import { capital, clock, dateDay, dateRange, dayInstant, monthYear } from "../../../shared/lib/format.ts";
import { ta } from "../../i18n/agenda-texts.ts";
import { useConsole } from "../../shell/console-context.tsx";
import { mostDoctors } from "./agenda-doctors.ts";
import { useAgenda, views } from "./create-agenda.ts";
import { useDesk } from "./create-desk.ts";
import { isoWeek } from "./day-layout.ts";

/** Which days, whose, how; and what can be begun from here. */
export function AgendaBar() {
  const agenda = useAgenda();
  const desk = useDesk();
  return (
    <div class="g-bar">
      <button type="button" class="c-sq" onClick={() => agenda.go(-1)}>
        <Icon name="left" size={18} />
        <span class="sr">{ta(`previous.${agenda.view()}`)}</span>
      </button>
      <button type="button" class="c-sq" onClick={() => agenda.go(1)}>
        <Icon name="right" size={18} />
        <span class="sr">{ta(`next.${agenda.view()}`)}</span>
      </button>
      <Button variant="secondary" onClick={() => agenda.show({ date: undefined })}>
        {ta("today")} <kbd>T</kbd>
      </Button>
      <h2>
        <Title />
      </h2>
      <span class="sp" />
      <Doctors />
      <div class="c-seg" role="group" aria-label={ta("view")}>
        <For each={views}>
          {(name) => (
            <button type="button" aria-pressed={agenda.view() === name} onClick={() => agenda.show({ view: name })}>
              {ta(name)}
            </button>
          )}
        </For>
      </div>
      <button type="button" class="c-sq g-print" onClick={() => print()}>
        <Icon name="print" size={18} />
        <span class="sr">{ta("print")}</span>
      </button>
      <Button icon="plus" onClick={() => desk.book({})}>
        {ta("newVisit")} <kbd>N</kbd>
      </Button>
    </div>
  );
}

function Title() {
  const agenda = useAgenda();
  const day = () => dayInstant(agenda.first());
  return (
    <>
      <Show when={agenda.view() === "month"}>{capital(monthYear(dayInstant(agenda.date()), "UTC"))}</Show>
      <Show when={agenda.view() === "day"}>{capital(dateDay(day(), "UTC"))}</Show>
      <Show when={agenda.view() === "week"}>
        {dateRange(day(), dayInstant(agenda.days().at(-1) ?? agenda.first()), "UTC")}
        <small>{ta("weekNumber", { n: isoWeek(agenda.first()) })}</small>
      </Show>
    </>
  );
}

/** Says honestly whether what is seen is what is. */
export function LinkChip() {
  const agenda = useAgenda();
  const { alerts } = useConsole();
  const words = () => {
    const link = agenda.visits.link();
    return ta(link === "live" ? "live.on" : link === "connecting" ? "live.connecting" : "live.lost");
  };
  return (
    <span class="c-live g-live" data-state={agenda.visits.link() === "refused" ? "lost" : agenda.visits.link()}>
      <i aria-hidden="true" />
      {/* A phone's bar has room for one chip in words: the alerts'. A lost agenda has its banner there. */}
      <span class={alerts ? "c-wide" : ""}>
        {/* A doctor has the chip of the alerts beside it. */}
        <Show when={alerts}>{`${ta("title")} · `}</Show>
        {words()}
      </span>
    </span>
  );
}

/** A lasting sentence while the feed is lost. */
export function LostBanner() {
  const agenda = useAgenda();
  return (
    <div role="alert">
      <Show when={agenda.visits.lostSince()}>
        {(since) => (
          <p class="g-lost" data-testid="agenda-lost">
            <Icon name="offline" size={18} />
            {ta("live.lostSince", { time: clock(since(), agenda.zone(), true) })}
          </p>
        )}
      </Show>
    </div>
  );
}

function Doctors() {
  const agenda = useAgenda();
  const others = () => agenda.doctors.all().filter((doctor) => !agenda.doctors.chosen().includes(doctor));
  const isFull = () => agenda.doctors.chosen().length >= mostDoctors;
  return (
    <Show when={agenda.doctors.all().length > 1}>
      <ul class="g-doctors" aria-label={ta("doctors")}>
        <For each={agenda.doctors.chosen()}>
          {(doctor) => (
            <li class="g-doctor" data-tone={doctor.tone}>
              <b aria-hidden="true">{doctor.initials}</b>
              <span>{doctor.surname}</span>
              <Show when={agenda.doctors.chosen().length > 1}>
                <button type="button" onClick={() => agenda.toggleDoctor(doctor)}>
                  <Icon name="close" size={14} />
                  <span class="sr">{ta("removeDoctor", { name: doctor.name })}</span>
                </button>
              </Show>
            </li>
          )}
        </For>
        <Show when={others().length > 0}>
          <li class="c-select">
            <select
              class="input g-add"
              aria-label={ta("addDoctor")}
              title={isFull() ? ta("addDoctorFull") : ta("addDoctor")}
              disabled={isFull()}
              onChange={(event) => {
                const doctor = others().find((one) => one.id === event.currentTarget.value);
                event.currentTarget.value = "";
                if (doctor) agenda.toggleDoctor(doctor);
              }}
            >
              <option value="">+</option>
              <For each={others()}>{(doctor) => <option value={doctor.id}>{doctor.name}</option>}</For>
            </select>
          </li>
        </Show>
      </ul>
    </Show>
  );
}
