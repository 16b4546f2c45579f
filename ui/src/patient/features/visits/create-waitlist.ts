import { listWaitlist, type WaitlistEntry, type WaitlistOffer } from "@episante/contracts/waitlist";
import { call } from "../../../shared/lib/call.ts";
import { createInterval, createLoad, type Load } from "../../../shared/lib/load.ts";
import { serverNow } from "../../../shared/lib/server-clock.ts";
import { useSession } from "../../../shared/lib/session.ts";
import { useActing } from "../shell/acting.ts";

const refreshMs = 15_000;
type List = { items: WaitlistEntry[] };

/** An entry with a time that can be taken now. */
export type Offered = WaitlistEntry & { readonly offer: WaitlistOffer };

/** What the person on screen waits for: the account's own, or the relative's who is acted for. Asked again while the page is open. */
export function createWaitlist(): Load<List> & { offered: () => Offered[] } {
  const { me } = useSession();
  const { acting } = useActing();
  const patientId = () => acting()?.patientId ?? me()?.patientId;
  const list = createLoad<NonNullable<ReturnType<typeof patientId>>, List>(patientId, (id, signal) =>
    call(listWaitlist, { query: { patientId: id }, signal }),
  );
  createInterval(() => void list.reload(), refreshMs);
  const isOpen = (entry: WaitlistEntry): entry is Offered => entry.offer !== undefined && Date.parse(entry.offer.until) > serverNow();
  return { ...list, offered: () => (list.value()?.items ?? []).filter(isOpen) };
}
