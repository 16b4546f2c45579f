import type { Ops } from "@episante/contracts/ops";
import { For, type JSX, Show } from "solid-js";
import { age, dateShort, time } from "../../../shared/lib/format.ts";
import { useConsole } from "../../shell/console-context.tsx";
import { o } from "./ops-texts.ts";
import { bytes, type Origin } from "./ops-words.ts";
import { StateTag } from "./Section.tsx";

type Weight = "critical" | "warning" | undefined;

function Tile(props: { title: string; weight: Weight; state: string; children: JSX.Element }) {
  return (
    <section class="c-card o-tile">
      <h2 class="c-h2">{props.title}</h2>
      <p class="o-tile-state">
        <StateTag weight={props.weight}>{props.state}</StateTag>
      </p>
      {props.children}
    </section>
  );
}

const diskWeights = { enough: undefined, low: "warning", full: "critical", unknown: "warning" } as const;
const backupWeights = { never: "warning", done: undefined, old: "warning", failed: "critical", unreadable: "warning" } as const;
const certificateWeights = {
  none: undefined,
  valid: undefined,
  expiring: "warning",
  unreachable: "warning",
  expired: "critical",
  "wrong-name": "critical",
} as const;

/** What keeps the data and the way to it: room, backup, certificate, and how this page is reached. */
export function Durability(props: { ops: Ops; origin: Origin }) {
  const { zone } = useConsole();
  const now = () => Date.parse(props.ops.at);
  const certificate = () => props.ops.certificate;
  const installation = () => props.ops.installation;
  return (
    <div class="o-tiles">
      <For each={props.ops.disks}>
        {(disk) => (
          <Tile
            title={props.ops.disks.length > 1 ? o("ops.diskName", { name: disk.name }) : o("ops.disk")}
            weight={diskWeights[disk.state]}
            state={o(`ops.disk.${disk.state}`)}
          >
            <Show when={disk.totalBytes > 0}>
              <meter
                class="o-meter"
                data-state={disk.state}
                min={0}
                max={disk.totalBytes}
                value={disk.totalBytes - disk.freeBytes}
                aria-label={o("ops.diskName", { name: disk.name })}
              />
              <p class="s-note">
                {o("ops.free", {
                  free: bytes(disk.freeBytes),
                  total: bytes(disk.totalBytes),
                  share: Math.floor((disk.freeBytes / disk.totalBytes) * 100),
                })}
              </p>
            </Show>
          </Tile>
        )}
      </For>
      <Tile title={o("ops.backup")} weight={backupWeights[props.ops.backup.state]} state={o(`ops.backup.${props.ops.backup.state}`)}>
        <p class="s-note">
          <Show when={props.ops.backup.at} fallback={props.ops.backup.state === "never" ? o("ops.do.backup-never") : ""}>
            {(at) => (
              <>
                <time datetime={at()}>{age(at(), zone(), now())}</time>
                <Show when={props.ops.backup.bytes}>{(size) => ` · ${bytes(size())}`}</Show>
              </>
            )}
          </Show>
        </p>
      </Tile>
      <Tile
        title={o("ops.certificate")}
        weight={certificateWeights[certificate().state]}
        state={o(`ops.certificate.${certificate().state}`)}
      >
        <p class="s-note">
          <Show when={certificate().state === "none"}>{o("ops.certificate.noneWhy")}</Show>
          <Show when={certificate().name}>{(name) => `${name()}. `}</Show>
          <Show when={certificate().expiresAt}>
            {(at) => (
              <>
                <time datetime={at()}>{o("ops.until", { date: dateShort(at(), zone()), time: time(at(), zone()) })}</time>{" "}
              </>
            )}
          </Show>
          <Show when={certificate().issuer}>
            {(issuer) => o(certificate().isPublic ? "ops.issuer" : "ops.issuerOwn", { issuer: issuer() })}
          </Show>
        </p>
      </Tile>
      <Tile title={o("ops.security")} weight={props.origin === "plain" ? "critical" : undefined} state={o(`ops.secure.${props.origin}`)}>
        <p class="s-note">
          {o(`ops.secure.${props.origin}Why`)} {o(`ops.mode.${installation().mode}`)}{" "}
          {installation().testClock ? o("ops.at.test-clock") : o("ops.clock.real")}
        </p>
      </Tile>
      <Tile title={o("ops.dashboards")} weight={undefined} state={`EpiSanté ${installation().version}`}>
        <Show when={installation().grafanaUrl} fallback={<p class="s-note">{o("ops.noGrafana")}</p>}>
          {(url) => (
            <p>
              <a href={url()} target="_blank" rel="noreferrer">
                {o("ops.grafana")}
                <span class="sr"> ({o("ops.newTab")})</span>
              </a>
            </p>
          )}
        </Show>
      </Tile>
    </div>
  );
}
