import { type Device, revokeDevice, rotateDevice } from "@episante/contracts/device";
import { listPatients } from "@episante/contracts/patient";
import { createEffect, createSignal, createUniqueId, For, onCleanup, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { Dialog } from "../../../shared/components/Dialog.tsx";
import { Field } from "../../../shared/components/Field.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { PairDevice } from "../../../shared/devices/PairDevice.tsx";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { createEnding } from "../../../shared/lib/ending.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { tf } from "../../i18n/fleet-texts.ts";
import { ageAndSex, type PatientMin, patientName } from "../../lib/words.ts";
import { useConsole } from "../../shell/console-context.tsx";

const shortest = 3;

/** Asks whose device it is, unless that is known, then pairs it. */
export function PairDialog(props: { patient?: PatientMin | undefined; onClose: () => void; onChange: () => void }) {
  const { now, zone } = useConsole();
  const [chosen, setChosen] = createSignal<PatientMin | undefined>(props.patient);
  const [typed, setTyped] = createSignal("");
  const [asked, setAsked] = createSignal("");
  createEffect(() => {
    const q = typed().trim();
    const timer = setTimeout(() => setAsked(q), 200);
    onCleanup(() => clearTimeout(timer));
  });
  const found = createLoad(
    () => (asked().length >= shortest ? asked() : undefined),
    (q, signal) => call(listPatients, { query: { q, limit: 8 }, signal }),
  );
  const items = () => (asked().length >= shortest ? found.value()?.items : undefined);
  return (
    <Dialog open onClose={props.onClose} title={tf("pair")}>
      <Show
        when={chosen()}
        keyed
        fallback={
          <>
            <Field label={tf("pairWho")} hint={tf("pairSearch")} type="search" autocomplete="off" value={typed()} onInput={setTyped} />
            <Show when={found.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void found.reload()} />}</Show>
            <p role="status">{items()?.length === 0 ? tf("pairNone") : ""}</p>
            <ul class="dv-found">
              <For each={items()}>
                {(patient) => (
                  <li>
                    <button type="button" onClick={() => setChosen(patient)}>
                      <b>{patientName(patient)}</b>
                      <span>{ageAndSex(patient, now())}</span>
                    </button>
                  </li>
                )}
              </For>
            </ul>
          </>
        }
      >
        {(patient) => (
          <>
            <PairDevice patientId={patient.id} patient={patientName(patient)} zone={zone()} onChange={props.onChange} />
            <Show when={!props.patient}>
              <Button variant="quiet" onClick={() => setChosen(undefined)}>
                {tf("pairOther")}
              </Button>
            </Show>
          </>
        )}
      </Show>
      <Button variant="secondary" onClick={() => props.onClose()}>
        {tf("close")}
      </Button>
    </Dialog>
  );
}

/** Replaces a device's token and shows the new one, once. */
export function RotateDialog(props: { device: Device; onClose: () => void }) {
  const field = createUniqueId();
  const [token, setToken] = createSignal("");
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  const [copied, setCopied] = createSignal("");
  async function rotate(): Promise<void> {
    setBusy(true);
    const result = await call(rotateDevice, { params: { id: props.device.id } });
    setBusy(false);
    setProblem(result.ok ? undefined : result.problem);
    if (result.ok) setToken(result.value.token);
  }
  async function copy(): Promise<void> {
    (document.getElementById(field) as HTMLInputElement | null)?.select();
    try {
      await navigator.clipboard.writeText(token());
      setCopied(tf("copied"));
    } catch {
      // Not allowed here: the text is selected, the keyboard copies it.
      setCopied(tf("copyByHand"));
    }
  }
  return (
    <Dialog
      open
      onClose={props.onClose}
      title={tf(token() ? "rotated" : "rotateAsk", { model: props.device.model })}
      description={token() ? tf("tokenOnce") : tf("rotateEffect")}
      modalOnly
    >
      <Show when={problem()}>{(refusal) => <ProblemBanner problem={refusal()} />}</Show>
      <Show
        when={token()}
        fallback={
          <div class="d-answers">
            <Button variant="danger" busy={busy()} onClick={() => void rotate()}>
              {tf("rotateDo")}
            </Button>
            <Button variant="secondary" onClick={() => props.onClose()}>
              {tf("keep")}
            </Button>
          </div>
        }
      >
        <div class="field">
          <label for={field}>{tf("token")}</label>
          <input id={field} class="input" readonly value={token()} onFocus={(event) => event.currentTarget.select()} />
        </div>
        <p role="status">{copied()}</p>
        <div class="d-answers">
          <Button onClick={() => void copy()}>{tf("copy")}</Button>
          <Button variant="secondary" onClick={() => props.onClose()}>
            {tf("done")}
          </Button>
        </div>
      </Show>
    </Dialog>
  );
}

/** Revokes a device for good. */
export function RemoveDialog(props: { device: Device; patient: string; onClose: () => void; onRemoved: () => void }) {
  const { busy, problem, run } = createEnding(
    () => call(revokeDevice, { params: { id: props.device.id } }),
    () => props.onRemoved(),
  );
  return (
    <Dialog
      open
      onClose={props.onClose}
      title={tf("removeAsk", { model: props.device.model, patient: props.patient })}
      description={tf("removeEffect")}
      modalOnly
    >
      <Show when={problem()}>{(refusal) => <ProblemBanner problem={refusal()} />}</Show>
      <div class="d-answers">
        <Button variant="danger" busy={busy()} onClick={() => void run()}>
          {tf("removeDo")}
        </Button>
        <Button variant="secondary" onClick={() => props.onClose()}>
          {tf("keep")}
        </Button>
      </div>
    </Dialog>
  );
}
