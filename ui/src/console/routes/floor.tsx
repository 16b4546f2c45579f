import "../features/floor/floor.css";
import { createEffect, createMemo, createSignal, For, Show } from "solid-js";
import { Button } from "../../shared/components/Button.tsx";
import { Icon } from "../../shared/components/Icon.tsx";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { clock, dateDay, dayInstant } from "../../shared/lib/format.ts";
import { keepFocus } from "../../shared/lib/keep-focus.ts";
import { type Asked, createBlocks } from "../features/floor/create-blocks.ts";
import { createFloor, type Floor } from "../features/floor/create-floor.ts";
import { FloorBoard } from "../features/floor/FloorBoard.tsx";
import { columnOf, columns } from "../features/floor/floor-board.ts";
import { PublicScreen } from "../features/floor/PublicScreen.tsx";
import { AbsentDialog, VisitDialog } from "../features/floor/VisitDialog.tsx";
import { tf } from "../i18n/floor-texts.ts";
import { shortSpan } from "../lib/words.ts";
import { ConsolePage } from "../shell/ConsolePage.tsx";

/** Where the patients of the day are. Doctors, the phone's column and the public screen live in the URL. */
export function FloorRoute() {
  const floor = createFloor();
  return (
    <Show when={floor.isScreen()} fallback={<FloorPage floor={floor} />}>
      <PublicScreen floor={floor} />
    </Show>
  );
}

function FloorPage(props: { floor: Floor }) {
  const floor = props.floor;
  const [opened, setOpened] = createSignal<{ id: string; as: "visit" | "absent" }>();
  const openedVisit = () => {
    const open = opened();
    const visit = open && floor.visits.byId(open.id);
    return open && visit ? { as: open.as, visit } : undefined;
  };
  function close(): void {
    const id = opened()?.id;
    setOpened(undefined);
    // A dialog that a key has opened knows no button to give the focus back to.
    keepFocus(() => document.querySelector<HTMLElement>(`[data-visit="${id}"] .f-main`));
  }
  // A visit that is taken off the list by somebody else closes what is open about it.
  createEffect(() => {
    const open = openedVisit();
    if (open && columnOf(open.visit) === undefined) close();
  });
  const askedOf = ({ patientId, doctorId, version }: NonNullable<ReturnType<typeof openedVisit>>["visit"]): Asked[] => {
    const clinicId = floor.doctorOf(doctorId)?.clinicId;
    return clinicId ? [{ patientId, clinicId, since: String(version) }] : [];
  };
  const blocks = createBlocks(() => {
    const open = openedVisit();
    return [...floor.board().absent.flatMap(askedOf), ...(open?.as === "visit" ? askedOf(open.visit) : [])];
  });
  const absent = (id: string) => {
    const visit = floor.visits.byId(id);
    if (visit && columnOf(visit) === "expected") setOpened({ id, as: "absent" });
    else if (visit) void floor.move(visit, "absent");
  };
  return (
    <ConsolePage
      title={tf("title")}
      class="f-page"
      tools={
        <button type="button" class="c-tool" onClick={() => floor.showScreen(true)}>
          <Icon name="eye" size={18} /> <span class="c-wide">{tf("screen")}</span>
        </button>
      }
    >
      <Bar floor={floor} />
      <Notes floor={floor} />
      <FloorBoard floor={floor} blocks={blocks} onOpen={(id) => setOpened({ id, as: "visit" })} onAbsent={absent} />
      <p class="f-keys" aria-hidden="true">
        <span>
          <kbd>↑</kbd> <kbd>↓</kbd> <kbd>←</kbd> <kbd>→</kbd> {tf("keys.card")}
        </span>
        <span>
          <kbd>1</kbd>–<kbd>4</kbd> {tf("keys.column")}
        </span>
        <span>
          <kbd>B</kbd> {tf("keys.absent")}
        </span>
        <span>
          <kbd>Z</kbd> {tf("keys.undo")}
        </span>
      </p>
      <Show when={opened()} keyed>
        {({ as }) => (
          <Show when={openedVisit()?.visit}>
            {(visit) => (
              <Show when={as === "visit"} fallback={<AbsentDialog floor={floor} visit={visit()} onClose={close} />}>
                <VisitDialog
                  floor={floor}
                  blocks={blocks}
                  visit={visit()}
                  onAbsent={() => setOpened({ id: visit().id, as: "absent" })}
                  onClose={close}
                />
              </Show>
            )}
          </Show>
        )}
      </Show>
    </ConsolePage>
  );
}

