import type { Appointment } from "@episante/contracts/appointment";
import { createContext, createEffect, createSignal, onCleanup, useContext } from "solid-js";
import { useConsole } from "../../shell/console-context.tsx";
import type { Agenda } from "./create-agenda.ts";
import { createMove } from "./create-move.ts";
import { createVisitActions } from "./create-visit-actions.ts";
import { type FloorAction, floorKeys } from "./floor-actions.ts";
import { type Arrow, entryOf, itemNear, type Lane, type Spot, spotOf, step } from "./lane-keys.ts";
import type { Target } from "./move-targets.ts";

/** What is open beside the grid, at the element it speaks about. */
export type Opened =
  | { readonly kind: "visit"; readonly id: string; readonly anchor: HTMLElement }
  | { readonly kind: "why"; readonly at: Target; readonly anchor: HTMLElement };
/** A booking that is being made; `at` when it began at a time of the agenda. */
export interface Booking {
  readonly at?: Target;
  readonly overbook?: boolean;
}

const arrows = new Set(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End"]);
export const idOf = (spot: Pick<Spot, "day" | "doctorId" | "key">) => `${spot.day} ${spot.doctorId} ${spot.key}`;

/** What a person does with the agenda: where the keyboard stands, what is open, moving, booking. */
export function createDesk(agenda: Agenda) {
  const { me } = useConsole();
  const [spot, setSpot] = createSignal<Spot>();
  const [coming, setComing] = createSignal<Pick<Spot, "day" | "doctorId" | "from"> & { key?: string }>();
  const [opened, setOpened] = createSignal<Opened>();
  const [booking, setBooking] = createSignal<Booking>();
  const actions = createVisitActions(agenda);
  const move = createMove(agenda, (target, visit) => setComing({ ...target, key: visit.id }));
  let isInside = false;

  const elementOf = (at: Spot | undefined) => (at ? document.querySelector<HTMLElement>(`[data-spot="${CSS.escape(idOf(at))}"]`) : null);
  function focus(at: Spot | undefined = spot()): void {
    if (!at) return;
    setSpot(at);
    queueMicrotask(() => elementOf(at)?.focus());
  }
  // A day that had to be loaded first: the keyboard goes there when it is here.
  createEffect(() => {
    const to = coming();
    const lane = to && agenda.laneOf(to.day, to.doctorId);
    if (!to || !lane || agenda.visits.pending()) return;
    const item = lane.items.find((one) => one.key === to.key) ?? itemNear(lane, to.from);
    setComing(undefined);
    if (item) focus(spotOf(lane, item));
  });
  // A live change may take the focused element away: focus stays at its time.
  createEffect(() => {
    const lanes = agenda.lanes();
    queueMicrotask(() => {
      const at = spot();
      if (!isInside || !at || document.activeElement !== document.body || opened() || booking() || move.moving()) return;
      const lane = lanes.find((one) => one.day === at.day && one.doctorId === at.doctorId);
      const item = lane && entryOf(lane, at);
      if (lane && item) focus(spotOf(lane, item));
    });
  });
  const leave = (event: PointerEvent) => {
    if (!(event.target instanceof Element && event.target.closest(".g-cal"))) isInside = false;
  };
  document.addEventListener("pointerdown", leave);
  onCleanup(() => document.removeEventListener("pointerdown", leave));

  const visitAt = (at: Spot | undefined) => (at?.key.startsWith("apt_") ? agenda.visits.byId(at.key) : undefined);
  const lettersOn = (event: KeyboardEvent) =>
    me().preferences.shortcuts !== false && !event.ctrlKey && !event.metaKey && !event.altKey && event.key.length === 1;

  /** The one key of each action on a visit, in the grid and in its panel. @returns true when the key was one */
  function visitKey(visit: Appointment, event: KeyboardEvent): boolean {
    if (!lettersOn(event)) return false;
    const letter = event.key.toLowerCase();
    const action = (Object.keys(floorKeys) as FloorAction[]).find((name) => floorKeys[name] === letter);
    if (action) void actions.set(visit, action);
    else if (letter === "z") void actions.undo(visit);
    else if (letter === "m") startMove(visit);
    else return false;
    return true;
  }
  function startMove(visit: Appointment): void {
    if (!move.start(visit)) return;
    setOpened(undefined);
  }
  return {
    spot,
    opened,
    booking,
    move,
    actions,
    visitKey,
    startMove,
    focus,
    open: setOpened,
    book: (next: Booking) => {
      setOpened(undefined);
      setBooking(next);
    },
    endBooking: (at?: Target & { key?: string }) => {
      setBooking(undefined);
      if (at) setComing(at);
      else focus();
    },
    close: () => setOpened(undefined),
    entered(at: Spot): void {
      isInside = true;
      setSpot(at);
    },
    left(to: EventTarget | null): void {
      if (to instanceof Element && !to.closest(".g-cal")) isInside = false;
    },
    /** The element of a lane that Tab stops at. */
    entryKey: (lane: Lane) => entryOf(lane, spot())?.key,
    keydown(event: KeyboardEvent): void {
      const at = spot();
      if (!at || event.defaultPrevented || move.moving()) return;
      if (arrows.has(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        const next = step(agenda.lanes(), at, event.key as Arrow);
        if ("spot" in next) focus(next.spot);
        else {
          const days = agenda.days();
          const edge = (next.leave < 0 ? days[0] : days.at(-1)) ?? at.day;
          const day = new Date(Date.parse(edge) + next.leave * 86_400_000).toISOString().slice(0, 10);
          setComing({ day, doctorId: at.doctorId, from: at.from });
          agenda.go(next.leave);
        }
        return;
      }
      const visit = visitAt(at);
      if (visit && visitKey(visit, event)) event.preventDefault();
    },
  };
}
export type Desk = ReturnType<typeof createDesk>;

export const DeskContext = createContext<Desk>();
export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error("useDesk outside the agenda page");
  return desk;
}
