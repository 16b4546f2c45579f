import { getOnCall, type OnCall, putOnCall } from "@episante/contracts/on-call";
import { createSignal, onCleanup, Show, untrack } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { dayOf } from "../../../shared/lib/format.ts";
import { createInterval, createLoad } from "../../../shared/lib/load.ts";
import { toc } from "../../i18n/on-call-texts.ts";
import { useConsole } from "../../shell/console-context.tsx";
import { Saved } from "../practice/Saved.tsx";
import { ChainSteps } from "./ChainSteps.tsx";
import { createDraft } from "./create-draft.ts";
import { OnCallNow } from "./OnCallNow.tsx";
import { QuietHours } from "./QuietHours.tsx";
import { RotaExceptions } from "./RotaExceptions.tsx";
import { RotaWeek } from "./RotaWeek.tsx";

/** Rota, chains and quiet hours of a clinic, replaced whole when saved. Who is on call is asked again each half minute. */
export function OnCallEditor(props: { clinicId: `cli_${string}`; title?: string | undefined }) {
  const setting = createLoad(
    () => props.clinicId,
    (clinicId, signal) => call(getOnCall, { query: { clinicId }, signal }),
  );
  createInterval(() => void setting.reload(), 30_000);
  return (
    <>
      <Show when={props.title}>{(title) => <h2 class="c-h2">{title()}</h2>}</Show>
      <Show when={setting.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void setting.reload()} />}</Show>
      <Show when={setting.value()}>{(known) => <Editor clinicId={props.clinicId} known={known()} onSaved={setting.set} />}</Show>
    </>
  );
}

function Editor(props: { clinicId: `cli_${string}`; known: OnCall; onSaved: (setting: OnCall) => void }) {
  const { now } = useConsole();
  const draft = createDraft(() => props.known, untrack(now));
  const [busy, setBusy] = createSignal(false);
  const [saved, setSaved] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  let form: HTMLFormElement | undefined;
  let isGone = false;
  onCleanup(() => {
    isGone = true;
  });
  const touched = () => setSaved(false);
  async function save(event: Event): Promise<void> {
    event.preventDefault();
    if (busy()) return;
    draft.tried();
    draft.refused(undefined);
    setProblem(undefined);
    setSaved(false);
    const setting = draft.setting();
    if (setting) {
      setBusy(true);
      const result = await call(putOnCall, { body: { clinicId: props.clinicId, ...setting } });
      setBusy(false);
      if (isGone) return;
      setSaved(result.ok);
      if (result.ok) return props.onSaved(result.value);
      setProblem(result.problem);
      draft.refused(result.problem);
    }
    queueMicrotask(() => form?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
  }
  return (
    <form ref={form} onSubmit={(event) => void save(event)} onInput={touched} noValidate>
      <p class="s-note oc-why">{toc("why", { zone: props.known.zone })}</p>
      <OnCallNow known={props.known} setting={draft.setting()} />
      <RotaWeek draft={draft} />
      <RotaExceptions draft={draft} today={dayOf(untrack(now), props.known.zone)} />
      <ChainSteps draft={draft} />
      <QuietHours draft={draft} />
      <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
      <div class="c-row oc-save">
        <Button type="submit" busy={busy()} busyText={toc("saving")}>
          {toc("save")}
        </Button>
        <Saved when={saved()} />
      </div>
    </form>
  );
}
