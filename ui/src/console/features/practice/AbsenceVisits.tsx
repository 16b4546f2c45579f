import type { AbsenceVisit } from "@episante/contracts/absence";
import { getPatient } from "@episante/contracts/patient";
import { createEffect, createMemo, For, Show } from "solid-js";
import { call } from "../../../shared/lib/call.ts";
import { dateTime } from "../../../shared/lib/format.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { tp } from "../../i18n/practice-texts.ts";
import { patientName } from "../../lib/words.ts";
import { useConsole } from "../../shell/console-context.tsx";
import { countOutcomes } from "./absence-form.ts";

/** What happens, or happened, to each visit of an absence; and whom to call. */
export function AbsenceVisits(props: {
  visits: readonly AbsenceVisit[];
  callList: readonly string[];
  doctorId: string;
  doctorName: (doctorId: string) => string;
}) {
  const { names, zone } = useConsole();
  createEffect(() => void names.want(props.visits.map(({ patientId }) => patientId)));
  const counts = createMemo(() => countOutcomes(props.visits));
  const toCall = createMemo(() => props.visits.filter(({ appointmentId }) => props.callList.includes(appointmentId)));
  const summary = () =>
    [
      counts().moved > 0 ? tp("absence.sum.moved", { n: counts().moved }) : "",
      counts().cancelled > 0 ? tp("absence.sum.cancelled", { n: counts().cancelled }) : "",
      counts().kept > 0 ? tp("absence.sum.kept", { n: counts().kept }) : "",
      toCall().length > 0 ? tp("absence.sum.call", { n: toCall().length }) : "",
    ]
      .filter(Boolean)
      .join(" · ");
  function what(visit: AbsenceVisit): string {
    if (visit.to) {
      const when = dateTime(visit.to.start, zone());
      const isOther = visit.to.doctorId !== props.doctorId;
      return tp("absence.movedTo", {
        when: isOther ? tp("absence.movedToDoctor", { when, doctor: props.doctorName(visit.to.doctorId) }) : when,
      });
    }
    const outcome = visit.outcome === "cancelled" ? tp("absence.outcome.cancelled") : tp("absence.outcome.kept");
    return visit.obstacle ? `${outcome} (${tp(`absence.obstacle.${visit.obstacle}`)})` : outcome;
  }
  const told = (visit: AbsenceVisit) => (visit.outcome === "kept" ? tp("absence.reach.none") : tp(`absence.reach.${visit.reach}`));
  return (
    <Show when={props.visits.length > 0} fallback={<p>{tp("absence.reviewNone")}</p>}>
      <p>
        <b>{summary()}</b>
      </p>
      <div class="c-table h-visits">
        <table>
          <thead>
            <tr>
              <th scope="col">{tp("absence.time")}</th>
              <th scope="col">{tp("absence.patient")}</th>
              <th scope="col">{tp("absence.what")}</th>
              <th scope="col">{tp("absence.told")}</th>
            </tr>
          </thead>
          <tbody>
            <For each={props.visits}>
              {(visit) => (
                <tr>
                  <th scope="row">
                    <time datetime={visit.start}>{dateTime(visit.start, zone())}</time>
                  </th>
                  <td>{patientName(names.get(visit.patientId))}</td>
                  <td>{what(visit)}</td>
                  <td>{told(visit)}</td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </div>
      <Show when={toCall().length > 0}>
        <h3 class="c-h2">{tp("absence.callList")}</h3>
        <p class="s-note">{tp("absence.callWhy")}</p>
        <ul class="h-calls">
          <For each={toCall()}>
            {(visit) => (
              <li>
                <b>{patientName(names.get(visit.patientId))}</b> · {dateTime(visit.start, zone())} · <Phone patientId={visit.patientId} />
              </li>
            )}
          </For>
        </ul>
      </Show>
    </Show>
  );
}

/** The patient's number, as far as the reader may know it. */
function Phone(props: { patientId: `pat_${string}` }) {
  const patient = createLoad(
    () => props.patientId,
    (id, signal) => call(getPatient, { params: { id }, signal }),
  );
  return (
    <Show when={patient.value()?.phone} fallback={<Show when={!patient.pending()}>{tp("absence.noPhone")}</Show>}>
      {(number) => <a href={`tel:${number().replace(/[^+\d]/g, "")}`}>{number()}</a>}
    </Show>
  );
}
