import { createMemo, Show } from "solid-js";
import { Skeleton } from "../../shared/components/Waiting.tsx";
import { createOps } from "../features/system/create-ops.ts";
import { createDeadLetters, DeadLetters } from "../features/system/DeadLetters.tsx";
import { Durability } from "../features/system/Durability.tsx";
import { Consumers, Mirrors, Readers } from "../features/system/Flow.tsx";
import { o } from "../features/system/ops-texts.ts";
import { originOf, pointsOf } from "../features/system/ops-words.ts";
import { Points } from "../features/system/Points.tsx";
import { Processes } from "../features/system/Processes.tsx";
import { StateBar } from "../features/system/StateBar.tsx";
import { Broker, Databases } from "../features/system/Stores.tsx";
import "../features/system/system.css";
import { ConsolePage } from "../shell/ConsolePage.tsx";
import { useConsole } from "../shell/console-context.tsx";
import { SystemNav } from "./system-nav.tsx";

/** For the administrator: whether the installation works, what needs somebody, and what each part says of itself. No clinical data. */
export function SystemRoute() {
  const { now } = useConsole();
  const state = createOps(now);
  const letters = createDeadLetters(() => state.ops()?.broker.streams.find(({ name }) => name === "DLQ")?.messages);
  const origin = originOf(location);
  const waiting = () => letters.value()?.items.filter(({ replayedAt }) => replayedAt === undefined).length ?? 0;
  const points = createMemo(() => pointsOf(state.ops(), waiting(), origin));
  return (
    <ConsolePage title={o("ops.title")}>
      <SystemNav />
      <StateBar state={state} points={points()} />
      <Show when={state.ops()} fallback={<Skeleton class="o-skeleton" />}>
        {(ops) => (
          <div class="o-body" data-blind={state.blind() ? "" : undefined}>
            <Points points={points()} />
            <Durability ops={ops()} origin={origin} />
            <Processes ops={ops()} />
            <Readers ops={ops()} />
            <div class="o-pair">
              <Consumers ops={ops()} />
              <Mirrors ops={ops()} />
            </div>
            <div class="o-pair">
              <Databases ops={ops()} />
              <Broker ops={ops()} />
            </div>
          </div>
        )}
      </Show>
      <DeadLetters letters={letters} />
    </ConsolePage>
  );
}
