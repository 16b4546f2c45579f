import { type Appointment, cancel } from "@episante/contracts/appointment";
import { setVisitStatus, undoVisitStatus } from "@episante/contracts/visit";
import { createSignal } from "solid-js";
import { problemText } from "../../../shared/i18n/common.ts";
import { type CallResult, call } from "../../../shared/lib/call.ts";
import { ta } from "../../i18n/agenda-texts.ts";
import type { Agenda } from "./create-agenda.ts";
import { canUndo, type FloorAction, isComing, nextActions } from "./floor-actions.ts";

/** What is done with a visit that stands: where the patient is, undo, cancel. One at a time; the result is said in place. */
export function createVisitActions(agenda: Agenda) {
  const [busy, setBusy] = createSignal<string>();
  async function run(
    visit: Appointment,
    ask: () => Promise<CallResult<Appointment>>,
    done: (after: Appointment) => string,
  ): Promise<boolean> {
    if (busy()) return false;
    setBusy(visit.id);
    const result = await ask();
    setBusy(undefined);
    if (!result.ok) {
      agenda.say(problemText(result.problem), "critical");
      // Somebody else was quicker: what is there now is shown.
      void agenda.visits.reload();
      return false;
    }
    agenda.takeOwn(result.value);
    agenda.say(done(result.value));
    return true;
  }
  return {
    busy,
    async set(visit: Appointment, status: FloorAction): Promise<boolean> {
      if (!nextActions(visit.status).includes(status)) return false;
      return run(
        visit,
        () => call(setVisitStatus, { params: { id: visit.id }, body: { status } }),
        (after) => ta("done.status", { name: agenda.nameOf(visit), state: agenda.stateOf(after) }),
      );
    },
    async undo(visit: Appointment): Promise<boolean> {
      if (!canUndo(visit.status)) return false;
      return run(
        visit,
        () => call(undoVisitStatus, { params: { id: visit.id } }),
        (after) => ta("done.undone", { name: agenda.nameOf(visit), state: agenda.stateOf(after) }),
      );
    },
    async cancel(visit: Appointment, reason: string | undefined): Promise<boolean> {
      if (!isComing(visit.status)) return false;
      return run(
        visit,
        () => call(cancel, { params: { id: visit.id }, body: reason ? { reason } : {} }),
        () => ta("done.cancelled", { name: agenda.nameOf(visit) }),
      );
    },
  };
}
export type VisitActions = ReturnType<typeof createVisitActions>;
