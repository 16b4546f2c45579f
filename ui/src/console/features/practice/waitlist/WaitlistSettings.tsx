import { putWaitlistSettings, type WaitlistSettings, waitlistModes } from "@episante/contracts/waitlist";
import { createSignal, createUniqueId, Show } from "solid-js";
import { Button } from "../../../../shared/components/Button.tsx";
import { Choices } from "../../../../shared/components/Choices.tsx";
import { Field } from "../../../../shared/components/Field.tsx";
import { ProblemBanner } from "../../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../../shared/lib/call.ts";
import { twl } from "../../../i18n/waiting-texts.ts";
import { Saved } from "../Saved.tsx";
import { minutesOf } from "./waitlist-rows.ts";

/** How a doctor's waitlist works: who is offered a freed time, and for how long. */
export function WaitlistSettingsForm(props: { known: WaitlistSettings; onSaved: (settings: WaitlistSettings) => void }) {
  const id = createUniqueId();
  const [mode, setMode] = createSignal(props.known.mode);
  const [minutes, setMinutes] = createSignal(String(props.known.offerMinutes));
  const [tried, setTried] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [saved, setSaved] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  const fault = () => (tried() && mode() !== "off" && minutesOf(minutes()) === undefined ? twl("settings.fault") : undefined);
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (busy()) return;
    setTried(true);
    setSaved(false);
    if (fault()) {
      document.getElementById(`${id}-minutes`)?.focus();
      return;
    }
    setBusy(true);
    const offerMinutes = minutesOf(minutes());
    const result = await call(putWaitlistSettings, {
      params: { doctorId: props.known.doctorId },
      body: { mode: mode(), ...(offerMinutes ? { offerMinutes } : {}) },
    });
    setBusy(false);
    setSaved(result.ok);
    setProblem(result.ok ? undefined : result.problem);
    if (result.ok) props.onSaved(result.value);
  }
  return (
    <section class="c-card" aria-labelledby="waitlist-settings">
      <h2 id="waitlist-settings">{twl("settings.heading")}</h2>
      <p class="s-note">{twl("settings.why")}</p>
      <form class="h-form" onSubmit={(event) => void submit(event)} noValidate>
        <Choices
          id={`${id}-mode`}
          legend={twl("settings.mode")}
          kind="radio"
          options={waitlistModes.map((value) => ({
            value,
            text: twl(`settings.mode.${value}`),
            hint: twl(`settings.mode.${value}Hint`),
          }))}
          chosen={[mode()]}
          onChange={([chosen]) => {
            setSaved(false);
            if (chosen) setMode(chosen);
          }}
        />
        <Show when={mode() !== "off"}>
          <Field
            id={`${id}-minutes`}
            class="w-minutes"
            label={twl("settings.minutes")}
            hint={twl("settings.minutesHint")}
            inputmode="numeric"
            value={minutes()}
            onInput={(typed) => {
              setSaved(false);
              setMinutes(typed);
            }}
            error={fault()}
          />
        </Show>
        <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
        <div class="c-row">
          <Button type="submit" busy={busy()}>
            {twl("settings.save")}
          </Button>
          <Saved when={saved()} />
        </div>
      </form>
    </section>
  );
}
