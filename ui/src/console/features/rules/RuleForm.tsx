import { createRule, putRule, type Rule, type RuleBody } from "@episante/contracts/rule";
import { listGroups } from "@episante/contracts/rule-layers";
import { createEffect, createMemo, createSignal, createUniqueId, For, on, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { Choices } from "../../../shared/components/Choices.tsx";
import { ErrorSummary, type FormError } from "../../../shared/components/ErrorSummary.tsx";
import { Field } from "../../../shared/components/Field.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { locale } from "../../../shared/i18n/i18n.ts";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { tr } from "../../i18n/rule-texts.ts";
import { patientName } from "../../lib/words.ts";
import { useConsole } from "../../shell/console-context.tsx";
import { durationText, parseDuration } from "./duration.ts";
import { PatientFind } from "./PatientFind.tsx";
import { fieldId, RuleFields } from "./RuleFields.tsx";
import { type Draft, draftOf, type Faults, fieldsOf, isSameRule, readDraft, serverFaults, unitIn } from "./rule-draft.ts";
import { kindOf } from "./rule-kinds.ts";
import { ruleSentences, ruleTitle, scopeWords } from "./rule-words.ts";
import { Trial } from "./Trial.tsx";

/** What an editor begins with: a rule that is changed, or the values and the scope of a new one. */
export interface RuleBegin {
  readonly rule: RuleBody;
  readonly scope: Rule["scope"];
  readonly name?: string;
  readonly existing?: Rule;
  /** The wider rule that a patient's own will stand in place of. */
  readonly replaces?: Rule;
}

const groupScope = (id: string | undefined): Rule["scope"] => ({ kind: "group", ...(id ? { id } : {}) });

/** Every field of one rule, its sentence, and beside it what it would have found. */
export function RuleForm(props: { begin: RuleBegin; onDone: (rule: Rule) => void }) {
  const { names } = useConsole();
  const id = createUniqueId();
  const { existing, replaces } = props.begin;
  const before = props.begin.rule;
  const kind = kindOf(before.kind);
  const [draft, setDraft] = createSignal<Draft>(draftOf(before));
  const [ownName, setOwnName] = createSignal(props.begin.name);
  const [scope, setScope] = createSignal<Rule["scope"]>(props.begin.scope);
  const [reason, setReason] = createSignal("");
  const groups = createLoad(
    () => (existing || replaces ? undefined : true),
    (_, signal) => call(listGroups, { signal }),
  );
  const [left, setLeft] = createSignal<ReadonlySet<string>>(new Set());
  const [refused, setRefused] = createSignal<Faults>({});
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  const [attempt, setAttempt] = createSignal(0);
  const [busy, setBusy] = createSignal(false);

  const read = createMemo(() => readDraft(before, draft()));
  const rule = () => read().rule;
  // What was last whole: names, units and the sentence follow it.
  const last = createMemo<RuleBody>((kept) => rule() ?? kept, before);
  const name = () => ownName() ?? kind.name(last());
  const formFaults = (): Faults => ({
    ...read().faults,
    ...refused(),
    ...(name().trim() === "" ? { name: tr("fault.name") } : {}),
    ...(scope().kind === "patient" && !scope().id ? { scope: tr("fault.patient") } : {}),
    ...(scope().kind === "group" && !scope().id ? { scope: tr("fault.group") } : {}),
  });
  // A field is corrected after somebody has left it, and all are once the whole was sent.
  const shown = createMemo<Faults>(() =>
    Object.fromEntries(Object.entries(formFaults()).filter(([field]) => attempt() > 0 || left().has(field))),
  );
  const summary = createMemo<FormError[]>(() => {
    if (attempt() === 0) return [];
    const order = ["name", "scope", ...fieldsOf(before.kind).map((field) => field.name)];
    return Object.entries(formFaults())
      .toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b))
      .map(([field, text]) => ({ id: fieldId(id, field), text: tr("fault.at", { label: labelOf(field), fault: text }) }));
  });
  function labelOf(field: string): string {
    if (field === "name") return tr("field.name");
    const known = fieldsOf(before.kind).find((one) => one.name === field);
    return known ? tr(known.label) : tr("scope.legend");
  }
  const isUnchanged = () =>
    existing !== undefined &&
    rule() !== undefined &&
    isSameRule(last(), existing.rule) &&
    name().trim() === existing.name &&
    existing.enabled;

  // Numbers are typed in a language: another one on screen writes them anew.
  createEffect(on(locale, () => rule() && setDraft(draftOf(last())), { defer: true }));

  function change(field: string, value: string): void {
    setRefused({});
    setDraft({ ...draft(), [field]: value });
  }
  function leave(field: string): void {
    setLeft(new Set([...left(), field]));
    const seconds = parseDuration(draft()[field] ?? "");
    if (fieldsOf(before.kind).some((one) => one.name === field && one.type === "duration") && seconds !== undefined)
      setDraft({ ...draft(), [field]: durationText(seconds) });
  }
  async function publish(event: Event): Promise<void> {
    event.preventDefault();
    if (busy() || isUnchanged()) return;
    setProblem(undefined);
    setAttempt(attempt() + 1);
    const body = rule();
    if (!body || Object.keys(formFaults()).length > 0) return;
    setBusy(true);
    const why = reason().trim() === "" ? {} : { reason: reason().trim() };
    const input = { name: name().trim(), scope: scope(), rule: body, ...why, ...(replaces ? { replaces: replaces.id } : {}) };
    const result = existing
      ? await call(putRule, { params: { id: existing.id }, body: { ...input, enabled: true } })
      : await call(createRule, { body: input });
    setBusy(false);
    if (result.ok) {
      props.onDone(result.value);
      return;
    }
    setProblem(result.problem);
    setRefused(serverFaults(result.problem.errors, before.kind));
  }
  const patientId = () => (scope().kind === "patient" ? scope().id : undefined);
  return (
    <div class="r-edit">
      <form class="c-card r-form" onSubmit={publish} noValidate>
        <ErrorSummary errors={summary()} attempt={attempt()} />
        <p class="r-sentence">{ruleSentences(last()).join(" ")}</p>
        <Show when={!existing && !replaces} fallback={<p class="s-note">{scopeWords(scope(), { names, groups: [] })}</p>}>
          <Choices
            id={fieldId(id, "scope")}
            legend={tr("scope.legend")}
            kind="radio"
            short
            options={[
              { value: "clinic" as const, text: tr("scope.clinic") },
              { value: "group" as const, text: tr("scope.group") },
              { value: "patient" as const, text: tr("scope.patient") },
            ]}
            chosen={[scope().kind]}
            onChange={([chosen = "clinic"]) => setScope(chosen === "group" ? groupScope(groups.value()?.items[0]?.id) : { kind: chosen })}
            error={shown().scope}
          />
          <Show when={scope().kind === "group" && groups.value()}>
            {(list) => (
              <Show when={list().items.length > 0} fallback={<p class="s-note">{tr("scope.noGroup")}</p>}>
                <span class="c-select">
                  <select
                    class="input"
                    aria-label={tr("scope.whichGroup")}
                    value={scope().id}
                    onChange={(event) => setScope(groupScope(event.currentTarget.value))}
                  >
                    <For each={list().items}>{(group) => <option value={group.id}>{group.name}</option>}</For>
                  </select>
                </span>
              </Show>
            )}
          </Show>
          <Show when={scope().kind === "patient"}>
            <Show when={scope().id} fallback={<PatientFind onPick={(patient) => setScope({ kind: "patient", id: patient.id })} />}>
              {(of) => (
                <p class="c-row">
                  <b>{patientName(names.get(of()))}</b>
                  <Button variant="quiet" onClick={() => setScope({ kind: "patient" })}>
                    {tr("scope.other")}
                  </Button>
                </p>
              )}
            </Show>
          </Show>
        </Show>
        <Show when={replaces}>{(wider) => <p class="s-note">{tr("scope.instead", { name: ruleTitle(wider()) })}</p>}</Show>
        <RuleFields
          id={id}
          kind={before.kind}
          draft={draft()}
          faults={shown()}
          ruleUnit={unitIn(before, draft())}
          exists={existing !== undefined || replaces !== undefined}
          onChange={change}
          onLeave={leave}
        />
        <Field
          id={fieldId(id, "name")}
          label={tr("field.name")}
          hint={tr("hint.name")}
          maxlength={80}
          autocomplete="off"
          value={name()}
          error={shown().name}
          onInput={(value) => setOwnName(value)}
        />
        <Field
          label={tr("field.reason")}
          hint={tr("hint.reason")}
          maxlength={200}
          autocomplete="off"
          value={reason()}
          onInput={setReason}
        />
        <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
        <p class="s-note" id={`${id}-why`}>
          {isUnchanged() ? tr("publish.same") : tr("publish.applies")}
        </p>
        <div class="d-answers">
          <Button type="submit" busy={busy()} unavailable={isUnchanged()} aria-describedby={`${id}-why`}>
            {existing ? tr("publish.again", { n: existing.version + 1 }) : tr("publish")}
          </Button>
        </div>
      </form>
      <Trial rule={rule()} kind={before.kind} patientId={patientId()} against={(existing ?? replaces)?.id} />
    </div>
  );
}
