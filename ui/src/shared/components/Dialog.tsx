import * as Kobalte from "@kobalte/core/dialog";
import { createComputed, type JSX, on, Show } from "solid-js";
import { tc } from "../i18n/common.ts";
import { Icon } from "./Icon.tsx";

/** A question that must be answered before going on: loss, or break-glass. Focus is kept inside and returned after. */
export function Dialog(props: {
  open: boolean;
  onClose: () => void;
  title: string;
  description?: string;
  children: JSX.Element;
  /** The question must be answered by its buttons: no close cross. */
  modalOnly?: boolean;
}) {
  let before: Element | null = null;
  createComputed(
    on(
      () => props.open,
      (open) => {
        if (open) before = document.activeElement;
      },
    ),
  );
  // Unless who closed it has put the focus somewhere: the button that was pressed may be gone.
  function giveBack(): void {
    if (document.activeElement === document.body && before instanceof HTMLElement) before.focus({ preventScroll: true });
  }
  return (
    <Kobalte.Root open={props.open} onOpenChange={(open) => !open && props.onClose()}>
      <Kobalte.Portal>
        <Kobalte.Overlay class="dialog-overlay" />
        <div class="dialog-place">
          <Kobalte.Content class="dialog" onCloseAutoFocus={giveBack}>
            <div class="flex items-start gap-4">
              <Kobalte.Title as="h2" class="flex-1">
                {props.title}
              </Kobalte.Title>
              <Show when={!props.modalOnly}>
                <Kobalte.CloseButton class="btn -mt-2 -mr-2" data-variant="quiet" aria-label={tc("app.close")}>
                  <Icon name="close" />
                </Kobalte.CloseButton>
              </Show>
            </div>
            <Show when={props.description}>
              <Kobalte.Description as="p">{props.description}</Kobalte.Description>
            </Show>
            {props.children}
          </Kobalte.Content>
        </div>
      </Kobalte.Portal>
    </Kobalte.Root>
  );
}
