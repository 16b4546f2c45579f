import { importHours, importPatients, importVisits } from "@episante/contracts/transfer";
import { createSignal, createUniqueId, Show } from "solid-js";
import { Banner } from "../../../../shared/components/Banner.tsx";
import { Button } from "../../../../shared/components/Button.tsx";
import { Choices } from "../../../../shared/components/Choices.tsx";
import { FieldError } from "../../../../shared/components/Field.tsx";
import { ProblemBanner } from "../../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../../shared/lib/call.ts";
import { tx } from "../../../i18n/transfer-texts.ts";
import { type ImportAnswer, ImportResult } from "./ImportResult.tsx";
import { type FileFault, readBytes } from "./transfer-file.ts";

const kinds = ["patients", "visits", "hours"] as const;
type Kind = (typeof kinds)[number];
const endpoints = { patients: importPatients, visits: importVisits, hours: importHours } as const;
interface Chosen {
  readonly text: string;
  readonly isOld: boolean;
}

/** A table from a file: checked first, with every faulty row by its number; then all or nothing. */
export function TransferImport(props: { clinicId: `cli_${string}` }) {
  const id = createUniqueId();
  const [kind, setKind] = createSignal<Kind>("patients");
  const [chosen, setChosen] = createSignal<Chosen | undefined>();
  const [fault, setFault] = createSignal<FileFault | undefined>();
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  const [checked, setChecked] = createSignal<ImportAnswer | undefined>();
  const [imported, setImported] = createSignal<number | undefined>();
  let input: HTMLInputElement | undefined;

  function forget(): void {
    setChecked(undefined);
    setImported(undefined);
    setProblem(undefined);
  }
  async function choose(): Promise<void> {
    const file = input?.files?.[0];
    forget();
    setFault(undefined);
    setChosen(undefined);
    if (!file) return;
    const read = readBytes(new Uint8Array(await file.arrayBuffer()));
    if ("fault" in read) setFault(read.fault);
    else setChosen(read);
  }
  async function send(dryRun: boolean): Promise<void> {
    const file = chosen();
    if (!file) {
      setFault((known) => known ?? "none");
      input?.focus();
      return;
    }
    if (busy()) return;
    setBusy(true);
    setProblem(undefined);
    const result = await call(endpoints[kind()], { body: { clinicId: props.clinicId, text: file.text, dryRun } });
    setBusy(false);
    if (!result.ok) {
      setProblem(result.problem);
      return;
    }
    const answer = result.value as ImportAnswer;
    setChecked(answer.imported ? undefined : answer);
    if (!answer.imported) return;
    setImported(answer.rows.filter(({ change }) => change === "new").length);
    setChosen(undefined);
    if (input) input.value = "";
  }
  return (
    <section class="c-card" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{tx("import.title")}</h2>
      <p class="s-note">{tx("import.why")}</p>
      <form
        class="h-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void send(true);
        }}
      >
        <Choices
          id={`${id}-kind`}
          legend={tx("import.kind")}
          kind="radio"
          short
          options={kinds.map((value) => ({ value, text: tx(`kind.${value}`) }))}
          chosen={[kind()]}
          onChange={([one]) => {
            setKind(one ?? "patients");
            forget();
          }}
        />
        <div>
          <p class="s-note">
            <b>{tx("columns.title")}</b>
          </p>
          <code class="t-columns">{tx(`columns.${kind()}`)}</code>
          <p class="s-note">{tx(`columns.why.${kind()}`)}</p>
        </div>
        <div class="field">
          <label for={`${id}-file`}>{tx("import.file")}</label>
          <FieldError id={`${id}-error`} text={fault() && tx(`import.fault.${fault() ?? "none"}`)} />
          <input
            ref={input}
            id={`${id}-file`}
            class="input h-file"
            type="file"
            accept=".csv,.txt,text/csv"
            aria-invalid={fault() ? "true" : undefined}
            aria-describedby={fault() ? `${id}-error` : undefined}
            onChange={() => void choose()}
          />
        </div>
        <Show when={chosen()?.isOld}>
          <Banner tone="notice" live="polite">
            {tx("import.old")}
          </Banner>
        </Show>
        <Button type="submit" variant="secondary" busy={busy()}>
          {tx("import.check")}
        </Button>
      </form>
      <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
      <p role="status">{imported() === undefined ? "" : tx("import.done", { n: imported() ?? 0 })}</p>
      <Show when={checked()}>
        {(answer) => <ImportResult answer={answer()} text={chosen()?.text ?? ""} busy={busy()} onConfirm={() => void send(false)} />}
      </Show>
    </section>
  );
}
