import { createMemo, createSignal, createUniqueId, For, type JSX, Show } from "solid-js";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { tp } from "../../i18n/practice-texts.ts";
import { useConsole } from "../../shell/console-context.tsx";
import type { Doctors } from "./create-doctors.ts";

/** Whose hours a page is about: a doctor's own, or for staff the one they choose. What is inside starts anew for another doctor. */
export function DoctorChoice(props: { doctors: Doctors; children: (doctorId: `doc_${string}`) => JSX.Element }) {
  const { roles, doctorId: own } = useConsole();
  const id = createUniqueId();
  const [chosen, setChosen] = createSignal<`doc_${string}` | undefined>();
  const mayChoose = () => roles().includes("staff");
  const doctorId = createMemo(() => chosen() ?? (own() as `doc_${string}` | undefined) ?? props.doctors.doctors()[0]?.id);
  return (
    <>
      <Show when={mayChoose()}>
        <Show when={props.doctors.problem()}>
          {(problem) => <ProblemBanner problem={problem()} onRetry={() => void props.doctors.reload()} />}
        </Show>
        <Show when={props.doctors.isLoaded() && props.doctors.doctors().length === 0}>
          <p>{tp("doctor.none")}</p>
        </Show>
        <Show when={props.doctors.doctors().length > 0}>
          <div class="field h-who">
            <label for={id}>{tp("doctor.label")}</label>
            <span class="c-select">
              <select
                id={id}
                class="input"
                value={doctorId()}
                onChange={(event) => setChosen(props.doctors.doctors().find((one) => one.id === event.currentTarget.value)?.id)}
              >
                <For each={props.doctors.doctors()}>{(doctor) => <option value={doctor.id}>{doctor.name}</option>}</For>
              </select>
            </span>
          </div>
        </Show>
      </Show>
      <Show when={doctorId()} keyed>
        {(known) => props.children(known)}
      </Show>
    </>
  );
}
