import { Show } from "solid-js";
import { problemText, tc } from "../i18n/common.ts";
import type { CallProblem } from "../lib/call.ts";
import { Banner } from "./Banner.tsx";
import { Button } from "./Button.tsx";

/** A refusal or a failure in words, with a way on. `offline` has its own picture. */
export function ProblemBanner(props: { problem: CallProblem; onRetry?: () => void; class?: string }) {
  return (
    <Banner
      tone={props.problem.code === "offline" ? "warning" : "critical"}
      icon={props.problem.code === "offline" ? "offline" : "alert"}
      live="polite"
      {...(props.class ? { class: props.class } : {})}
    >
      <p>{problemText(props.problem)}</p>
      <Show when={props.onRetry}>
        <Button variant="quiet" icon="refresh" class="-ml-3" onClick={() => props.onRetry?.()}>
          {tc("app.retry")}
        </Button>
      </Show>
    </Banner>
  );
}
