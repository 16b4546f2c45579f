import type { Appointment } from "@episante/contracts/appointment";
import { listMembers } from "@episante/contracts/auth";
import { setVisitStatus, undoVisitStatus } from "@episante/contracts/visit";
import { useSearchParams } from "@solidjs/router";
import { createEffect, createMemo, createSignal, on, onCleanup } from "solid-js";
import { announce } from "../../../shared/components/LiveRegion.tsx";
import { type CallProblem, type CallResult, call } from "../../../shared/lib/call.ts";
import { addDays, dayOf } from "../../../shared/lib/format.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { useSession } from "../../../shared/lib/session.ts";
import { tf } from "../../i18n/floor-texts.ts";
import { patientName } from "../../lib/words.ts";
import { useConsole } from "../../shell/console-context.tsx";
import { shortNames } from "../agenda/agenda-doctors.ts";
import { createVisits } from "../agenda/create-visits.ts";
import { dayStartMs } from "../agenda/day-layout.ts";
import { boardOf, type Column, changesBetween, columnOf, columns, placesOf, publicName, stepTo } from "./floor-board.ts";

/** Changes of others are announced together, at most this often. Milliseconds. */
const announceMs = 1000;
/** Seconds for which the last change can be taken back by one key. */
const undoSeconds = 10;
/** A visit is no further than this many steps from any column: four states said, each taken back once. */
const mostSteps = 6;

/** The last change made here, as long as it can be taken back as a whole. */
interface Undoable {
  readonly id: string;
  /** Version after the change: when somebody changes the visit again, there is nothing of ours to take back. */
  readonly version: number | undefined;
}

