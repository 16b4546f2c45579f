import { inboxUnread } from "@episante/contracts/notification";
import { type Accessor, createEffect, createSignal, on } from "solid-js";
import { announce } from "../../../shared/components/LiveRegion.tsx";
import { call } from "../../../shared/lib/call.ts";
import { createInterval } from "../../../shared/lib/load.ts";
import { useSession } from "../../../shared/lib/session.ts";
import { tib } from "../../i18n/inbox-texts.ts";

/** How many pages of the signed-in account wait unread. */
export interface Inbox {
  readonly unread: Accessor<number>;
  readonly set: (unread: number) => void;
}

const everyMs = 15_000;

/** Asks for the number each 15 s while the page is visible; one that grew is announced politely. */
export function createInbox(): Inbox {
  const session = useSession();
  const [unread, setUnread] = createSignal(0);
  let isKnown = false;
  async function ask(): Promise<void> {
    if (session.state() !== "signedIn") return;
    const result = await call(inboxUnread);
    if (!result.ok) return;
    const count = result.value.unread;
    if (isKnown && count > unread()) announce(tib("arrived", { n: count }));
    isKnown = true;
    setUnread(count);
  }
  // At once, and again when somebody signs in after the session had ended.
  createEffect(on(session.state, () => void ask()));
  createInterval(() => void ask(), everyMs);
  return { unread, set: setUnread };
}
