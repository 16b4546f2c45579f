import "../features/practice/practice.css";
import type { JSX } from "solid-js";
import { ConsolePage } from "../shell/ConsolePage.tsx";
import { SettingsNav } from "./settings-nav.tsx";

/** One page of Settings: its title, the way to the others, and cards in a column. */
export function SettingsPage(props: { title: string; children: JSX.Element }) {
  return (
    <ConsolePage title={props.title}>
      <SettingsNav />
      <div class="c-narrow">{props.children}</div>
    </ConsolePage>
  );
}
