import type { JSX } from "solid-js";
import { Icon } from "./Icon.tsx";
import type { IconName } from "./icon-paths.ts";

export type BannerTone = "neutral" | "good" | "notice" | "warning" | "critical";
const icons: Record<BannerTone, IconName> = { neutral: "info", good: "check", notice: "info", warning: "alert", critical: "alert" };

/** A state that lasts, said in place. `live` announces it: `polite` for results, `assertive` only for a lost feed or a new critical. */
export function Banner(props: {
  tone?: BannerTone;
  icon?: IconName;
  live?: "polite" | "assertive";
  children: JSX.Element;
  class?: string;
}) {
  const role = () => (props.live === "assertive" ? "alert" : props.live === "polite" ? "status" : undefined);
  return (
    <div class={props.class ? `banner ${props.class}` : "banner"} data-tone={props.tone ?? "neutral"} role={role()}>
      <Icon name={props.icon ?? icons[props.tone ?? "neutral"]} />
      <div class="min-w-0 flex-1">{props.children}</div>
    </div>
  );
}
