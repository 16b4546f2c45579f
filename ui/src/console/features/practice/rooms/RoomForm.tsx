import type { Resource } from "@episante/contracts/resource";
import { createSignal, createUniqueId, For, type JSX } from "solid-js";
import { Button } from "../../../../shared/components/Button.tsx";
import { Field } from "../../../../shared/components/Field.tsx";
import { trm } from "../../../i18n/rooms-texts.ts";
import { typeOf } from "../../../lib/resource-types.ts";
import { type RoomFields, roomFaults } from "./room-groups.ts";

/** Name and kind of a room or device; `onSave` gets them as the API takes them and says whether they were taken. */
export function RoomForm(props: {
  first?: RoomFields;
  others: readonly Resource[];
  types: readonly string[];
  label: string;
  busy: boolean;
  onSave: (fields: RoomFields) => Promise<boolean>;
  children?: JSX.Element;
}) {
  const known = createUniqueId();
  const [name, setName] = createSignal(props.first?.name ?? "");
  const [type, setType] = createSignal(props.first?.type ?? "");
  const [tried, setTried] = createSignal(false);
  const faults = () => (tried() ? roomFaults({ name: name(), type: type() }, props.others) : {});
  const words = (key: "name" | "type") => {
    const fault = faults()[key];
    return fault && trm(`fault.${fault}`);
  };
  let form: HTMLFormElement | undefined;
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (props.busy) return;
    setTried(true);
    if (Object.keys(faults()).length > 0) {
      queueMicrotask(() => form?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
      return;
    }
    if (!(await props.onSave({ name: name().trim(), type: typeOf(type()) }))) return;
    setTried(false);
    setName("");
    form?.querySelector<HTMLElement>("input")?.focus();
  }
  return (
    <form ref={form} class="h-form" onSubmit={(event) => void submit(event)} noValidate>
      <div class="m-fields">
        <Field
          label={trm("form.name")}
          hint={trm("form.nameHint")}
          maxlength="100"
          value={name()}
          onInput={setName}
          error={words("name")}
        />
        <Field
          label={trm("form.type")}
          hint={trm("form.typeHint")}
          maxlength="60"
          list={known}
          autocapitalize="none"
          value={type()}
          onInput={setType}
          error={words("type")}
        />
      </div>
      <datalist id={known}>
        <For each={props.types}>{(one) => <option value={one} />}</For>
      </datalist>
      {props.children}
      <Button type="submit" busy={props.busy}>
        {props.label}
      </Button>
    </form>
  );
}
