import type { JSX } from "solid-js";
import { Icon } from "../../../shared/components/Icon.tsx";
import type { IconName } from "../../../shared/components/icon-paths.ts";

/** One line of a list of facts. */
export function Fact(props: { icon: IconName; children: JSX.Element }) {
  return (
    <li>
      <Icon name={props.icon} />
      <span>{props.children}</span>
    </li>
  );
}
