import { createPairing, type Device, getPairing, revokeDevice } from "@episante/contracts/device";
import type { AnswerOf } from "@episante/contracts/endpoint";
import { signalNames } from "@episante/contracts/signals";
import { createEffect, createMemo, createSignal, Match, on, Show, Switch } from "solid-js";
import { Banner } from "../components/Banner.tsx";
import { Button } from "../components/Button.tsx";
import { announce } from "../components/LiveRegion.tsx";
import { ProblemBanner } from "../components/ProblemBanner.tsx";
import { Spinner } from "../components/Waiting.tsx";
import { tc } from "../i18n/common.ts";
import { type CallProblem, call } from "../lib/call.ts";
import { clock, time, toldReading } from "../lib/format.ts";
import { createInterval, createLoad } from "../lib/load.ts";
import { serverNow } from "../lib/server-clock.ts";
import { tdev } from "./texts.ts";

type Pairing = AnswerOf<typeof createPairing>;
type Progress = AnswerOf<typeof getPairing>;
type State = "none" | "waiting" | "expired" | "paired" | "removed";

const askEveryMs = 2_000;
/** A device that is paired but silent for this long gets a hint. */
const patienceMs = 60_000;

/**
 * Pairs a device from the screen of somebody who is signed in: the code, what to do on the device, then the device itself and its
 * first reading as they come. The wrong device is removed with one press.
 */
export function PairDevice(props: {
  patientId: `pat_${string}`;
  /** The patient's name, where the person at the screen is somebody else. */
  patient?: string | undefined;
  zone: string;
  /** The patient's devices have changed. */
  onChange: () => void;
}) {
  const [made, setMade] = createSignal<Pairing>();
  const [busy, setBusy] = createSignal(false);
  const [removing, setRemoving] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  const [nowMs, setNowMs] = createSignal(serverNow());
  const progress = createLoad(
    () => made()?.id,
    (id, signal) => call(getPairing, { params: { id }, signal }),
    { keep: false },
  );
  const state = createMemo((): State => {
    const code = made();
    const told = progress.value();
    if (!code) return "none";
    if (told?.device) return told.device.revokedAt ? "removed" : "paired";
    return told?.status === "expired" ? "expired" : "waiting";
  });
  const isOver = () => state() === "none" || state() === "expired" || state() === "removed" || progress.value()?.firstReading !== undefined;
  createInterval(() => {
    setNowMs(serverNow());
    if (!isOver() && !progress.pending()) void progress.reload();
  }, askEveryMs);
  createEffect(
    on(state, (now, before) => {
      const device = progress.value()?.device;
      if (now === "paired" && device) announce(`${tdev("paired")}. ${device.model}, ${tdev("serial")} ${device.serial}`);
      if (now === "expired") announce(tdev("codeOver"));
      if (now === "removed") announce(tdev("removed"));
      if (before && (now === "paired" || now === "removed")) props.onChange();
    }),
  );
  createEffect(
    on(
      () => progress.value()?.firstReading?.at,
      () => {
        const told = progress.value();
        if (!told?.firstReading) return;
        announce(readingWords(told, props.zone));
        props.onChange();
      },
    ),
  );

  async function ask(): Promise<void> {
    setBusy(true);
    const result = await call(createPairing, { body: { patientId: props.patientId } });
    setBusy(false);
    setProblem(result.ok ? undefined : result.problem);
    if (result.ok) setMade(result.value);
  }
  async function remove({ id }: Device): Promise<void> {
    setRemoving(true);
    const result = await call(revokeDevice, { params: { id } });
    setRemoving(false);
    // Somebody else was faster: it is gone as well.
    setProblem(result.ok || result.problem.code === "not-found" ? undefined : result.problem);
    await progress.reload();
  }
  return (
    <div class="pairing">
      <Show when={problem() ?? (isOver() ? undefined : progress.problem())}>{(refusal) => <ProblemBanner problem={refusal()} />}</Show>
      <Switch>
        <Match when={state() === "none"}>
          <Button icon="plus" busy={busy()} busyText={tdev("adding")} onClick={() => void ask()}>
            {props.patient === undefined ? tdev("add") : tdev("addFor", { patient: props.patient })}
          </Button>
        </Match>
        <Match when={state() === "waiting" && made()}>{(code) => <Steps pairing={code()} zone={props.zone} />}</Match>
        <Match when={state() === "expired"}>
          <Banner tone="warning">{tdev("codeOver")}</Banner>
          <Button busy={busy()} busyText={tdev("adding")} onClick={() => void ask()}>
            {tdev("newCode")}
          </Button>
        </Match>
        <Match when={state() === "removed"}>
          <Banner tone="good">{tdev("removed")}</Banner>
          <Button icon="plus" busy={busy()} busyText={tdev("adding")} onClick={() => void ask()}>
            {tdev("newCode")}
          </Button>
        </Match>
        <Match when={state() === "paired" && progress.value()}>
          {(told) => (
            <Show when={told().device}>
              {(device) => (
                <>
                  <h3>{tdev("paired")}</h3>
                  <p class="small muted">{tdev("check")}</p>
                  <dl class="pairing-facts">
                    <Fact name={tdev("model")} value={device().model} />
                    <Fact name={tdev("serial")} value={device().serial} />
                    <Fact name={tdev("kind")} value={tdev(`kind.${device().kind}`)} />
                    <Show when={props.patient}>{(name) => <Fact name={tdev("patient")} value={name()} />}</Show>
                  </dl>
                  <Show
                    when={told().firstReading}
                    fallback={
                      <Show
                        when={nowMs() - Date.parse(device().pairedAt) < patienceMs}
                        fallback={<Banner tone="warning">{tdev("noReadingYet")}</Banner>}
                      >
                        <Spinner text={tdev("noReading")} />
                      </Show>
                    }
                  >
                    <Banner tone="good">{readingWords(told(), props.zone)}</Banner>
                  </Show>
                  <div class="pairing-answers">
                    <Button onClick={() => setMade(undefined)}>{tdev("done")}</Button>
                    <Button
                      variant="quiet"
                      tone="danger"
                      busy={removing()}
                      busyText={tdev("removing")}
                      onClick={() => void remove(device())}
                    >
                      {tdev("wrongOne")}
                    </Button>
                  </div>
                </>
              )}
            </Show>
          )}
        </Match>
      </Switch>
    </div>
  );
}

