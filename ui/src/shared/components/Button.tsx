import { type JSX, Show, splitProps } from "solid-js";
import { Icon } from "./Icon.tsx";
import type { IconName } from "./icon-paths.ts";

export interface ButtonProps extends Omit<JSX.ButtonHTMLAttributes<HTMLButtonElement>, "disabled" | "style"> {
  variant?: "primary" | "secondary" | "danger" | "quiet";
  tone?: "danger";
  icon?: IconName;
  /** As wide as its column. */
  wide?: boolean;
  /** A request of this button runs: it keeps its place and focus, and further presses do nothing. */
  busy?: boolean;
  /** Words while busy. */
  busyText?: string;
  /** Not possible now; stays focusable so that the reason (`aria-describedby`) can be read. */
  unavailable?: boolean;
}

/** A verb and its object. Never disabled in the HTML sense, so focus is never lost. */
export function Button(props: ButtonProps) {
  const [own, rest] = splitProps(props, [
    "variant",
    "tone",
    "icon",
    "wide",
    "busy",
    "busyText",
    "unavailable",
    "children",
    "onClick",
    "class",
  ]);
  const press: JSX.EventHandler<HTMLButtonElement, MouseEvent> = (event) => {
    if (own.busy || own.unavailable) {
      event.preventDefault();
      return;
    }
    if (typeof own.onClick === "function") own.onClick(event);
  };
  return (
    <button
      type="button"
      {...rest}
      class={own.class ? `btn ${own.class}` : "btn"}
      data-variant={own.variant ?? "primary"}
      data-tone={own.tone}
      data-wide={own.wide ? "" : undefined}
      aria-disabled={own.unavailable || own.busy ? "true" : undefined}
      aria-busy={own.busy ? "true" : undefined}
      onClick={press}
    >
      <Show when={own.icon}>{(name) => <Icon name={name()} />}</Show>
      <Show when={own.busy && own.busyText} fallback={own.children}>
        {own.busyText}
      </Show>
    </button>
  );
}
