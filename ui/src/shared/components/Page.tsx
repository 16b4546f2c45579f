import { createEffect, type JSX, onMount, Show } from "solid-js";
import { tc } from "../i18n/common.ts";

let opened = 0;

/**
 * One page: sets the title "Page · EpiSanté", and focuses its h1 on navigation (not on the first load, where the skip
 * link comes first). `children` follow the heading; `above` stands before it.
 */
export function Page(props: {
  title: string;
  /** Heading when it differs from the title, for example a name with a picture beside it. */
  heading?: JSX.Element;
  above?: JSX.Element;
  class?: string;
  headingClass?: string;
  children: JSX.Element;
}) {
  let heading: HTMLHeadingElement | undefined;
  createEffect(() => {
    document.title = `${props.title} · ${tc("app.name")}`;
  });
  onMount(() => {
    opened += 1;
    if (opened > 1) heading?.focus({ preventScroll: true });
  });
  return (
    <main id="main" tabindex="-1" class={props.class ? `page ${props.class}` : "page"}>
      {props.above}
      <h1 ref={heading} tabindex="-1" class={props.headingClass}>
        <Show when={props.heading} fallback={props.title}>
          {props.heading}
        </Show>
      </h1>
      {props.children}
    </main>
  );
}