function Steps(props: { pairing: Pairing; zone: string }) {
  return (
    <>
      <h3>{tdev("steps")}</h3>
      <ol class="pairing-steps">
        <li>{tdev("step.address", { address: location.origin })}</li>
        <li>
          {tdev("step.code")}
          <p class="pairing-code">
            <span aria-hidden="true">{props.pairing.code}</span>
            <span class="sr">{tdev("codeSpelled", { code: [...props.pairing.code].join(" ") })}</span>
          </p>
          <span class="small muted">{tdev("codeUntil", { time: time(props.pairing.expiresAt, props.zone) })}</span>
        </li>
        <li>{tdev("step.watch")}</li>
      </ol>
      <p role="status">
        <Spinner text={tdev("waiting")} />
      </p>
      <details>
        <summary>{tdev("refused")}</summary>
        <ul class="pairing-steps">
          <li>{tdev("refused.wrong")}</li>
          <li>{tdev("refused.over")}</li>
          <li>{tdev("refused.many")}</li>
          <li>{tdev("refused.kind")}</li>
        </ul>
      </details>
    </>
  );
}

function Fact(props: { name: string; value: string }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.value}</dd>
    </div>
  );
}

function readingWords({ firstReading }: Progress, zone: string): string {
  if (!firstReading) return "";
  const { signal, at } = firstReading;
  const known = signalNames.find((name) => name === signal);
  return tdev("firstReading", {
    signal: known ? tc(`signal.${known}`) : signal,
    value: toldReading(firstReading).filter(Boolean).join(" "),
    time: clock(at, zone, true),
  });
}
