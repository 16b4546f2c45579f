import { For, type JSX } from "solid-js";

/** A table with a caption for those who do not see it, that scrolls by itself and can be reached with the keyboard. */
export function Table(props: { caption: string; columns: readonly string[]; children: JSX.Element }) {
  return (
    <section class="c-table" tabindex="0" aria-label={props.caption}>
      <table>
        <caption class="sr">{props.caption}</caption>
        <thead>
          <tr>
            <For each={props.columns}>{(column) => <th scope="col">{column}</th>}</For>
          </tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </section>
  );
}
