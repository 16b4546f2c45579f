import { listPatients } from "@episante/contracts/patient";
import { createEffect, createSignal, onCleanup } from "solid-js";
import { call } from "../../shared/lib/call.ts";
import { createLoad } from "../../shared/lib/load.ts";

/** Fewest characters a search for patients needs. */
const shortest = 3;
const pauseMs = 200;

/** Patients found by what is typed, a moment after the last key. @param most patients found at the most */
export function createPatientSearch(most: number) {
  const [typed, setTyped] = createSignal("");
  const [asked, setAsked] = createSignal("");
  createEffect(() => {
    const q = typed().trim();
    const timer = setTimeout(() => setAsked(q), pauseMs);
    onCleanup(() => clearTimeout(timer));
  });
  const isAsked = () => asked().length >= shortest;
  const found = createLoad(
    () => (isAsked() ? asked() : undefined),
    (q, signal) => call(listPatients, { query: { q, limit: most }, signal }),
  );
  return {
    typed,
    setTyped,
    /** What was asked last, or is to be asked; empty at first. */
    asked,
    found,
    /** Found last; undefined before the first search and while too little is typed. */
    items: () => (isAsked() ? found.value()?.items : undefined),
    /** What is found is found for what is typed. */
    isSettled: () => asked() === typed().trim() && isAsked() && !found.pending(),
    clear: () => {
      setTyped("");
      setAsked("");
    },
  };
}