/** Everything the floor board shows and does: today's visits of the doctors in the URL, live, by column. */
export function createFloor() {
  const { zone, now, names } = useConsole();
  const session = useSession();
  const [search, setSearch] = useSearchParams<{ doctors?: string; column?: string; screen?: string }>();
  const isScreen = () => search.screen === "1";
  const members = createLoad(
    () => true,
    (_, signal) => call(listMembers, { signal }),
  );
  const doctors = createMemo(() =>
    (members.value()?.items ?? [])
      .filter((member) => member.doctorId && member.status === "active")
      .map((member) => ({
        id: member.doctorId as `doc_${string}`,
        clinicId: member.clinicId,
        name: member.displayName,
        ...shortNames(member.displayName),
      })),
  );
  // Ids in the URL that are no doctor of the clinic are left out; none left means all.
  const chosen = createMemo(() => {
    const asked = (search.doctors ?? "").split(",");
    const found = doctors().filter((doctor) => asked.includes(doctor.id));
    return found.length > 0 ? found : doctors();
  });
  const minute = createMemo(() => Math.floor(now() / 60_000) * 60_000);
  const today = createMemo(() => dayOf(minute(), zone()));
  const shown = createMemo(
    () => {
      // Signed out: the feed is given up, and begun anew after the next sign-in.
      if (chosen().length === 0 || session.state() === "signedOut") return undefined;
      const from = dayStartMs(today(), zone());
      return { doctorIds: chosen().map((doctor) => doctor.id), from, to: dayStartMs(addDays(today(), 1), zone()) };
    },
    undefined,
    { equals: (a, b) => JSON.stringify(a) === JSON.stringify(b) },
  );
  const visits = createVisits(shown, () => undefined);
  const board = createMemo(() => {
    const wanted = shown();
    return boardOf(visits.isLoaded() ? visits.all() : [], wanted?.doctorIds ?? [], wanted?.from ?? 0, wanted?.to ?? 0);
  });
  createEffect(() => void names.want(columns.flatMap((column) => board()[column].map((visit) => visit.patientId))));

  const nameOf = (visit: Pick<Appointment, "patientId">): string => {
    const patient = names.get(visit.patientId);
    return isScreen() && patient ? publicName(patient) : patientName(patient);
  };
  const stateWord = (column: Column | undefined) => (column ? tf(`state.${column}`) : tf("state.gone"));

  const [message, setMessage] = createSignal("");
  const [problem, setProblem] = createSignal<CallProblem>();
  const [busy, setBusy] = createSignal<string>();
  const [undoable, setUndoable] = createSignal<Undoable>();
  const [undoLeft, setUndoLeft] = createSignal(0);
  const [undoHeld, setUndoHeld] = createSignal(false);

  let undoTimer: ReturnType<typeof setInterval> | undefined;
  function offerUndo(change: Undoable | undefined): void {
    clearInterval(undoTimer);
    setUndoable(change);
    setUndoLeft(change ? undoSeconds : 0);
    if (!change) return;
    undoTimer = setInterval(() => {
      if (undoHeld()) return;
      if (undoLeft() > 1) setUndoLeft((left) => left - 1);
      else offerUndo(undefined);
    }, 1000);
  }
  const undoVisit = () => {
    const last = undoable();
    const visit = last && visits.byId(last.id);
    return visit && visit.version === last.version ? visit : undefined;
  };

  // What others change is announced once, together; what was done here is told by its own words.
  let unspoken: { visit: Appointment | undefined; to: Column | undefined }[] = [];
  let speaking: ReturnType<typeof setTimeout> | undefined;
  let settledFor: ReturnType<typeof shown>;
  const places = createMemo(() => placesOf(board()));
  createEffect(
    on([places, shown, visits.pending], ([after, wanted, isPending], before) => {
      // A board that has only just been opened, or of other doctors, is not a change: its first list has to end before.
      const isKnown = settledFor === wanted;
      if (before?.[2] && !isPending) settledFor = wanted;
      if (!isKnown || wanted === undefined) return;
      for (const { id, to } of changesBetween(before?.[0] ?? after, after))
        if (busy() !== id) unspoken.push({ visit: visits.byId(id), to });
      if (unspoken.length > 0) speaking ??= setTimeout(speak, announceMs);
    }),
  );
  function speak(): void {
    speaking = undefined;
    const [one, ...more] = unspoken;
    unspoken = [];
    if (one?.visit && more.length === 0) announce(tf("told.one", { name: nameOf(one.visit), state: stateWord(one.to) }));
    else announce(tf("told.many", { n: more.length + 1 }));
  }
  onCleanup(() => {
    clearInterval(undoTimer);
    clearTimeout(speaking);
  });
  createEffect(
    on(visits.link, (link, before) => {
      if (link === "live" && (before === "lost" || before === "refused")) announce(tf("live.back"));
    }),
  );

  function say(text: string): void {
    setMessage(text);
    announce(text);
  }
  async function run(id: string, steps: () => Promise<CallResult<Appointment> | undefined>): Promise<Appointment | undefined> {
    if (busy()) return undefined;
    setBusy(id);
    setProblem(undefined);
    const result = await steps();
    if (result?.ok) visits.take([result.value]);
    setBusy(undefined);
    if (result?.ok) return result.value;
    if (result) {
      setMessage("");
      setProblem(result.problem);
      // Somebody else was quicker: what is there now is shown.
      void visits.reload();
    }
    return undefined;
  }
  const undoOnce = (id: Appointment["id"]) => call(undoVisitStatus, { params: { id } });

  return {
    zone,
    now,
    doctors,
    chosen,
    visits,
    board,
    today,
    isScreen,
    nameOf,
    stateWord,
    message,
    problem,
    busy,
    members,
    say,
    doctorOf: (id: string) => doctors().find((doctor) => doctor.id === id),
    /** On a phone one column is shown at a time. */
    column: (): Column => columns.find((name) => name === search.column) ?? "waiting",
    showColumn: (column: Column) => setSearch({ column }, { replace: true }),
    showScreen: (on: boolean) => setSearch({ screen: on ? "1" : undefined }),
    showAll: () => setSearch({ doctors: undefined }),
    toggleDoctor(id: string): void {
      const ids = chosen().map((doctor) => doctor.id as string);
      const isAll = ids.length === doctors().length;
      const next = isAll ? [id] : ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id];
      setSearch({ doctors: next.length === 0 || next.length === doctors().length ? undefined : next.join(",") });
    },
    /** Brings a visit to a column, over several steps if need be. Going back takes states back. */
    async move(visit: Appointment, to: Column, excused = false): Promise<void> {
      if (stepTo(visit.status, to) === undefined) return;
      let taken = 0;
      let isUndone = false;
      const after = await run(visit.id, async () => {
        let result: CallResult<Appointment> | undefined;
        for (let at = visit; taken < mostSteps; taken += 1) {
          const step = stepTo(at.status, to);
          if (!step) break;
          isUndone ||= step === "undo";
          result =
            step === "undo"
              ? await undoOnce(visit.id)
              : await call(setVisitStatus, {
                  params: { id: visit.id },
                  body: { status: step.set, ...(step.set === "noshow" ? { excused } : {}) },
                });
          if (!result.ok) break;
          at = result.value;
        }
        return result;
      });
      if (!after) return;
      // What was taken back cannot be given back as it was: undo is offered for one state that was said, nothing else.
      offerUndo(taken === 1 && !isUndone ? { id: after.id, version: after.version } : undefined);
      say(tf("told.one", { name: nameOf(after), state: stateWord(columnOf(after)) }));
    },
    /** Takes the last state of a visit back: it is exactly as it was before. */
    async undo(visit: Appointment): Promise<void> {
      const after = await run(visit.id, () => undoOnce(visit.id));
      if (!after) return;
      offerUndo(undefined);
      say(tf("told.undone", { name: nameOf(after), state: stateWord(columnOf(after)) }));
    },
    /** The visit whose change can be taken back by one key now. */
    undoVisit,
    undoLeft,
    holdUndo: setUndoHeld,
  };
}
export type Floor = ReturnType<typeof createFloor>;
