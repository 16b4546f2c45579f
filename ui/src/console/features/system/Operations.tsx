import { createMemo, Show } from "solid-js";
import { Skeleton } from "../../../shared/components/Waiting.tsx";
import { useConsole } from "../../shell/console-context.tsx";
import { createOps } from "./create-ops.ts";
import { createDeadLetters, DeadLetters } from "./DeadLetters.tsx";
import { Durability } from "./Durability.tsx";
import { Consumers, Mirrors, Readers } from "./Flow.tsx";
import { originOf, pointsOf } from "./ops-words.ts";
import { Points } from "./Points.tsx";
import { Processes } from "./Processes.tsx";
import { StateBar } from "./StateBar.tsx";
import { Broker, Databases } from "./Stores.tsx";
import "./system.css";

/** Whether the installation works, what needs somebody, and what each part says of itself; read again by itself. */
export function Operations() {
  const { now } = useConsole();
  const state = createOps(now);
  const letters = createDeadLetters(() => state.ops()?.broker.streams.find(({ name }) => name === "DLQ")?.messages);
  const origin = originOf(location);
  const waiting = () => letters.value()?.items.filter(({ replayedAt }) => replayedAt === undefined).length ?? 0;
  const points = createMemo(() => pointsOf(state.ops(), waiting(), origin));
  return (
    <>
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
    </>
  );
}
