import { listPatients } from "@episante/contracts/patient";
import { A, useSearchParams } from "@solidjs/router";
import { createEffect, createSignal, For, onCleanup, Show } from "solid-js";
import { Field } from "../../shared/components/Field.tsx";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { call } from "../../shared/lib/call.ts";
import { createLoad } from "../../shared/lib/load.ts";
import { ProxyLinks } from "../features/patient/ProxyLinks.tsx";
import { t } from "../i18n/text.ts";
import { ageAndSex, type PatientMin, patientName } from "../lib/words.ts";
import { ConsolePage } from "../shell/ConsolePage.tsx";
import { useConsole } from "../shell/console-context.tsx";
import { PatientsNav } from "./patients-nav.tsx";

const shortest = 3;

/** Finds patients of the clinic by name. Nothing is listed before a name is asked for. Staff verify links between relatives here. */
export function PatientsRoute() {
  const { now, names, roles } = useConsole();
  const [search, setSearch] = useSearchParams<{ q?: string }>();
  const [asked, setAsked] = createSignal(search.q ?? "");
  createEffect(() => {
    const q = (search.q ?? "").trim();
    const timer = setTimeout(() => setAsked(q), 250);
    onCleanup(() => clearTimeout(timer));
  });
  const found = createLoad(
    () => (asked().length >= shortest ? asked() : undefined),
    (q, signal) => call(listPatients, { query: { q, limit: 50 }, signal }),
  );
  createEffect(() => {
    for (const patient of found.value()?.items ?? []) names.add(patient);
  });
  const shown = () => (asked().length >= shortest ? found.value()?.items : undefined);
  return (
    <ConsolePage title={t("patients.title")}>
      <PatientsNav />
      <div class="c-narrow">
        <Field
          class="p-search"
          label={t("patients.search")}
          hint={t("patients.hint")}
          type="search"
          autocomplete="off"
          value={search.q ?? ""}
          onInput={(q) => setSearch({ q: q || undefined }, { replace: true })}
        />
        <Show when={found.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void found.reload()} />}</Show>
        <p role="status" class="c-empty">
          <Show when={shown()}>{(items) => (items().length === 0 ? t("patients.none") : t("patients.found", { n: items().length }))}</Show>
        </p>
        <ul class="p-list">
          <For each={shown()}>
            {(patient) => (
              <li>
                <Show
                  when={roles().includes("doctor")}
                  fallback={
                    <div class="p-line">
                      <Line patient={patient} now={now()} />
                    </div>
                  }
                >
                  <A href={`/patients/${patient.id}`}>
                    <Line patient={patient} now={now()} />
                  </A>
                </Show>
              </li>
            )}
          </For>
        </ul>
        <Show when={roles().some((role) => role === "staff" || role === "admin")}>
          <ProxyLinks />
        </Show>
      </div>
    </ConsolePage>
  );
}

function Line(props: { patient: PatientMin; now: number }) {
  return (
    <>
      <b>{patientName(props.patient)}</b>
      <span>{ageAndSex(props.patient, props.now)}</span>
      <span>{t("alerts.file", { number: props.patient.fileNumber })}</span>
    </>
  );
}
