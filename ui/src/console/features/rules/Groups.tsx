import { createGroup, deleteGroup, listGroups, type PatientGroup, putGroup } from "@episante/contracts/rule-layers";
import { createEffect, createSignal, For, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { Dialog } from "../../../shared/components/Dialog.tsx";
import { Field } from "../../../shared/components/Field.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { tr } from "../../i18n/rule-texts.ts";
import { t } from "../../i18n/text.ts";
import { patientName } from "../../lib/words.ts";
import { useConsole } from "../../shell/console-context.tsx";
import { PatientFind } from "./PatientFind.tsx";

/** Groups of patients who share rules: their names and members. */
export function Groups() {
  const { names } = useConsole();
  const groups = createLoad(
    () => true,
    (_, signal) => call(listGroups, { signal }),
  );
  const [editing, setEditing] = createSignal<PatientGroup | "new" | undefined>();
  const [said, setSaid] = createSignal("");
  createEffect(() => void names.want(groups.value()?.items.flatMap(({ patientIds }) => patientIds) ?? []));
  const done = (words: string) => {
    setEditing(undefined);
    setSaid(words);
    void groups.reload();
  };
  return (
    <>
      <div class="c-split">
        <p class="s-note">{tr("groups.why")}</p>
        <Button onClick={() => setEditing("new")}>{tr("groups.new")}</Button>
      </div>
      <p role="status" class="r-said">
        {said()}
      </p>
      <Show when={groups.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void groups.reload()} />}</Show>
      <Show when={groups.value()?.items.length === 0}>
        <p class="c-empty">{tr("groups.none")}</p>
      </Show>
      <For each={groups.value()?.items}>
        {(group) => (
          <section class="c-card" aria-label={group.name}>
            <div class="c-split">
              <h2 class="c-h2">{group.name}</h2>
              <Button variant="secondary" onClick={() => setEditing(group)}>
                {t("rules.edit")}
                <span class="sr"> : {group.name}</span>
              </Button>
            </div>
            <p>{group.patientIds.map((id) => patientName(names.get(id))).join(", ") || tr("groups.empty")}</p>
            <Show when={group.otherPatients > 0}>
              <p class="s-note">{tr("groups.others", { n: group.otherPatients })}</p>
            </Show>
          </section>
        )}
      </For>
      <Show when={editing()} keyed>
        {(edited) => (
          <Dialog
            open
            onClose={() => setEditing(undefined)}
            title={edited === "new" ? tr("groups.new") : tr("groups.edit", { name: edited.name })}
          >
            <GroupForm group={edited === "new" ? undefined : edited} onDone={done} />
          </Dialog>
        )}
      </Show>
    </>
  );
}

function GroupForm(props: { group: PatientGroup | undefined; onDone: (said: string) => void }) {
  const { names } = useConsole();
  const [name, setName] = createSignal(props.group?.name ?? "");
  const [members, setMembers] = createSignal<PatientGroup["patientIds"]>(props.group?.patientIds ?? []);
  const [isSent, setSent] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  const [busy, setBusy] = createSignal(false);
  const fault = () => (isSent() && name().trim() === "" ? tr("groups.needName") : undefined);

  async function save(event: Event): Promise<void> {
    event.preventDefault();
    setSent(true);
    if (busy() || name().trim() === "") return;
    setBusy(true);
    const body = { name: name().trim(), patientIds: members() };
    const { group } = props;
    const result = group ? await call(putGroup, { params: { id: group.id }, body }) : await call(createGroup, { body });
    setBusy(false);
    if (result.ok) props.onDone(tr("groups.saved", { name: result.value.name }));
    else setProblem(result.problem);
  }
  async function dissolve(group: PatientGroup): Promise<void> {
    if (busy()) return;
    setBusy(true);
    const result = await call(deleteGroup, { params: { id: group.id } });
    setBusy(false);
    if (result.ok) props.onDone(tr("groups.dissolved", { name: group.name }));
    else setProblem(result.problem);
  }
  return (
    <form class="r-form" onSubmit={save} noValidate>
      <Field label={tr("groups.name")} maxlength={80} autocomplete="off" value={name()} error={fault()} onInput={setName} />
      <ul class="r-members" aria-label={tr("groups.members")}>
        <For each={members()}>
          {(id) => (
            <li>
              {patientName(names.get(id))}
              <Button variant="quiet" onClick={() => setMembers(members().filter((one) => one !== id))}>
                {tr("groups.remove")}
                <span class="sr"> : {patientName(names.get(id))}</span>
              </Button>
            </li>
          )}
        </For>
      </ul>
      <PatientFind onPick={({ id }) => setMembers([...members().filter((one) => one !== id), id])} />
      <p class="s-note">{tr("groups.applies")}</p>
      <Show when={problem()}>
        {(found) => (
          <Show when={found().code === "wrong-state"} fallback={<ProblemBanner problem={found()} />}>
            <p role="alert">{tr("groups.hasRules")}</p>
          </Show>
        )}
      </Show>
      <div class="d-answers">
        <Button type="submit" busy={busy()}>
          {tr("groups.save")}
        </Button>
        <Show when={props.group}>
          {(group) => (
            <Button variant="danger" busy={busy()} onClick={() => void dissolve(group())}>
              {tr("groups.dissolve")}
            </Button>
          )}
        </Show>
      </div>
    </form>
  );
}
