import * as Popover from "@kobalte/core/popover";
import type { JSX } from "solid-js";
import { useDesk } from "./create-desk.ts";

/** What is opened beside an element of the grid; closing gives the keyboard back to it. */
export function AgendaPopover(props: { open: boolean; anchor: HTMLElement | undefined; children: JSX.Element }) {
  const desk = useDesk();
  // What it was opened at may go meanwhile (a visit that is cancelled): it stays where it is.
  let last: DOMRect | undefined;
  const rectOf = (anchor: HTMLElement | undefined) => {
    if (anchor?.isConnected) last = anchor.getBoundingClientRect();
    return last;
  };
  return (
    <Popover.Root
      open={props.open}
      onOpenChange={(open) => !open && desk.close()}
      anchorRef={() => props.anchor}
      getAnchorRect={rectOf}
      placement="right-start"
      gutter={8}
      overlap
      // Beside a lane as wide as the page there is no room: over its right end, where no words are.
      flip={(props.anchor?.clientWidth ?? 0) < innerWidth / 2}
      overflowPadding={12}
      fitViewport
    >
      <Popover.Portal>
        <Popover.Content
          class="g-pop"
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            desk.focus();
          }}
        >
          {props.children}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