function Bar(props: { floor: Floor }) {
  const floor = props.floor;
  const isAll = createMemo(() => floor.chosen().length === floor.doctors().length);
  const isChosen = (id: string) => floor.chosen().some((doctor) => doctor.id === id);
  const link = () => floor.visits.link();
  return (
    <div class="f-bar">
      <p class="f-day">{dateDay(dayInstant(floor.today()), "UTC")}</p>
      <span class="c-live" data-state={link()}>
        <i aria-hidden="true" />
        {link() === "live" ? tf("live.on") : link() === "connecting" ? tf("live.connecting") : tf("live.lost")}
        <Show when={floor.visits.lostSince()}>{(since) => <b>{shortSpan(floor.now() - since())}</b>}</Show>
      </span>
      <Show when={floor.doctors().length > 1}>
        <div class="f-doctors" role="group" aria-label={tf("doctors")}>
          <button type="button" aria-pressed={isAll()} onClick={() => floor.showAll()}>
            {tf("everyDoctor")}
          </button>
          <For each={floor.doctors()}>
            {(doctor) => (
              <button type="button" aria-pressed={!isAll() && isChosen(doctor.id)} onClick={() => floor.toggleDoctor(doctor.id)}>
                <span class="f-initials" aria-hidden="true">
                  {doctor.initials}
                </span>{" "}
                {doctor.surname}
              </button>
            )}
          </For>
        </div>
      </Show>
      <label class="c-select f-choose">
        <span class="sr">{tf("column.choose")}</span>
        <select
          class="input"
          onChange={(event) => floor.showColumn(columns.find((name) => name === event.currentTarget.value) ?? "waiting")}
        >
          <For each={columns}>
            {(name) => (
              <option value={name} selected={floor.column() === name}>
                {tf("column.count", { name: tf(`column.${name}`), n: floor.board()[name].length })}
              </option>
            )}
          </For>
        </select>
      </label>
    </div>
  );
}

/** What lasts: the feed is lost, something failed, the last result with its undo. Its place is kept. */
function Notes(props: { floor: Floor }) {
  const floor = props.floor;
  return (
    <div class="f-notes">
      <div role="alert">
        <Show when={floor.visits.lostSince()}>
          {(since) => (
            <p class="f-lost">
              <Icon name="offline" /> {tf("live.lostSince", { time: clock(since(), floor.zone(), true) })}
            </p>
          )}
        </Show>
      </div>
      <Show when={floor.problem() ?? floor.members.problem() ?? floor.visits.problem()}>
        {(problem) => (
          <ProblemBanner
            problem={problem()}
            onRetry={() => {
              void floor.members.reload();
              void floor.visits.reload();
            }}
          />
        )}
      </Show>
      <Show when={floor.members.value() && floor.doctors().length === 0}>
        <p>{tf("noDoctor")}</p>
      </Show>
      <p class="f-told" onMouseEnter={() => floor.holdUndo(true)} onMouseLeave={() => floor.holdUndo(false)}>
        <span>{floor.message()}</span>
        <Show when={floor.undoVisit()}>
          {(visit) => (
            <Button
              variant="quiet"
              icon="undo"
              onFocus={() => floor.holdUndo(true)}
              onBlur={() => floor.holdUndo(false)}
              onClick={() => {
                floor.holdUndo(false);
                void floor.undo(visit());
              }}
            >
              {tf("undo")}{" "}
              <span class="kbd" aria-hidden="true">
                Z
              </span>{" "}
              <small>{tf("undo.left", { n: floor.undoLeft() })}</small>
            </Button>
          )}
        </Show>
      </p>
    </div>
  );
}
