import { getMessagePreferences, putMessagePreferences } from "@episante/contracts/notification";
import { createEffect, createSignal, createUniqueId, For, Show } from "solid-js";
import { createStore } from "solid-js/store";
import { Button } from "../../../shared/components/Button.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { toc } from "../../i18n/on-call-texts.ts";
import { useConsole } from "../../shell/console-context.tsx";
import { Saved } from "../practice/Saved.tsx";
import { Part } from "./fields.tsx";

/** Which pages come to oneself by mail too, and where one's nights are. */
export function MessageChoice() {
  const id = createUniqueId();
  const { zone: clinicZone } = useConsole();
  const known = createLoad(
    () => true,
    (_, signal) => call(getMessagePreferences, { signal }),
  );
  const [typed, setTyped] = createStore({ warning: true, notice: true, zone: "" });
  const [busy, setBusy] = createSignal(false);
  const [saved, setSaved] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  createEffect(() => {
    const value = known.value();
    if (value) setTyped({ warning: value.alertMail.warning, notice: value.alertMail.notice, zone: value.zone ?? "" });
  });
  // A zone chosen on another machine may be one this browser does not list.
  const zones = () => [...new Set([...Intl.supportedValuesOf("timeZone"), ...(typed.zone ? [typed.zone] : [])])].sort();
  async function save(event: Event): Promise<void> {
    event.preventDefault();
    if (busy()) return;
    setBusy(true);
    setSaved(false);
    const { warning, notice, zone } = typed;
    const body = { alertMail: { critical: true as const, warning, notice }, ...(zone ? { zone } : {}) };
    const result = await call(putMessagePreferences, { body });
    setBusy(false);
    setSaved(result.ok);
    setProblem(result.ok ? undefined : result.problem);
  }
  return (
    <form onSubmit={(event) => void save(event)} onInput={() => setSaved(false)}>
      <Part title={toc("mails.title")} why={toc("mails.why")}>
        <Show when={problem() ?? known.problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
        <Show when={known.value()}>
          <div>
            <label class="s-choice">
              <input type="checkbox" checked disabled />
              {toc("mails.critical")}
            </label>
            <For each={["warning", "notice"] as const}>
              {(severity) => (
                <label class="s-choice">
                  <input type="checkbox" checked={typed[severity]} onChange={(event) => setTyped(severity, event.currentTarget.checked)} />
                  {toc(`mails.${severity}`)}
                </label>
              )}
            </For>
          </div>
          <div class="field">
            <label for={id}>{toc("mails.zone")}</label>
            <p class="hint" id={`${id}-hint`}>
              {toc("mails.zoneWhy")}
            </p>
            <span class="c-select">
              <select
                id={id}
                class="input"
                aria-describedby={`${id}-hint`}
                onChange={(event) => setTyped("zone", event.currentTarget.value)}
              >
                <option value="" selected={typed.zone === ""}>
                  {toc("mails.clinicZone", { zone: clinicZone() })}
                </option>
                <For each={zones()}>
                  {(zone) => (
                    <option value={zone} selected={typed.zone === zone}>
                      {zone.replaceAll("_", " ")}
                    </option>
                  )}
                </For>
              </select>
            </span>
          </div>
          <div class="c-row">
            <Button type="submit" variant="secondary" busy={busy()}>
              {toc("mails.save")}
            </Button>
            <Saved when={saved()} />
          </div>
        </Show>
      </Part>
    </form>
  );
}
