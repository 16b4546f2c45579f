import { type IconName, iconPaths } from "./icon-paths.ts";

/** A line icon. Decorative: the words beside it say the same. */
export function Icon(props: { name: IconName; size?: number; class?: string }) {
  return (
    <svg
      class={props.class ? `icon ${props.class}` : "icon"}
      width={props.size ?? 20}
      height={props.size ?? 20}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      stroke-width="1.6"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={iconPaths[props.name]} />
    </svg>
  );
}
