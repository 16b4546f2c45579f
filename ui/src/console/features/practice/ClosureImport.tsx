import { importClosures } from "@episante/contracts/appointment";
import type { AnswerOf } from "@episante/contracts/endpoint";
import { createSignal, createUniqueId, For, Show } from "solid-js";
import { Banner } from "../../../shared/components/Banner.tsx";
import { Button } from "../../../shared/components/Button.tsx";
import { FieldError } from "../../../shared/components/Field.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { dateLong, dayInstant } from "../../../shared/lib/format.ts";
import { tp } from "../../i18n/practice-texts.ts";
import { formatOf, largestFile } from "./closures-form.ts";

type Answer = AnswerOf<typeof importClosures>;
type Chosen = { readonly text: string; readonly format: "ics" | "csv" };

/** Closed days from a file: checked first, with every faulty row by its number; then all or nothing. */
export function ClosureImport(props: { clinicId: `cli_${string}`; onImported: () => void }) {
  const id = createUniqueId();
  const [chosen, setChosen] = createSignal<Chosen | undefined>();
  const [fault, setFault] = createSignal<"file" | "size" | undefined>();
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  const [checked, setChecked] = createSignal<Answer | undefined>();
  const [imported, setImported] = createSignal<number | undefined>();
  let input: HTMLInputElement | undefined;
  const changes = () => checked()?.rows.filter(({ change }) => change !== "known").length ?? 0;

  async function choose(): Promise<void> {
    const file = input?.files?.[0];
    setChecked(undefined);
    setImported(undefined);
    setProblem(undefined);
    setFault(undefined);
    const text = file ? await file.text() : "";
    const format = file && formatOf(file.name, text);
    setChosen(format && text !== "" && text.length <= largestFile ? { text, format } : undefined);
    if (file && text.length > largestFile) setFault("size");
  }
  async function send(dryRun: boolean): Promise<void> {
    const file = chosen();
    if (!file) {
      setFault((known) => known ?? "file");
      input?.focus();
      return;
    }
    if (busy()) return;
    setBusy(true);
    setProblem(undefined);
    const result = await call(importClosures, { body: { clinicId: props.clinicId, ...file, dryRun } });
    setBusy(false);
    if (!result.ok) {
      setProblem(result.problem);
      return;
    }
    setChecked(result.value.imported ? undefined : result.value);
    if (!result.value.imported) return;
    setImported(result.value.rows.filter(({ change }) => change !== "known").length);
    setChosen(undefined);
    if (input) input.value = "";
    props.onImported();
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
          void send(true);
        }}
      >
        <div class="field">
          <label for={id}>{tp("closures.file")}</label>
          <FieldError id={`${id}-error`} text={fault() && tp(`closures.fault.${fault() ?? "file"}`)} />
          <input
            ref={input}
            id={id}
            class="input h-file"
            type="file"
            accept=".ics,.csv,text/calendar,text/csv"
            aria-invalid={fault() ? "true" : undefined}
            aria-describedby={fault() ? `${id}-error` : undefined}
            onChange={() => void choose()}
          />
        </div>
        <Button type="submit" variant="secondary" busy={busy()}>
          {tp("closures.check")}
        </Button>
      </form>
      <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
      <p role="status">{imported() === undefined ? "" : tp("closures.imported", { n: imported() ?? 0 })}</p>
      <Show when={checked()}>
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
              <div class="c-table">
                <table>
                  <thead>
                    <tr>
                      <th scope="col">{tp("closures.row")}</th>
                      <th scope="col">{tp("closures.day")}</th>
                      <th scope="col">{tp("closures.name")}</th>
                      <th scope="col">{tp("closures.what")}</th>
                    </tr>
                  </thead>
                  <tbody>
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
                  </tbody>
                </table>
              </div>
            </Show>
            <Show when={found().faults.length === 0 && changes() > 0}>
              <div class="c-row h-acts">
                <Button busy={busy()} onClick={() => void send(false)}>
                  {tp("closures.confirm", { n: changes() })}
                </Button>
              </div>
            </Show>
          </>
        )}
      </Show>
    </section>
  );
}
