import { tc } from "../i18n/common.ts";
import { Icon } from "./Icon.tsx";

/** Work in progress, in words. Nothing turns: motion in a loop is not part of the product. */
export function Spinner(props: { text?: string }) {
  return (
    <span class="spinner">
      <Icon name="clock" />
      {props.text ?? tc("app.loading")}
    </span>
  );
}

/** An empty box of the final size. Drawn only when `createLoad().waiting()`, so short waits show nothing. */
export function Skeleton(props: { class: string }) {
  return <span class={`skeleton ${props.class}`} aria-hidden="true" />;
}
