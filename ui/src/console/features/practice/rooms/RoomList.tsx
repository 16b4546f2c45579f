import { addResource, putResource, type Resource } from "@episante/contracts/resource";
import { createMemo, createSignal, For, Show } from "solid-js";
import { Dialog } from "../../../../shared/components/Dialog.tsx";
import { Icon } from "../../../../shared/components/Icon.tsx";
import { ProblemBanner } from "../../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../../shared/lib/call.ts";
import { trm } from "../../../i18n/rooms-texts.ts";
import { typeWords } from "../../../lib/resource-types.ts";
import { RoomForm } from "./RoomForm.tsx";
import { groupRooms, type Need, type RoomFields } from "./room-groups.ts";

/** A clinic's rooms and devices by kind, with the visit reasons that need them; each change is saved at once. */
export function RoomList(props: {
  clinicId: Resource["clinicId"];
  rooms: readonly Resource[];
  needs: readonly Need[];
  mayChange: boolean;
  onChanged: () => Promise<void>;
}) {
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  const [told, setTold] = createSignal("");
  const [changing, setChanging] = createSignal<Resource>();
  let heading: HTMLHeadingElement | undefined;
  const groups = createMemo(() => groupRooms(props.rooms, props.needs));
  const types = () => groups().map(({ type }) => type);
  const groupOf = (type: string) => groups().find((group) => group.type === type);

  async function save(ask: () => ReturnType<typeof addRoom>, said: string): Promise<boolean> {
    if (busy()) return false;
    setBusy(true);
    setTold("");
    const result = await ask();
    setBusy(false);
    setProblem(result.ok ? undefined : result.problem);
    if (!result.ok) return false;
    await props.onChanged();
    setTold(said);
    return true;
  }
  const addRoom = (fields: RoomFields) => call(addResource, { query: { clinicId: props.clinicId }, body: fields });
  const putRoom = (room: Resource, part: Partial<RoomFields & Pick<Resource, "isActive">>) => {
    const { name, type, isActive } = { ...room, ...part };
    return call(putResource, { params: { id: room.id }, body: { name, type, isActive } });
  };
  async function change(room: Resource, fields: RoomFields): Promise<boolean> {
    const isSaved = await save(() => putRoom(room, fields), trm("form.saved"));
    if (!isSaved) return false;
    setChanging(undefined);
    // With another kind the row stands elsewhere: its button is gone.
    queueMicrotask(() => heading?.focus());
    return true;
  }
  const toggle = (room: Resource) =>
    void save(
      () => putRoom(room, { isActive: !room.isActive }),
      trm(room.isActive ? "list.retiredDone" : "list.restoredDone", { name: room.name }),
    );
  return (
    <>
      <section class="c-card" aria-labelledby="rooms-title">
        <h2 id="rooms-title" ref={heading} tabindex="-1">
          {trm("list.heading")}
        </h2>
        <p class="s-note">{trm("list.why")}</p>
        <Show when={!props.mayChange}>
          <p class="s-note">{trm("list.readOnly")}</p>
        </Show>
        <p role="status" class="r-told">
          {told()}
        </p>
        <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
        <Show when={groups().length > 0} fallback={<p>{trm("list.none")}</p>}>
          <For each={types()}>
            {(type) => (
              <Show when={groupOf(type)}>
                {(group) => (
                  <section class="r-group" aria-label={typeWords(type)}>
                    <h3>{typeWords(type)}</h3>
                    <Needed needs={group().needs} isMissing={group().isMissing} />
                    <ul class="x-links">
                      <For each={group().rooms.map(({ id }) => id)}>
                        {(id) => (
                          <Show when={group().rooms.find((room) => room.id === id)}>
                            {(room) => (
                              <Row
                                room={room()}
                                mayChange={props.mayChange}
                                onChange={() => setChanging(room())}
                                onToggle={() => toggle(room())}
                              />
                            )}
                          </Show>
                        )}
                      </For>
                    </ul>
                  </section>
                )}
              </Show>
            )}
          </For>
        </Show>
      </section>
      <Show when={props.mayChange}>
        <section class="c-card" aria-labelledby="room-add">
          <h2 id="room-add">{trm("form.add")}</h2>
          <RoomForm
            others={props.rooms}
            types={types()}
            label={trm("form.submit")}
            busy={busy()}
            onSave={(fields) => save(() => addRoom(fields), trm("form.added", { name: fields.name }))}
          />
        </section>
      </Show>
      <Show when={changing()}>
        {(room) => (
          <Dialog
            open
            onClose={() => setChanging(undefined)}
            title={trm("form.changeTitle", { name: room().name })}
            description={trm("form.changeWhy")}
          >
            <RoomForm
              first={room()}
              others={props.rooms.filter(({ id }) => id !== room().id)}
              types={types()}
              label={trm("form.save")}
              busy={busy()}
              onSave={(fields) => change(room(), fields)}
            >
              <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
            </RoomForm>
          </Dialog>
        )}
      </Show>
    </>
  );
}

function Needed(props: { needs: readonly Need[]; isMissing: boolean }) {
  const reasons = () => props.needs.map(({ reason, doctor }) => trm("list.neededBy", { reason, doctor })).join(", ");
  return (
    <>
      <p class="s-note">{props.needs.length > 0 ? trm("list.needed", { reasons: reasons() }) : trm("list.notNeeded")}</p>
      <Show when={props.isMissing}>
        <p class="r-missing">
          <Icon name="alert" size={16} />
          {trm("list.missing")}
        </p>
      </Show>
    </>
  );
}

function Row(props: { room: Resource; mayChange: boolean; onChange: () => void; onToggle: () => void }) {
  const named = () => trm("list.of", { name: props.room.name, type: typeWords(props.room.type) });
  return (
    <li class="c-split">
      <span>
        {props.room.name}
        <Show when={!props.room.isActive}>
          {" "}
          <span class="c-tag">{trm("list.retired")}</span>
        </Show>
      </span>
      <Show when={props.mayChange}>
        <span class="c-row">
          <button type="button" class="c-link" onClick={() => props.onChange()}>
            {trm("list.change")}
            <span class="sr"> {named()}</span>
          </button>
          <button type="button" class="c-link" onClick={() => props.onToggle()}>
            {trm(props.room.isActive ? "list.retire" : "list.restore")}
            <span class="sr"> {named()}</span>
          </button>
        </span>
      </Show>
    </li>
  );
}
