import type { AnswerOf } from "@episante/contracts/endpoint";
import type { importHours, importPatients, importVisits, TransferFault } from "@episante/contracts/transfer";
import { createMemo, For, Show } from "solid-js";
import { Banner } from "../../../../shared/components/Banner.tsx";
import { Button } from "../../../../shared/components/Button.tsx";
import { tx } from "../../../i18n/transfer-texts.ts";
import { Table } from "./Table.tsx";
import { lineOf, linesOf } from "./transfer-file.ts";

/** Most rows on screen: who has more faults than these corrects the file first. */
const mostShown = 100;

export type ImportAnswer = AnswerOf<typeof importPatients> | AnswerOf<typeof importVisits> | AnswerOf<typeof importHours>;
type Row = ImportAnswer["rows"][number];

/** What a file would do: its faults with row, column and why, or what becomes of each row, and the button that does it. */
export function ImportResult(props: { answer: ImportAnswer; text: string; busy: boolean; onConfirm: () => void }) {
  const lines = createMemo(() => linesOf(props.text));
  const count = (change: Row["change"]) => props.answer.rows.filter((row) => row.change === change).length;
  const faults = () => props.answer.faults;
  const doctors = () => ("doctors" in props.answer ? props.answer.doctors : []);
  return (
    <>
      <Show when={faults().length > 0}>
        <Banner tone="warning" live="polite">
          {tx("import.faults", { n: faults().length })}
        </Banner>
        <Table
          caption={tx("import.faultsTable")}
          columns={[tx("import.row"), tx("import.column"), tx("import.reason"), tx("import.inFile")]}
        >
          <For each={faults().slice(0, mostShown)}>
            {(fault) => (
              <tr>
                <th scope="row">{fault.row}</th>
                <td>{fault.column ? columnName(fault.column) : ""}</td>
                <td>{sentenceOf(fault)}</td>
                <td class="t-line">{lineOf(lines(), fault.row)}</td>
              </tr>
            )}
          </For>
        </Table>
        <More count={faults().length} />
      </Show>
      <p role="status" class="h-acts">
        <b>
          {tx("import.new", { n: count("new") })}, {tx("import.known", { n: count("known") })}
        </b>
      </p>
      <Show when={props.answer.ignored.length > 0}>
        <p class="s-note">{tx("import.ignored", { names: props.answer.ignored.join(", ") })}</p>
      </Show>
      <Show when={doctors().length > 0}>
        <Table caption={tx("hours.table")} columns={[tx("hours.doctor"), tx("hours.now"), tx("hours.then"), tx("hours.outside")]}>
          <For each={doctors()}>
            {(doctor) => (
              <tr>
                <th scope="row">{doctor.name || doctor.doctorId}</th>
                <td>{doctor.windowsNow}</td>
                <td>{doctor.windowsThen}</td>
                <td>{doctor.visitsOutside}</td>
              </tr>
            )}
          </For>
        </Table>
      </Show>
      <Show when={faults().length === 0 && props.answer.rows.length > 0}>
        <Table caption={tx("import.rowsTable")} columns={[tx("import.row"), tx("import.effect"), tx("import.inFile")]}>
          <For each={props.answer.rows.slice(0, mostShown)}>
            {(row) => (
              <tr>
                <th scope="row">{row.row}</th>
                <td>{effectOf(row)}</td>
                <td class="t-line">{lineOf(lines(), row.row)}</td>
              </tr>
            )}
          </For>
        </Table>
        <More count={props.answer.rows.length} />
        <div class="c-row h-acts">
          <Button busy={props.busy} onClick={props.onConfirm}>
            {tx("import.confirm", { n: props.answer.rows.length })}
          </Button>
        </div>
      </Show>
    </>
  );
}

function effectOf(row: Row): string {
  const { warning, otherRow } = row as { warning?: "same-person" | "namesake"; otherRow?: number };
  const effect = warning ? tx(`warning.${warning}`) : tx(`change.${row.change}`);
  return otherRow === undefined ? effect : `${effect} (${tx("fault.other", { row: String(otherRow) })})`;
}

function sentenceOf({ code, otherRow, otherId }: TransferFault): string {
  const sentence = tx(`fault.${code}`);
  const other = otherRow === undefined ? otherId && tx("fault.otherVisit") : tx("fault.other", { row: String(otherRow) });
  return other ? `${sentence.replace(/\.$/, "")} (${other}).` : sentence;
}

/** A column in the reader's language; the file may call it otherwise. */
function columnName(column: NonNullable<TransferFault["column"]>): string {
  return tx(`column.${column}`);
}

function More(props: { count: number }) {
  return (
    <Show when={props.count > mostShown}>
      <p class="s-note">{tx("import.more", { n: props.count - mostShown })}</p>
    </Show>
  );
}
