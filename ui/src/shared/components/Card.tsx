import { type JSX, splitProps } from "solid-js";
import { Dynamic } from "solid-js/web";

/** A surface that groups one thing. */
export function Card(props: {
  as?: "div" | "section" | "article" | "li";
  class?: string;
  children: JSX.Element;
  "aria-labelledby"?: string;
}) {
  const [own, rest] = splitProps(props, ["as", "class", "children"]);
  return (
    <Dynamic component={own.as ?? "div"} class={own.class ? `card ${own.class}` : "card"} {...rest}>
      {own.children}
    </Dynamic>
  );
}
