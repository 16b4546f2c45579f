import { createSignal } from "solid-js";
import type { CallProblem, CallResult } from "../../../shared/lib/call.ts";

/**
 * A file that is checked first, and then brought in whole or not at all. `read`: what is sent of it, or what is wrong with it; `none`: the fault of
 * having chosen no file.
 */
export function createFileImport<Chosen extends object, Fault extends string, Answer extends { imported: boolean }>(how: {
  readonly none: Fault;
  readonly read: (file: File) => Promise<Chosen | { readonly fault: Fault }>;
  readonly send: (chosen: Chosen, dryRun: boolean) => Promise<CallResult<Answer>>;
}) {
  const [chosen, setChosen] = createSignal<Chosen>();
  const [fault, setFault] = createSignal<Fault>();
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  const [checked, setChecked] = createSignal<Answer>();
  const [imported, setImported] = createSignal<Answer>();
  let input: HTMLInputElement | undefined;
  function forget(): void {
    setChecked(undefined);
    setImported(undefined);
    setProblem(undefined);
  }
  return {
    chosen,
    fault,
    busy,
    problem,
    /** The answer of a check, until the file was imported. */
    checked,
    imported,
    /** What was found out counts no more: something else is chosen. */
    forget,
    setInput: (element: HTMLInputElement) => {
      input = element;
    },
    /** Before a file is chosen: the same file, corrected meanwhile, counts as another one. */
    beforeChoice(): void {
      if (input) input.value = "";
      setChosen(undefined);
      setFault(undefined);
      forget();
    },
    async choose(): Promise<void> {
      const file = input?.files?.[0];
      forget();
      setFault(undefined);
      setChosen(undefined);
      if (!file) return;
      const read = await how.read(file);
      if ("fault" in read) setFault(() => read.fault);
      else setChosen(() => read);
    },
    /** @returns whether it is imported now */
    async send(dryRun: boolean): Promise<boolean> {
      const file = chosen();
      if (!file) {
        setFault((known) => known ?? how.none);
        input?.focus();
        return false;
      }
      if (busy()) return false;
      setBusy(true);
      setProblem(undefined);
      const result = await how.send(file, dryRun);
      setBusy(false);
      if (!result.ok) {
        setProblem(result.problem);
        return false;
      }
      const isDone = result.value.imported;
      setChecked(() => (isDone ? undefined : result.value));
      if (!isDone) return false;
      setImported(() => result.value);
      setChosen(undefined);
      if (input) input.value = "";
      return true;
    },
  };
}
