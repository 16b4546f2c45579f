import { getMyProfile } from "@episante/contracts/patient";
import { A } from "@solidjs/router";
import { createEffect, createSignal, createUniqueId, For, Show } from "solid-js";
import { Icon } from "../../../shared/components/Icon.tsx";
import { call } from "../../../shared/lib/call.ts";
import { dateOnly, dayInstant } from "../../../shared/lib/format.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { useSession } from "../../../shared/lib/session.ts";
import { t } from "../../i18n/t.ts";
import { useActing } from "../shell/acting.ts";

/**
 * Who the visit is for: oneself, or a relative one may book for. The choice is the one of the whole app, so the bar on top says it too.
 * The profile of a fresh account arrives a moment after it: until then the account's name stands.
 */
export function ForWhom() {
  const { me } = useSession();
  const { acting, people, actFor } = useActing();
  const name = createUniqueId();
  const [asked, setAsked] = createSignal(0);
  const profile = createLoad(asked, () => call(getMyProfile));
  createEffect(() => {
    if (profile.problem()?.code === "not-found" && asked() < 5) setTimeout(() => setAsked(asked() + 1), 700);
  });
  // Acting for somebody one may not book for, one books for oneself, and the bar on top says so.
  createEffect(() => {
    if (acting() && !acting()?.scopes.includes("book")) actFor(undefined);
  });
  const bookable = () => people().filter((one) => one.scopes.includes("book"));
  const ownName = () => (profile.value() ? `${profile.value()?.givenName} ${profile.value()?.familyName}` : me()?.displayName);
  const born = () =>
    profile.value() ? t("book.meBorn", { date: dateOnly(dayInstant(profile.value()?.birthDate ?? ""), "UTC") }) : t("book.me");
  return (
    <section class="section first:mt-0" aria-labelledby="for-whom">
      <h2 id="for-whom">{t("book.for")}</h2>
      <Show
        when={bookable().length > 0}
        fallback={
          <div class="card">
            <b class="font-semibold">{ownName()}</b>
            <p class="small muted">{born()}</p>
          </div>
        }
      >
        <div class="seg" role="radiogroup" aria-labelledby="for-whom">
          <label class="opt">
            <input type="radio" name={name} value="" checked={acting() === undefined} onChange={() => actFor(undefined)} />
            <span>
              {ownName()}
              <span class="block small muted">{born()}</span>
            </span>
          </label>
          <For each={bookable()}>
            {(one) => (
              <label class="opt">
                <input
                  type="radio"
                  name={name}
                  value={one.linkId}
                  checked={acting()?.linkId === one.linkId}
                  onChange={() => actFor(one.linkId)}
                />
                <span>{one.name}</span>
              </label>
            )}
          </For>
        </div>
      </Show>
      <A class="quiet -ml-3" href="/account/relatives">
        <Icon name="plus" />
        {t("book.forOther")}
      </A>
    </section>
  );
}
