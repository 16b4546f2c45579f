import { Show } from "solid-js";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import type { CallProblem } from "../../../shared/lib/call.ts";
import { alternativesOf } from "./intent.ts";
import { SlotTaken } from "./SlotTaken.tsx";

/** Why a time could not be had: taken, with others to choose from, or another problem in its words. */
export function SlotRefusal(props: { problem: CallProblem; zone: string; busy: boolean; onChoose: (start: string) => void }) {
  return (
    <Show when={props.problem.code === "slot-taken"} fallback={<ProblemBanner problem={props.problem} class="my-4" />}>
      <SlotTaken
        alternatives={alternativesOf(props.problem.alternatives)}
        zone={props.zone}
        busy={props.busy}
        onChoose={(start) => props.onChoose(start)}
      />
    </Show>
  );
}
