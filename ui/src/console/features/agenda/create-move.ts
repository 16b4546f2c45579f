import type { Appointment } from "@episante/contracts/appointment";
import { moveVisit } from "@episante/contracts/visit";
import { createSignal } from "solid-js";
import { announce } from "../../../shared/components/LiveRegion.tsx";
import { problemText } from "../../../shared/i18n/common.ts";
import { call } from "../../../shared/lib/call.ts";
import { dateDay, dateShort, dateTime, dayInstant, dayOf } from "../../../shared/lib/format.ts";
import { ta } from "../../i18n/agenda-texts.ts";
import type { Agenda } from "./create-agenda.ts";
import { instantAt, minutesInto, wall } from "./day-layout.ts";
import { isComing } from "./floor-actions.ts";
import { judgeTarget, nearestFree, sameReason, stepTarget, type Target, type Verdict } from "./move-targets.ts";

/** A visit that is being moved. It stays where it is, on every screen, until the server has agreed. */
interface Moving {
  readonly visit: Appointment;
  readonly target: Target;
  /** Said when a drop failed, with what was offered instead. */
  readonly refusal?: { readonly text: string; readonly others: readonly Target[]; readonly mayOverbook: boolean };
}

/** Moving a visit by keys or by dragging: a target, judged by what is known before the drop; the server's word is final. */
export function createMove(agenda: Agenda, onMoved: (target: Target, visit: Appointment) => void) {
  const [moving, setMoving] = createSignal<Moving>();
  const [busy, setBusy] = createSignal(false);
  let key = "";

  const placeOf = (visit: Appointment): Target => ({
    day: dayOf(visit.start, agenda.zone()),
    doctorId: visit.doctorId,
    from: minutesInto(visit.start, agenda.zone()),
  });
  const reasonAt = (visit: Appointment, doctorId: string) => {
    const own = agenda.doctors.reasonOf(visit.doctorId, visit.reasonId);
    if (doctorId === visit.doctorId) return own;
    return own && sameReason(own, agenda.doctors.reasonsOf(doctorId));
  };
  function factsOf({ visit, target }: Pick<Moving, "visit" | "target">) {
    const reason = reasonAt(visit, target.doctorId);
    const doctor = agenda.doctors.chosen().find((one) => one.id === target.doctorId);
    const own = (Date.parse(visit.end) - Date.parse(visit.start)) / 60_000;
    const minutes = target.doctorId === visit.doctorId ? own : (reason?.minutes ?? own);
    return {
      around: { minutes, before: reason?.bufferBeforeMinutes ?? 0, after: reason?.bufferAfterMinutes ?? 0 },
      facts: {
        openings: doctor && agenda.doctors.openingsOf(doctor, target.day),
        taken: agenda.takenOf(target.day, target.doctorId).filter((one) => one.key !== visit.id),
        notBefore: agenda.notBefore(target.day),
      },
    };
  }
  function judge(one: Pick<Moving, "visit" | "target">): Verdict {
    const { visit, target } = one;
    const from = placeOf(visit);
    if (from.day === target.day && from.doctorId === target.doctorId && from.from === target.from) return { kind: "same" };
    if (target.doctorId !== visit.doctorId && !reasonAt(visit, target.doctorId)) return { kind: "no-reason" };
    const { around, facts } = factsOf(one);
    return judgeTarget(target, around, facts);
  }
  function words(verdict: Verdict, target: Target): string {
    if (verdict.kind !== "taken") return ta(`move.${verdict.kind}`, { doctor: agenda.doctorName(target.doctorId) });
    const other = agenda.visits.byId(verdict.with);
    return ta("move.taken", { name: other ? agenda.nameOf(other) : "" });
  }
  const textOf = (target: Target, long = false) =>
    ta("move.to", {
      date: (long ? dateDay : dateShort)(dayInstant(target.day), "UTC"),
      time: wall(target.from),
      doctor: agenda.doctorName(target.doctorId),
    });

  let speaking: ReturnType<typeof setTimeout> | undefined;
  function aim(target: Target): void {
    const now = moving();
    if (!now || busy()) return;
    setMoving({ visit: now.visit, target });
    clearTimeout(speaking);
    speaking = setTimeout(() => announce(`${textOf(target, true)} : ${words(judge({ visit: now.visit, target }), target)}`), 250);
    if (!agenda.days().includes(target.day)) agenda.show({ date: target.day });
  }
  function refuse(one: Moving, others: readonly Target[], mayOverbook: boolean): void {
    const text = ta("move.failed", { name: agenda.nameOf(one.visit), date: dateTime(one.visit.start, agenda.zone()) });
    setMoving({ ...one, refusal: { text, others, mayOverbook } });
    announce(text);
  }
  function nearby(one: Moving): Target[] {
    const { around, facts } = factsOf(one);
    return nearestFree(one.target, around, facts);
  }
  async function drop(overbookReason?: string): Promise<void> {
    const one = moving();
    if (!one || busy()) return;
    const verdict = judge(one);
    if (verdict.kind === "same") return stop();
    const isTaken = verdict.kind === "taken";
    if (verdict.kind !== "free" && !(isTaken && overbookReason)) return refuse(one, nearby(one), isTaken);
    const { visit, target } = one;
    const reason = target.doctorId === visit.doctorId ? undefined : reasonAt(visit, target.doctorId);
    setBusy(true);
    const result = await call(moveVisit, {
      params: { id: visit.id },
      body: {
        start: instantAt(target.day, target.from, agenda.zone()),
        ...(reason ? { doctorId: target.doctorId as `doc_${string}`, reasonId: reason.id } : {}),
        ...(overbookReason ? { overbook: { reason: overbookReason } } : {}),
      },
      idempotencyKey: key,
    });
    setBusy(false);
    key = crypto.randomUUID();
    if (result.ok) {
      agenda.takeOwn(result.value);
      stop();
      agenda.say(ta("move.done", { date: dateTime(result.value.start, agenda.zone()) }));
      onMoved(target, result.value);
      return;
    }
    void agenda.visits.reload();
    if (result.problem.code === "slot-taken") {
      const slots = Array.isArray(result.problem.alternatives) ? (result.problem.alternatives as { start: string }[]) : [];
      const others = slots.map(({ start }) => ({
        day: dayOf(start, agenda.zone()),
        doctorId: target.doctorId,
        from: minutesInto(start, agenda.zone()),
      }));
      refuse(one, others, true);
      return;
    }
    setMoving({ ...one, refusal: { text: problemText(result.problem), others: nearby(one), mayOverbook: false } });
    announce(problemText(result.problem));
  }
  function stop(): void {
    clearTimeout(speaking);
    setMoving(undefined);
  }
  return {
    moving,
    busy,
    placeOf,
    verdict: () => {
      const one = moving();
      return one && judge(one);
    },
    /** Minutes the visit takes at its target. */
    minutes: () => {
      const one = moving();
      return one ? factsOf(one).around.minutes : 0;
    },
    words,
    textOf,
    start(visit: Appointment): boolean {
      if (!isComing(visit.status) || busy()) return false;
      key = crypto.randomUUID();
      setMoving({ visit, target: placeOf(visit) });
      return true;
    },
    aim,
    /** @returns true when the key was one of moving */
    press(event: KeyboardEvent): boolean {
      const one = moving();
      if (!one) return false;
      const ids = agenda.doctors.chosen().map((doctor) => doctor.id as string);
      const next = stepTarget(one.target, event.key, event.shiftKey, ids);
      if (next) aim(next);
      else if (event.key === "Enter") void drop();
      else if (event.key === "Escape") {
        onMoved(placeOf(one.visit), one.visit);
        stop();
      } else return false;
      return true;
    },
    drop,
    stop,
  };
}
export type Move = ReturnType<typeof createMove>;
