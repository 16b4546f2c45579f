import { exportHours, exportPatients, exportVisits } from "@episante/contracts/transfer";
import { createSignal, createUniqueId } from "solid-js";
import { Field } from "../../../../shared/components/Field.tsx";
import { urlOf } from "../../../../shared/lib/call.ts";
import { tx } from "../../../i18n/transfer-texts.ts";

/** Downloads of everything the clinic has in tables. */
export function TransferExport(props: { clinicId: `cli_${string}` }) {
  const id = createUniqueId();
  const [from, setFrom] = createSignal("");
  const [to, setTo] = createSignal("");
  const ofClinic = () => ({ clinicId: props.clinicId });
  const period = () => ({ ...(from() ? { from: from() } : {}), ...(to() ? { to: to() } : {}) });
  return (
    <section class="c-card" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{tx("export.title")}</h2>
      <p class="s-note">{tx("export.why")}</p>
      <div class="c-row h-acts">
        <a class="btn" data-variant="secondary" href={urlOf(exportPatients, { query: ofClinic() })} download="patients.csv" target="_self">
          {tx("export.patients")}
        </a>
        <a class="btn" data-variant="secondary" href={urlOf(exportHours, { query: ofClinic() })} download="hours.csv" target="_self">
          {tx("export.hours")}
        </a>
      </div>
      <div class="h-form">
        <div class="m-fields">
          <Field label={tx("export.from")} type="date" value={from()} onInput={setFrom} />
          <Field label={tx("export.to")} type="date" value={to()} onInput={setTo} />
        </div>
        <p class="s-note" id={`${id}-all`}>
          {tx("export.all")}
        </p>
        <a
          class="btn"
          data-variant="secondary"
          href={urlOf(exportVisits, { query: { ...ofClinic(), ...period() } })}
          download="visits.csv"
          target="_self"
          aria-describedby={`${id}-all`}
        >
          {tx("export.visits")}
        </a>
      </div>
    </section>
  );
}
