import { createEffect, createMemo, createSignal, For, on, onCleanup, Show } from "solid-js";
import { tc } from "../../../shared/i18n/common.ts";
import { tf } from "../../i18n/floor-texts.ts";
import { useShortcuts } from "../../lib/shortcuts.ts";
import { useConsole } from "../../shell/console-context.tsx";
import type { Blocks } from "./create-blocks.ts";
import type { Floor } from "./create-floor.ts";
import { FloorCard } from "./FloorCard.tsx";
import { type Column, cardAt, columns, placesOf } from "./floor-board.ts";

const columnOfKey: Readonly<Record<string, Column>> = { "1": "expected", "2": "waiting", "3": "room", "4": "done" };
const cardOf = (node: EventTarget | null) =>
  node instanceof Element ? node.closest<HTMLElement>("[data-visit]")?.dataset.visit : undefined;

/** The columns. One card is in the tab order; arrows lead from card to card, digits set the column, and focus follows its card. */
export function FloorBoard(props: { floor: Floor; blocks: Blocks; onOpen: (id: string) => void; onAbsent: (id: string) => void }) {
  const { me } = useConsole();
  const board = () => props.floor.board();
  const places = createMemo(() => placesOf(board()));
  const [current, setCurrent] = createSignal<string>();
  const [place, setPlace] = createSignal<HTMLElement>();
  /** The card that is in the tab order: the last one that had focus, else the first. */
  const entry = () => {
    const id = current();
    return id !== undefined && places().has(id) ? id : cardAt(board(), undefined, "Home");
  };
  const buttonOf = (id: string | undefined) =>
    id === undefined ? null : (place()?.querySelector<HTMLElement>(`[data-visit="${id}"] .f-main`) ?? null);
  const isSeen = (node: HTMLElement | null): node is HTMLElement =>
    node !== null && getComputedStyle(node.closest(".f-column") ?? node).display !== "none";

  // Focus that a card took along when it left its place: it comes back to the card, or to the one that stands there now.
  let isInside = false;
  const leave = (event: Event) => {
    if (event.target instanceof Node && !place()?.contains(event.target)) isInside = false;
  };
  document.addEventListener("focusin", leave);
  document.addEventListener("pointerdown", leave);
  onCleanup(() => {
    document.removeEventListener("focusin", leave);
    document.removeEventListener("pointerdown", leave);
  });
  createEffect(
    on(board, (after, before) => {
      const id = current();
      if (!isInside || id === undefined || document.activeElement !== document.body || !before) return;
      const own = buttonOf(id);
      const column = columns.find((name) => before[name].some((visit) => visit.id === id));
      const at = column ? before[column].findIndex((visit) => visit.id === id) : 0;
      const rest = column ? after[column] : [];
      const beside = rest[Math.min(at, rest.length - 1)]?.id;
      const target = isSeen(own) ? own : (buttonOf(beside) ?? buttonOf(entry()));
      target?.focus();
    }),
  );

  function press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = cardAt(board(), cardOf(event.target), event.key);
    if (!next || cardOf(event.target) === undefined) return;
    event.preventDefault();
    const column = places().get(next);
    if (column && !isSeen(buttonOf(next))) props.floor.showColumn(column);
    buttonOf(next)?.focus();
  }
  const focused = () => {
    const id = cardOf(document.activeElement);
    return id === undefined ? undefined : props.floor.visits.byId(id);
  };
  const to = (column: Column) => () => {
    const visit = focused();
    if (visit) void props.floor.move(visit, column);
  };
  useShortcuts(() => me().preferences.shortcuts !== false, {
    ...Object.fromEntries(Object.entries(columnOfKey).map(([key, column]) => [key, to(column)])),
    b: () => {
      const visit = focused();
      if (visit) props.onAbsent(visit.id);
    },
    z: () => {
      const visit = props.floor.undoVisit();
      if (visit) void props.floor.undo(visit);
    },
  });
  return (
    <section
      ref={setPlace}
      class="f-board"
      aria-label={tf("board")}
      aria-busy={props.floor.visits.pending()}
      data-stale={props.floor.visits.lostSince() === undefined ? undefined : ""}
      data-shown={props.floor.column()}
      onKeyDown={press}
      onFocusIn={(event) => {
        const id = cardOf(event.target);
        isInside = id !== undefined;
        if (id) setCurrent(id);
      }}
    >
      <For each={columns}>
        {(column, index) => (
          <section class="f-column" data-column={column} aria-labelledby={`f-${column}`}>
            <h2 id={`f-${column}`}>
              {tf(`column.${column}`)} <b>{props.floor.visits.isLoaded() ? board()[column].length : "–"}</b>
              <Show
                when={column !== "absent"}
                fallback={
                  <span class="kbd" aria-hidden="true">
                    B
                  </span>
                }
              >
                <span class="kbd" aria-hidden="true">
                  {index() + 1}
                </span>
              </Show>
            </h2>
            <Show
              when={board()[column].length > 0}
              fallback={<p class="f-none">{props.floor.visits.isLoaded() ? tf("column.none") : tc("app.loading")}</p>}
            >
              <ul>
                <For each={board()[column].map((visit) => visit.id)}>
                  {(id) => (
                    <Show when={props.floor.visits.byId(id)}>
                      {(visit) => (
                        <FloorCard
                          floor={props.floor}
                          visit={visit()}
                          column={column}
                          isCurrent={entry() === id}
                          isBlocked={props.blocks.of(visit().patientId)?.blocked === true}
                          onOpen={() => props.onOpen(id)}
                        />
                      )}
                    </Show>
                  )}
                </For>
              </ul>
            </Show>
          </section>
        )}
      </For>
    </section>
  );
}
