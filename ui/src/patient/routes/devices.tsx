import { type Device, listDevices, revokeDevice } from "@episante/contracts/device";
import { A } from "@solidjs/router";
import { createSignal, For, Show } from "solid-js";
import { Button } from "../../shared/components/Button.tsx";
import { Dialog } from "../../shared/components/Dialog.tsx";
import { Icon } from "../../shared/components/Icon.tsx";
import { announce } from "../../shared/components/LiveRegion.tsx";
import { Page } from "../../shared/components/Page.tsx";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { PairDevice } from "../../shared/devices/PairDevice.tsx";
import { tdev } from "../../shared/devices/texts.ts";
import { tc } from "../../shared/i18n/common.ts";
import { type CallProblem, call } from "../../shared/lib/call.ts";
import { age, dateOnly, ownZone, quantity } from "../../shared/lib/format.ts";
import { createInterval, createLoad } from "../../shared/lib/load.ts";
import { serverNow } from "../../shared/lib/server-clock.ts";
import type { Me } from "../../shared/lib/session.ts";
import { RequireSession } from "../features/account/RequireSession.tsx";
import { MainFrame } from "../features/shell/Shell.tsx";
import { t } from "../i18n/t.ts";

export function DevicesRoute() {
  return (
    <MainFrame secondary={false}>
      <RequireSession title={t("devices.title")} own>
        {(me) => <Devices me={me} />}
      </RequireSession>
    </MainFrame>
  );
}

function Devices(props: { me: Me }) {
  const [nowMs, setNowMs] = createSignal(serverNow());
  const devices = createLoad(
    () => props.me.patientId,
    (_, signal) => call(listDevices, { query: { state: "active" }, signal }),
  );
  const active = () => devices.value()?.items ?? [];
  createInterval(() => setNowMs(serverNow()), 1_000);
  createInterval(() => void devices.reload(), 10_000);
  return (
    <Page title={t("devices.title")}>
      <A class="more" href="/vitals">
        <Icon name="left" size={18} />
        {t("vitals.title")}
      </A>
      <section class="section narrow" aria-label={tdev("add")}>
        <Show when={props.me.patientId}>
          {(patientId) => <PairDevice patientId={patientId() as `pat_${string}`} zone={ownZone()} onChange={() => void devices.reload()} />}
        </Show>
        <p class="note">
          <Icon name="info" />
          <span>{tc("app.secondary")}</span>
        </p>
      </section>
      <section class="section narrow" aria-label={t("devices.title")}>
        <Show when={devices.problem()}>
          {(refusal) => <ProblemBanner problem={refusal()} class="mb-4" onRetry={() => void devices.reload()} />}
        </Show>
        <Show when={devices.value()}>
          <Show
            when={active().length > 0}
            fallback={
              <div class="card empty">
                <Icon name="watch" size={32} />
                <p>
                  <b class="font-bold">{t("devices.none")}</b>
                  <br />
                  {t("devices.noneHint")}
                </p>
              </div>
            }
          >
            <ul class="card rows">
              <For each={active().map((device) => device.id)}>
                {(id) => (
                  <Show when={active().find((device) => device.id === id)}>
                    {(device) => <DeviceRow device={device()} nowMs={nowMs()} onRemoved={() => void devices.reload()} />}
                  </Show>
                )}
              </For>
            </ul>
          </Show>
        </Show>
      </section>
    </Page>
  );
}

function DeviceRow(props: { device: Device; nowMs: number; onRemoved: () => void }) {
  const [open, setOpen] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  const lastSeen = () =>
    props.device.lastSeenAt ? t("devices.lastSeen", { age: age(props.device.lastSeenAt, ownZone(), props.nowMs) }) : t("devices.neverSeen");
  const battery = () =>
    props.device.battery === undefined ? "" : t("devices.battery", { value: quantity(Math.round(props.device.battery), "%") });

  async function remove(): Promise<void> {
    if (busy()) return;
    setBusy(true);
    const result = await call(revokeDevice, { params: { id: props.device.id } });
    setBusy(false);
    if (!result.ok) {
      setProblem(result.problem);
      return;
    }
    setOpen(false);
    announce(tdev("removed"));
    props.onRemoved();
  }
  return (
    <li class="rowline">
      <div class="flex gap-4 items-start">
        <Icon name={props.device.kind === "wearable" ? "watch" : "heart"} size={26} class="mt-1 text-ink-3" />
        <div>
          <h2 class="!text-18">{props.device.model}</h2>
          <p class="small muted">{[lastSeen(), battery()].filter(Boolean).join(" · ")}</p>
          <p class="small muted">
            {tdev(`kind.${props.device.kind}`)}
            <br />
            {t("devices.serial", { serial: props.device.serial })}
            <br />
            {t("devices.pairedOn", { date: dateOnly(props.device.pairedAt, ownZone()) })}
          </p>
        </div>
      </div>
      <Button variant="quiet" tone="danger" class="-mr-3" onClick={() => setOpen(true)}>
        {t("devices.remove")}
        <span class="sr">{` ${t("devices.removeOf", { model: props.device.model })}`}</span>
      </Button>
      <Dialog
        open={open()}
        onClose={() => setOpen(false)}
        title={t("devices.removeAsk", { model: props.device.model })}
        description={t("devices.removeEffect")}
        modalOnly
      >
        <Show when={problem()}>{(refusal) => <ProblemBanner problem={refusal()} />}</Show>
        <Button variant="danger" wide busy={busy()} busyText={tdev("removing")} onClick={() => void remove()}>
          {t("devices.removeDo")}
        </Button>
        <Button variant="secondary" wide onClick={() => setOpen(false)}>
          {t("devices.keep")}
        </Button>
      </Dialog>
    </li>
  );
}
