import type { Agenda } from "./create-agenda.ts";
import type { Desk } from "./create-desk.ts";
import { type PlacedVisit, pxPerMinute } from "./day-layout.ts";
import { snapMinutes, type Target } from "./move-targets.ts";

/** How far the pointer goes before a press is a drag, px. */
const slack = 5;

/** Moves a visit with the mouse or a pen; a finger scrolls, and moves with the panel's button. Nothing needs this: keys do the same. */
export function dragVisit(down: PointerEvent, placed: PlacedVisit, agenda: Agenda, desk: Desk): void {
  if (down.button !== 0 || down.pointerType === "touch" || desk.move.moving()) return;
  const element = down.currentTarget as HTMLElement;
  const grabbed = down.clientY - element.getBoundingClientRect().top;
  let isDragging = false;

  function targetAt(event: PointerEvent): Target | undefined {
    const lane = document.elementsFromPoint(event.clientX, event.clientY).find((one) => one.classList.contains("g-lane"));
    if (!(lane instanceof HTMLElement)) return undefined;
    const { day, doctor } = lane.dataset;
    if (!day || !doctor) return undefined;
    const minutes = agenda.hours().from + (event.clientY - grabbed - lane.getBoundingClientRect().top) / pxPerMinute;
    return { day, doctorId: doctor, from: Math.max(0, Math.round(minutes / snapMinutes) * snapMinutes) };
  }
  function moved(event: PointerEvent): void {
    if (!isDragging) {
      if (Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < slack) return;
      if (!desk.move.start(placed.appointment)) {
        end();
        return;
      }
      isDragging = true;
      desk.close();
    }
    const target = targetAt(event);
    if (target) desk.move.aim(target);
  }
  function up(): void {
    end();
    if (!isDragging) return;
    // The click that follows the drop belongs to the drag.
    addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", swallow, { capture: true }), 0);
    void desk.move.drop();
  }
  function swallow(event: Event): void {
    event.stopPropagation();
    event.preventDefault();
  }
  function cancel(): void {
    end();
    desk.move.stop();
  }
  function end(): void {
    removeEventListener("pointermove", moved);
    removeEventListener("pointerup", up);
    removeEventListener("pointercancel", cancel);
  }
  addEventListener("pointermove", moved);
  addEventListener("pointerup", up);
  addEventListener("pointercancel", cancel);
}
