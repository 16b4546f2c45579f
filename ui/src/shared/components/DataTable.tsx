import { For, type JSX } from "solid-js";

/** A table whose rows are named by their first cell. What scrolls around it is the caller's. */
export function DataTable(props: { head: readonly string[]; rows: readonly (readonly JSX.Element[])[] }) {
  return (
    <table>
      <thead>
        <tr>
          <For each={props.head}>{(name) => <th scope="col">{name}</th>}</For>
        </tr>
      </thead>
      <tbody>
        <For each={props.rows}>
          {(row) => (
            <tr>
              <For each={row}>{(cell, index) => (index() === 0 ? <th scope="row">{cell}</th> : <td>{cell}</td>)}</For>
            </tr>
          )}
        </For>
      </tbody>
    </table>
  );
}
