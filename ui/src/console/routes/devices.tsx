import type { Device } from "@episante/contracts/device";
import { useSearchParams } from "@solidjs/router";
import { createEffect, createMemo, createSignal, createUniqueId, For, Show } from "solid-js";
import { Button } from "../../shared/components/Button.tsx";
import { Field } from "../../shared/components/Field.tsx";
import { announce } from "../../shared/components/LiveRegion.tsx";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { tdev } from "../../shared/devices/texts.ts";
import { createFleet } from "../features/fleet/create-fleet.ts";
import { PairDialog, RemoveDialog, RotateDialog } from "../features/fleet/FleetDialogs.tsx";
import { FleetRow } from "../features/fleet/FleetRow.tsx";
import { filterFleet, filters, sortFleet } from "../features/fleet/fleet.ts";
import "../features/fleet/fleet.css";
import { tf } from "../i18n/fleet-texts.ts";
import { patientName } from "../lib/words.ts";
import { ConsolePage } from "../shell/ConsolePage.tsx";
import { useConsole } from "../shell/console-context.tsx";
import { PatientsNav } from "./patients-nav.tsx";

type Question = { readonly kind: "pair" } | { readonly kind: "rotate" | "remove"; readonly device: Device };

/** Devices of the patients a doctor treats, those that need attention first. Search, filter and patient are in the address. */
export function DevicesRoute() {
  const { now, names, zone } = useConsole();
  const [search, setSearch] = useSearchParams<{ q?: string; show?: string; patient?: string }>();
  const [question, setQuestion] = createSignal<Question>();
  const select = createUniqueId();
  const fleet = createFleet();
  createEffect(() => void names.want([...new Set((fleet.value()?.devices ?? []).map(({ patientId }) => patientId))]));
  const nameOf = (patientId: string) => patientName(names.get(patientId));
  const filter = () => filters.find((name) => name === search.show) ?? "all";
  const mine = createMemo(() => (fleet.value()?.devices ?? []).filter(({ patientId }) => !search.patient || patientId === search.patient));
  const sorted = createMemo(() => sortFleet(mine(), now()));
  const shown = createMemo(() => filterFleet(sorted(), filter(), search.q ?? "", nameOf));
  const ids = createMemo(() => shown().map(({ device }) => device.id), [], { equals: (a, b) => a.join() === b.join() });
  const asked = (kind: "rotate" | "remove") => {
    const open = question();
    return open?.kind === kind ? open.device : undefined;
  };
  const close = () => {
    setQuestion(undefined);
    void fleet.reload();
  };
  const count = () =>
    shown().length === mine().length ? tf("shown", { n: shown().length }) : tf("shownOf", { n: shown().length, all: mine().length });
  return (
    <ConsolePage title={tf("title")}>
      <PatientsNav />
      <div class="c-split">
        <p class="s-note">{tf("intro")}</p>
        <Button icon="plus" onClick={() => setQuestion({ kind: "pair" })}>
          {tf("pair")}
        </Button>
      </div>
      <div class="dv-bar">
        <Field
          label={tf("search")}
          hint={tf("searchHint")}
          type="search"
          autocomplete="off"
          value={search.q ?? ""}
          onInput={(q) => setSearch({ q: q || undefined }, { replace: true })}
        />
        <div class="field">
          <label for={select}>{tf("filter")}</label>
          <span class="c-select">
            <select
              id={select}
              class="input"
              value={filter()}
              onChange={(event) => setSearch({ show: event.currentTarget.value === "all" ? undefined : event.currentTarget.value })}
            >
              <For each={filters}>{(name) => <option value={name}>{tf(`filter.${name}`)}</option>}</For>
            </select>
          </span>
        </div>
      </div>
      <Show when={search.patient}>
        {(patientId) => (
          <p class="c-row">
            {tf("ofPatient", { patient: nameOf(patientId()) })}
            <Button variant="quiet" onClick={() => setSearch({ patient: undefined })}>
              {tf("allPatients")}
            </Button>
          </p>
        )}
      </Show>
      <Show when={fleet.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void fleet.reload()} />}</Show>
      <Show when={fleet.value()}>
        {(known) => (
          <>
            <p class="c-empty">{mine().length === 0 ? tf("none") : shown().length === 0 ? tf("noneFound") : count()}</p>
            <Show when={known().isCut}>
              <p class="s-note">{tf("more", { n: known().devices.length })}</p>
            </Show>
          </>
        )}
      </Show>
      <ul class="dv-list">
        <For each={ids()}>
          {(id) => (
            <Show when={shown().find(({ device }) => device.id === id)}>
              {(item) => (
                <FleetRow
                  item={item()}
                  patient={nameOf(item().device.patientId)}
                  now={now()}
                  zone={zone()}
                  onRotate={() => setQuestion({ kind: "rotate", device: item().device })}
                  onRemove={() => setQuestion({ kind: "remove", device: item().device })}
                />
              )}
            </Show>
          )}
        </For>
      </ul>
      <Show when={question()?.kind === "pair"}>
        <PairDialog patient={search.patient ? names.get(search.patient) : undefined} onClose={close} onChange={() => void fleet.reload()} />
      </Show>
      <Show when={asked("rotate")} keyed>
        {(device) => <RotateDialog device={device} onClose={close} />}
      </Show>
      <Show when={asked("remove")} keyed>
        {(device) => (
          <RemoveDialog
            device={device}
            patient={nameOf(device.patientId)}
            onClose={close}
            onRemoved={() => {
              announce(tdev("removed"));
              close();
            }}
          />
        )}
      </Show>
    </ConsolePage>
  );
}
