import { Show } from "solid-js";
import { Dialog } from "../../../shared/components/Dialog.tsx";
import { ta } from "../../i18n/agenda-texts.ts";
import { BookForm } from "./BookForm.tsx";
import { useDesk } from "./create-desk.ts";

/** Booking for somebody on the phone. */
export function BookDialog() {
  const desk = useDesk();
  return (
    <Dialog open={desk.booking() !== undefined} onClose={() => desk.endBooking()} title={ta("book.title")}>
      <Show when={desk.booking()} keyed>
        {(booking) => <BookForm booking={booking} />}
      </Show>
    </Dialog>
  );
}
