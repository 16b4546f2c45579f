import { listPatients } from "@episante/contracts/patient";
import { createStore } from "solid-js/store";
import { call } from "../../shared/lib/call.ts";
import type { PatientMin } from "./words.ts";

const mostIds = 200;

/** Names of patients by id, fetched together and kept while the account stays. `want` may be called often. */
export function createPatientNames() {
  const [known, setKnown] = createStore<Record<string, PatientMin>>({});
  const asked = new Map<string, Promise<void>>();
  let waiting: string[] = [];
  let flushing: Promise<void> | undefined;

  async function flush(): Promise<void> {
    await new Promise((done) => setTimeout(done, 20));
    const ids = waiting;
    waiting = [];
    flushing = undefined;
    for (let at = 0; at < ids.length; at += mostIds) {
      const part = ids.slice(at, at + mostIds);
      const result = await call(listPatients, { query: { ids: part.join(","), limit: mostIds } });
      if (result.ok) for (const patient of result.value.items) setKnown(patient.id, patient);
      // A refused or failed request is asked again the next time somebody wants the name.
      else for (const id of part) asked.delete(id);
    }
  }

  return {
    /** The name if it is here already. Reactive. */
    get: (id: string): PatientMin | undefined => known[id],
    /** Resolves when the names were asked for, found or not. */
    async want(ids: readonly string[]): Promise<void> {
      for (const id of ids) {
        if (asked.has(id)) continue;
        waiting.push(id);
        flushing ??= flush();
        asked.set(id, flushing);
      }
      await Promise.all(ids.map((id) => asked.get(id)));
    },
    add(patient: PatientMin): void {
      setKnown(patient.id, patient);
    },
  };
}
export type PatientNames = ReturnType<typeof createPatientNames>;
