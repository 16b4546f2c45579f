import { type Appointment, book } from "@episante/contracts/appointment";
import { createSignal } from "solid-js";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import type { BookableSlot } from "./create-next-slots.ts";

interface Wanted {
  readonly patientId: string;
  readonly slot: BookableSlot;
  /** The reason, when the visit may stand beside another one. */
  readonly overbook?: string;
}
/** A patient who was just created is known to bookings a moment later: so often, and so long, it is asked again. */
const tries = 6;
const pauseMs = 400;

/** Books, once per attempt: the same wish sent twice, for example after the network failed, carries the same key. */
export function createBookCall() {
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  const [taken, setTaken] = createSignal<readonly string[]>();
  let wish = "";
  let key = "";
  function forget(): void {
    setProblem(undefined);
    setTaken(undefined);
  }
  return {
    busy,
    problem,
    /** Start times offered instead, once the wanted one was refused. */
    taken,
    forget,
    async send({ patientId, slot, overbook }: Wanted): Promise<Appointment | undefined> {
      if (busy()) return undefined;
      const body = {
        doctorId: slot.doctorId as `doc_${string}`,
        reasonId: slot.reasonId as `rea_${string}`,
        start: slot.start,
        patientId: patientId as `pat_${string}`,
        ...(overbook ? { overbook: { reason: overbook } } : {}),
      };
      if (JSON.stringify(body) !== wish) {
        wish = JSON.stringify(body);
        key = crypto.randomUUID();
      }
      setBusy(true);
      forget();
      let result = await call(book, { body, idempotencyKey: key });
      for (let count = 1; count < tries && !result.ok && result.problem.code === "not-found"; count += 1) {
        await new Promise((done) => setTimeout(done, pauseMs));
        result = await call(book, { body, idempotencyKey: key });
      }
      setBusy(false);
      if (result.ok) return result.value;
      if (result.problem.code === "slot-taken") {
        const slots = Array.isArray(result.problem.alternatives) ? (result.problem.alternatives as { start: string }[]) : [];
        setTaken(slots.map(({ start }) => start));
        // A refusal is the answer to this key: what is sent next is a new wish.
        wish = "";
      } else setProblem(result.problem);
      return undefined;
    },
  };
}
