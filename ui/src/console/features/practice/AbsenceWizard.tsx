import { declareAbsence } from "@episante/contracts/absence";
import type { AnswerOf } from "@episante/contracts/endpoint";
import { createSignal, Match, Show, Switch } from "solid-js";
import { createStore } from "solid-js/store";
import { Button } from "../../../shared/components/Button.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { dayOf } from "../../../shared/lib/format.ts";
import { tp } from "../../i18n/practice-texts.ts";
import { useConsole } from "../../shell/console-context.tsx";
import { AbsenceFields } from "./AbsenceForm.tsx";
import { AbsenceVisits } from "./AbsenceVisits.tsx";
import { type AbsenceDraft, faultsOf, newDraft, periodOf, planOf } from "./absence-form.ts";
import type { ClinicDoctor } from "./create-doctors.ts";

type Answer = AnswerOf<typeof declareAbsence>;

/** Period and plan, then what would happen to each visit, then the confirmation; going back keeps what was typed. */
export function AbsenceWizard(props: { doctorId: `doc_${string}`; doctors: readonly ClinicDoctor[]; onDeclared: () => void }) {
  const { zone, now } = useConsole();
  const [draft, setDraft] = createStore<AbsenceDraft>(newDraft(dayOf(now(), zone())));
  const [faulty, setFaulty] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  const [rehearsed, setRehearsed] = createSignal<Answer | undefined>();
  const [done, setDone] = createSignal<Answer | undefined>();
  // One key per review: a second press, or a retry after a lost answer, declares nothing twice.
  let key = "";
  let section: HTMLElement | undefined;
  const faults = () => (faulty() ? faultsOf(draft, zone(), now()) : {});
  const colleagues = () => {
    const own = props.doctors.find(({ id }) => id === props.doctorId);
    return props.doctors.filter(({ id, clinicId }) => id !== props.doctorId && clinicId === own?.clinicId);
  };
  const doctorName = (id: string) => props.doctors.find((doctor) => doctor.id === id)?.name ?? "";
  const focusHeading = () => queueMicrotask(() => section?.querySelector<HTMLElement>("h2")?.focus());
  function change(part: Partial<AbsenceDraft>): void {
    setProblem(undefined);
    setDraft(part);
  }

  async function send(dryRun: boolean): Promise<Answer | undefined> {
    const period = periodOf(draft, zone());
    if (!period || busy()) return undefined;
    setBusy(true);
    setProblem(undefined);
    const note = draft.note.trim();
    const result = await call(declareAbsence, {
      idempotencyKey: dryRun ? crypto.randomUUID() : key,
      body: {
        doctorId: props.doctorId,
        start: new Date(period.startMs).toISOString(),
        end: new Date(period.endMs).toISOString(),
        ...(note === "" ? {} : { note }),
        visits: planOf(draft),
        dryRun,
      },
    });
    setBusy(false);
    if (!result.ok) setProblem(result.problem);
    return result.ok ? result.value : undefined;
  }
  async function see(event: Event): Promise<void> {
    event.preventDefault();
    setFaulty(true);
    if (Object.keys(faults()).length > 0) {
      queueMicrotask(() => section?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
      return;
    }
    const answer = await send(true);
    if (!answer) return;
    key = crypto.randomUUID();
    setRehearsed(answer);
    focusHeading();
  }
  async function confirm(): Promise<void> {
    const answer = await send(false);
    if (!answer) return;
    setDone(answer);
    props.onDeclared();
    focusHeading();
  }
  function back(): void {
    setRehearsed(undefined);
    setProblem(undefined);
    focusHeading();
  }
  function another(): void {
    setDraft(newDraft(dayOf(now(), zone())));
    setFaulty(false);
    setDone(undefined);
    back();
  }
  return (
    <section class="c-card" ref={section}>
      <Switch>
        <Match when={done()}>
          {(answer) => (
            <>
              <h2 tabindex="-1">{tp("absence.done")}</h2>
              <AbsenceVisits {...answer()} doctorId={props.doctorId} doctorName={doctorName} />
              <div class="c-row h-acts">
                <Button variant="secondary" onClick={another}>
                  {tp("absence.another")}
                </Button>
              </div>
            </>
          )}
        </Match>
        <Match when={rehearsed()}>
          {(answer) => (
            <>
              <h2 tabindex="-1">{tp("absence.review")}</h2>
              <AbsenceVisits {...answer()} doctorId={props.doctorId} doctorName={doctorName} />
              <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
              <div class="c-row h-acts">
                <Button busy={busy()} onClick={() => void confirm()}>
                  {tp("absence.confirm")}
                </Button>
                <Button variant="secondary" onClick={back}>
                  {tp("absence.back")}
                </Button>
              </div>
            </>
          )}
        </Match>
        <Match when={true}>
          <h2 tabindex="-1">{tp("absence.declare")}</h2>
          <form class="h-form" onSubmit={(event) => void see(event)} noValidate>
            <AbsenceFields doctorId={props.doctorId} draft={draft} faults={faults()} colleagues={colleagues()} onChange={change} />
            <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
            <Button type="submit" busy={busy()}>
              {tp("absence.see")}
            </Button>
          </form>
        </Match>
      </Switch>
    </section>
  );
}
