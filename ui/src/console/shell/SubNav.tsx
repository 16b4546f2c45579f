import { A, useLocation } from "@solidjs/router";
import { For } from "solid-js";

/** Pages of one place of the rail, as links under its title. */
export function SubNav(props: { label: string; pages: readonly { path: string; label: string }[] }) {
  const location = useLocation();
  return (
    <nav class="c-sub" aria-label={props.label}>
      <For each={props.pages}>
        {(page) => (
          <A href={page.path} aria-current={location.pathname === `/console${page.path}` ? "page" : undefined}>
            {page.label}
          </A>
        )}
      </For>
    </nav>
  );
}
