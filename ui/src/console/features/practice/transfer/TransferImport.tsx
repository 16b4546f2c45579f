import { importHours, importPatients, importVisits } from "@episante/contracts/transfer";
import { createSignal, createUniqueId, Show } from "solid-js";
import { Banner } from "../../../../shared/components/Banner.tsx";
import { Button } from "../../../../shared/components/Button.tsx";
import { Choices } from "../../../../shared/components/Choices.tsx";
import { FieldError } from "../../../../shared/components/Field.tsx";
import { ProblemBanner } from "../../../../shared/components/ProblemBanner.tsx";
import { type CallResult, call } from "../../../../shared/lib/call.ts";
import { tx } from "../../../i18n/transfer-texts.ts";
import { createFileImport } from "../create-file-import.ts";
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
  const file = createFileImport<Chosen, FileFault, ImportAnswer>({
    none: "none",
    read: async (picked) => readBytes(new Uint8Array(await picked.arrayBuffer())),
    // Which of the three it is, the compiler cannot know.
    send: ({ text }, dryRun) =>
      call(endpoints[kind()], { body: { clinicId: props.clinicId, text, dryRun } }) as Promise<CallResult<ImportAnswer>>,
  });
  const countNew = (answer: ImportAnswer) => answer.rows.filter(({ change }) => change === "new").length;
  return (
    <section class="c-card" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{tx("import.title")}</h2>
      <p class="s-note">{tx("import.why")}</p>
      <form
        class="h-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void file.send(true);
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
            file.forget();
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
          <FieldError id={`${id}-error`} text={file.fault() && tx(`import.fault.${file.fault() ?? "none"}`)} />
          <input
            ref={file.setInput}
            id={`${id}-file`}
            class="input h-file"
            type="file"
            accept=".csv,.txt,text/csv"
            aria-invalid={file.fault() ? "true" : undefined}
            aria-describedby={file.fault() ? `${id}-error` : undefined}
            onClick={file.beforeChoice}
            onChange={() => void file.choose()}
          />
        </div>
        <Show when={file.chosen()?.isOld}>
          <Banner tone="notice" live="polite">
            {tx("import.old")}
          </Banner>
        </Show>
        <Button type="submit" variant="secondary" busy={file.busy()}>
          {tx("import.check")}
        </Button>
      </form>
      <Show when={file.problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
      <p role="status">
        <Show when={file.imported()}>{(answer) => tx("import.done", { n: countNew(answer()) })}</Show>
      </p>
      <Show when={file.checked()}>
        {(answer) => (
          <ImportResult answer={answer()} text={file.chosen()?.text ?? ""} busy={file.busy()} onConfirm={() => void file.send(false)} />
        )}
      </Show>
    </section>
  );
}
