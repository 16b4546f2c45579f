import { importClosures } from "@episante/contracts/appointment";
import type { AnswerOf } from "@episante/contracts/endpoint";
import { createUniqueId, For, Show } from "solid-js";
import { Banner } from "../../../shared/components/Banner.tsx";
import { Button } from "../../../shared/components/Button.tsx";
import { FieldError } from "../../../shared/components/Field.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { call } from "../../../shared/lib/call.ts";
import { dateLong, dayInstant } from "../../../shared/lib/format.ts";
import { tp } from "../../i18n/practice-texts.ts";
import { formatOf, largestFile } from "./closures-form.ts";
import { createFileImport } from "./create-file-import.ts";
import { Table } from "./transfer/Table.tsx";

type Answer = AnswerOf<typeof importClosures>;
type Chosen = { readonly text: string; readonly format: "ics" | "csv" };

/** Closed days from a file: checked first, with every faulty row by its number; then all or nothing. */
export function ClosureImport(props: { clinicId: `cli_${string}`; onImported: () => void }) {
  const id = createUniqueId();
  const file = createFileImport<Chosen, "file" | "size", Answer>({
    none: "file",
    read: async (picked) => {
      const text = await picked.text();
      if (text.length > largestFile) return { fault: "size" };
      const format = formatOf(picked.name, text);
      return format && text !== "" ? { text, format } : { fault: "file" };
    },
    send: (chosen, dryRun) => call(importClosures, { body: { clinicId: props.clinicId, ...chosen, dryRun } }),
  });
  const changesOf = (answer: Answer) => answer.rows.filter(({ change }) => change !== "known").length;
  async function confirm(): Promise<void> {
    if (await file.send(false)) props.onImported();
  }
  return (
    <section class="c-card" aria-labelledby="import-title">
      <h2 id="import-title">{tp("closures.import")}</h2>
      <p class="s-note">{tp("closures.importWhy")}</p>
      <form
        class="h-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void file.send(true);
        }}
      >
        <div class="field">
          <label for={id}>{tp("closures.file")}</label>
          <FieldError id={`${id}-error`} text={file.fault() && tp(`closures.fault.${file.fault() ?? "file"}`)} />
          <input
            ref={file.setInput}
            id={id}
            class="input h-file"
            type="file"
            accept=".ics,.csv,text/calendar,text/csv"
            aria-invalid={file.fault() ? "true" : undefined}
            aria-describedby={file.fault() ? `${id}-error` : undefined}
            onClick={file.beforeChoice}
            onChange={() => void file.choose()}
          />
        </div>
        <Button type="submit" variant="secondary" busy={file.busy()}>
          {tp("closures.check")}
        </Button>
      </form>
      <Show when={file.problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
      <p role="status">
        <Show when={file.imported()}>{(answer) => tp("closures.imported", { n: changesOf(answer()) })}</Show>
      </p>
      <Show when={file.checked()}>
        {(found) => (
          <>
            <Show when={found().faults.length > 0}>
              <Banner tone="warning" live="polite">
                <b>{tp("closures.faults", { n: found().faults.length })}</b>
                <ul>
                  <For each={found().faults}>
                    {(one) => (
                      <li>
                        {tp("closures.row")} {one.row} : {tp(`closures.fault.${one.code}`)}
                      </li>
                    )}
                  </For>
                </ul>
              </Banner>
            </Show>
            <p role="status">
              <b>{tp("closures.found", { n: found().rows.length })}</b>
            </p>
            <Show when={found().rows.length > 0}>
              <Table
                caption={tp("closures.import")}
                columns={[tp("closures.row"), tp("closures.day"), tp("closures.name"), tp("closures.what")]}
              >
                <For each={found().rows}>
                  {(row) => (
                    <tr>
                      <td>{row.row}</td>
                      <td>{dateLong(dayInstant(row.day), "UTC")}</td>
                      <td>{row.name}</td>
                      <td>{tp(`closures.change.${row.change}`)}</td>
                    </tr>
                  )}
                </For>
              </Table>
            </Show>
            <Show when={found().faults.length === 0 && changesOf(found()) > 0}>
              <div class="c-row h-acts">
                <Button busy={file.busy()} onClick={() => void confirm()}>
                  {tp("closures.confirm", { n: changesOf(found()) })}
                </Button>
              </div>
            </Show>
          </>
        )}
      </Show>
    </section>
  );
}
