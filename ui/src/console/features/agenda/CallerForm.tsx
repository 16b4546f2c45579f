import { createPatient, listPatients } from "@episante/contracts/patient";
import { createSignal, For, onMount, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { Field } from "../../../shared/components/Field.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { ta } from "../../i18n/agenda-texts.ts";
import { type PatientMin, patientName } from "../../lib/words.ts";
import { parseBirth } from "./booking-choices.ts";
import { patientLine } from "./PatientPicker.tsx";

/** What was typed in the search, as the beginning of a name or a phone number. */
function startOf(typed: string): { family: string; phone: string } {
  return /^[+\d\s().-]{6,}$/.test(typed) ? { family: "", phone: typed } : { family: /\d/.test(typed) ? "" : typed, phone: "" };
}

/** Opens a file for a caller with a phone number and no e-mail. People who look like the caller are shown before anything is created. */
export function CallerForm(props: {
  typed: string;
  clinicId: `cli_${string}` | undefined;
  /** `YYYY-MM-DD` at the clinic. */
  today: string;
  onDone: (patient: PatientMin) => void;
  onBack: () => void;
}) {
  const start = startOf(props.typed);
  const [family, setFamily] = createSignal(start.family);
  const [given, setGiven] = createSignal("");
  const [birth, setBirth] = createSignal("");
  const [phone, setPhone] = createSignal(start.phone);
  const [faults, setFaults] = createSignal<{ name?: string; birth?: string; phone?: string }>({});
  const [alike, setAlike] = createSignal<readonly PatientMin[]>();
  const [problem, setProblem] = createSignal<CallProblem>();
  const [busy, setBusy] = createSignal(false);
  let first: HTMLInputElement | undefined;
  onMount(() => first?.focus());

  async function findAlike(birthDate: string): Promise<readonly PatientMin[] | CallProblem> {
    const [born, calling] = await Promise.all([
      call(listPatients, { query: { q: birthDate, limit: 20 } }),
      call(listPatients, { query: { q: phone(), limit: 5 } }),
    ]);
    if (!born.ok) return born.problem;
    if (!calling.ok) return calling.problem;
    const start = family().trim().slice(0, 3).toLocaleLowerCase("fr");
    const sameName = born.value.items.filter((one) => one.familyName.toLocaleLowerCase("fr").startsWith(start));
    return [...new Map([...sameName, ...calling.value.items].map((one) => [one.id, one])).values()];
  }
  async function save(anyway: boolean): Promise<void> {
    if (busy()) return;
    const birthDate = parseBirth(birth(), props.today);
    const found = {
      ...(family().trim() && given().trim() ? {} : { name: ta("caller.faultName") }),
      ...(birthDate ? {} : { birth: ta("caller.faultBirth") }),
      ...(phone().replace(/\D/g, "").length >= 6 ? {} : { phone: ta("caller.faultPhone") }),
    };
    setFaults(found);
    setProblem(undefined);
    if (!birthDate || Object.keys(found).length > 0) return;
    setBusy(true);
    const known = anyway ? [] : await findAlike(birthDate);
    if ("code" in known || known.length > 0) {
      setBusy(false);
      if ("code" in known) setProblem(known);
      else setAlike(known);
      return;
    }
    const { clinicId } = props;
    const result = await call(createPatient, {
      body: { givenName: given(), familyName: family(), birthDate, phone: phone(), ...(clinicId ? { clinicId } : {}) },
    });
    setBusy(false);
    if (result.ok) props.onDone(result.value);
    else setProblem(result.problem);
  }
  function enter(event: KeyboardEvent): void {
    if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    void save(false);
  }
  return (
    <div class="g-caller" role="group" aria-label={ta("book.patientNew")} onKeyDown={enter}>
      <Field ref={first} label={ta("caller.family")} autocomplete="off" value={family()} onInput={setFamily} error={faults().name} />
      <Field label={ta("caller.given")} autocomplete="off" value={given()} onInput={setGiven} />
      <Field
        label={ta("caller.birth")}
        hint={ta("caller.birthHint")}
        autocomplete="off"
        inputMode="text"
        value={birth()}
        onInput={setBirth}
        error={faults().birth}
      />
      <Field label={ta("caller.phone")} type="tel" autocomplete="off" value={phone()} onInput={setPhone} error={faults().phone} />
      <Show when={problem()}>{(refusal) => <ProblemBanner problem={refusal()} />}</Show>
      <div role="alert">
        <Show when={alike()}>
          {(known) => (
            <div class="g-refused">
              <p>{ta("caller.same")}</p>
              <div class="g-others">
                <For each={known()}>
                  {(patient) => (
                    <Button variant="secondary" onClick={() => props.onDone(patient)}>
                      {patientName(patient)}, {patientLine(patient)}
                    </Button>
                  )}
                </For>
              </div>
              <Button variant="secondary" busy={busy()} onClick={() => void save(true)}>
                {ta("caller.anyway")}
              </Button>
            </div>
          )}
        </Show>
      </div>
      <div class="g-move-acts">
        <Button busy={busy()} onClick={() => void save(false)}>
          {ta("caller.create")}
        </Button>
        <Button variant="quiet" onClick={() => props.onBack()}>
          {ta("caller.back")}
        </Button>
      </div>
    </div>
  );
}
