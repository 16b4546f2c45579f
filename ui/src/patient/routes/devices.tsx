import { createPairing, type Device, listDevices, revokeDevice } from "@episante/contracts/device";
import type { AnswerOf } from "@episante/contracts/endpoint";
import { A } from "@solidjs/router";
import { createMemo, createSignal, For, Show } from "solid-js";
import { Banner } from "../../shared/components/Banner.tsx";
import { Button } from "../../shared/components/Button.tsx";
import { Dialog } from "../../shared/components/Dialog.tsx";
import { Icon } from "../../shared/components/Icon.tsx";
import { announce } from "../../shared/components/LiveRegion.tsx";
import { Page } from "../../shared/components/Page.tsx";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { Spinner } from "../../shared/components/Waiting.tsx";
import { tc } from "../../shared/i18n/common.ts";
import { type CallProblem, call } from "../../shared/lib/call.ts";
import { age, dateOnly, ownZone, quantity, time } from "../../shared/lib/format.ts";
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
  const [pairing, setPairing] = createSignal<AnswerOf<typeof createPairing>>();
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  const [paired, setPaired] = createSignal<string>();
  const [nowMs, setNowMs] = createSignal(serverNow());
  const devices = createLoad(
    () => props.me.patientId,
    (_, signal) => call(listDevices, { signal }),
  );
  const active = createMemo(() => (devices.value()?.items ?? []).filter((device) => !device.revokedAt));
  createInterval(() => setNowMs(serverNow()), 1_000);
  createInterval(() => void watch(), 3_000);

  /** While a code is shown, a device that was not there before means that the code worked. */
  async function watch(): Promise<void> {
    const known = new Set(active().map((device) => device.id));
    await devices.reload();
    const added = pairing() ? active().find((device) => !known.has(device.id)) : undefined;
    if (!added) return;
    setPairing(undefined);
    setPaired(added.model);
    announce(t("devices.paired", { model: added.model }));
  }
  async function askCode(): Promise<void> {
    const patientId = props.me.patientId;
    if (!patientId) return;
    setBusy(true);
    setPaired(undefined);
    const result = await call(createPairing, { body: { patientId } });
    setBusy(false);
    setProblem(result.ok ? undefined : result.problem);
    if (result.ok) setPairing(result.value);
  }
  return (
    <Page title={t("devices.title")}>
      <A class="more" href="/vitals">
        <Icon name="left" size={18} />
        {t("vitals.title")}
      </A>
      <Show when={paired()}>
        {(model) => (
          <Banner tone="good" class="mt-2">
            {t("devices.paired", { model: model() })}
          </Banner>
        )}
      </Show>
      <section class="section narrow" aria-label={t("devices.add")}>
        <Show when={problem()}>{(refusal) => <ProblemBanner problem={refusal()} class="mb-4" />}</Show>
        <Show
          when={pairing()}
          fallback={
            <Button icon="plus" busy={busy()} busyText={t("devices.adding")} onClick={() => void askCode()}>
              {t("devices.add")}
            </Button>
          }
        >
          {(code) => <Code code={code().code} expiresAt={code().expiresAt} nowMs={nowMs()} onAgain={() => void askCode()} busy={busy()} />}
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

function Code(props: { code: string; expiresAt: string; nowMs: number; onAgain: () => void; busy: boolean }) {
  const over = () => Date.parse(props.expiresAt) <= props.nowMs;
  return (
    <div class="card" role="status">
      <Show
        when={!over()}
        fallback={
          <>
            <p class="mb-3">{t("devices.codeOver")}</p>
            <Button busy={props.busy} onClick={props.onAgain}>
              {t("devices.newCode")}
            </Button>
          </>
        }
      >
        <p>{t("devices.code")}</p>
        <p class="code my-2">
          <span aria-hidden="true">{props.code}</span>
          <span class="sr">{t("devices.codeSpelled", { code: [...props.code].join(" ") })}</span>
        </p>
        <p class="small muted">{t("devices.codeUntil", { time: time(props.expiresAt, ownZone()) })}</p>
        <p class="mt-3">
          <Spinner text={t("devices.waiting")} />
        </p>
      </Show>
    </div>
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
    announce(t("devices.removed"));
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
            {t(`devices.kind.${props.device.kind}`)}
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
        <Button variant="danger" wide busy={busy()} busyText={t("devices.removing")} onClick={() => void remove()}>
          {t("devices.removeDo")}
        </Button>
        <Button variant="secondary" wide onClick={() => setOpen(false)}>
          {t("devices.keep")}
        </Button>
      </Dialog>
    </li>
  );
}
