import type { Device } from "@episante/contracts/device";
import { A } from "@solidjs/router";
import { For, type JSX, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { Icon } from "../../../shared/components/Icon.tsx";
import { tdev } from "../../../shared/devices/texts.ts";
import { dateTime, number, quantity } from "../../../shared/lib/format.ts";
import { tf } from "../../i18n/fleet-texts.ts";
import { exactSpan, shortSpan } from "../../lib/words.ts";
import type { Concern, FleetItem } from "./fleet.ts";

/** One device: whose it is, how it is, and what can be done about it. */
export function FleetRow(props: {
  item: FleetItem;
  patient: string;
  now: number;
  zone: string;
  onRotate: () => void;
  onRemove: () => void;
}) {
  const device = () => props.item.device;
  const named = () => tf("of", { model: device().model, serial: device().serial });
  return (
    <li class="dv-row">
      <div class="dv-who">
        <A href={`/patients/${device().patientId}`}>
          <b>{props.patient}</b>
        </A>
        <span>
          {device().model} · {tdev(`kind.${device().kind}`)}
        </span>
        <small>{tf("serial", { serial: device().serial })}</small>
      </div>
      <ul class="dv-states">
        <Show when={props.item.concerns.length === 0}>
          <li>
            <Icon name={device().lastSeenAt ? "check" : "clock"} size={16} />
            {device().lastSeenAt ? tf("state.ok") : tf("state.new")}
          </li>
        </Show>
        <For each={props.item.concerns}>
          {(concern) => (
            <li data-bad={concern === "silent" || concern === "never" ? "" : undefined}>
              <Icon name="alert" size={16} />
              {concernWords(concern, device(), props.now)}
            </li>
          )}
        </For>
      </ul>
      <dl class="dv-facts">
        <Fact name={tf("lastSeen")}>
          <Show when={device().lastSeenAt} fallback={tf("never")}>
            {(at) => (
              <time dateTime={at()} title={dateTime(at(), props.zone)}>
                {tf("ago", { age: shortSpan(props.now - Date.parse(at())) })}
              </time>
            )}
          </Show>
        </Fact>
        <Fact name={tf("battery")}>{told(device().battery, (value) => quantity(Math.round(value), "%"))}</Fact>
        <Fact name={tf("worn")}>{told(device().worn, (worn) => (worn ? tf("worn.yes") : tf("worn.no")))}</Fact>
        <Fact name={tf("clock")}>{told(device().skewSeconds, (seconds) => quantity(seconds, "s"))}</Fact>
        <Fact name={tf("refused")}>{number(device().refusedReadings ?? 0)}</Fact>
      </dl>
      <div class="dv-acts">
        <Button variant="quiet" onClick={() => props.onRotate()}>
          {tf("newToken")}
          <span class="sr">{` ${named()}`}</span>
        </Button>
        <Button variant="quiet" tone="danger" onClick={() => props.onRemove()}>
          {tf("remove")}
          <span class="sr">{` ${named()}`}</span>
        </Button>
      </div>
    </li>
  );
}

function Fact(props: { name: string; children: JSX.Element }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

/** What the device told, or that it never did. */
function told<T>(value: T | undefined, words: (value: T) => string): string {
  return value === undefined ? tf("unknown") : words(value);
}

function concernWords(concern: Concern, device: Device, nowMs: number): string {
  const age = shortSpan(nowMs - Date.parse(device.lastSeenAt ?? device.pairedAt));
  const skew = device.skewSeconds ?? 0;
  if (concern === "silent" || concern === "never") return tf(`state.${concern}`, { age });
  if (concern === "clock") return tf(skew > 0 ? "state.clockAhead" : "state.clockBehind", { span: exactOrShort(Math.abs(skew)) });
  if (concern === "refused") return tf("state.refused", { n: device.refusedReadings ?? 0 });
  return tf(`state.${concern}`);
}

const exactOrShort = (seconds: number) => (seconds < 120 ? exactSpan(seconds) : shortSpan(seconds * 1000));
