import { createEffect, createUniqueId, For, on, Show } from "solid-js";
import { Icon } from "../../../shared/components/Icon.tsx";
import { announce } from "../../../shared/components/LiveRegion.tsx";
import { createInterval } from "../../../shared/lib/load.ts";
import { useSession } from "../../../shared/lib/session.ts";
import { t } from "../../i18n/t.ts";
import { useActing } from "./acting.ts";

const checkMs = 15_000;

/** Says all the time for whom somebody acts, and leads back. Keeps the list of relatives in step with the session. */
export function ActingBar() {
  const { me, state, generation } = useSession();
  const { acting, lost, actFor, refresh, forget } = useActing();
  let account: string | undefined;
  createEffect(
    on([state, generation], () => {
      if (state() === "unknown") return;
      const known = me();
      if (account !== undefined && account !== known?.accountId) forget();
      account = known?.accountId;
      if (known?.patientId) void refresh();
      else forget();
    }),
  );
  createInterval(() => {
    if (acting()) void refresh();
  }, checkMs);
  createEffect(
    on(
      () => acting()?.name,
      (name, before) => {
        if (name !== undefined) announce(t("proxy.banner", { name }));
        else if (before !== undefined) announce(t("proxy.back"));
      },
      { defer: true },
    ),
  );
  return (
    <>
      <Show when={acting()}>
        {(one) => (
          <aside class="acting" aria-label={t("proxy.label")}>
            <div class="wrap">
              <Icon name="users" />
              <p>{t("proxy.banner", { name: one().name })}</p>
              <button type="button" class="quiet" onClick={() => actFor(undefined)}>
                {t("proxy.stop")}
              </button>
            </div>
          </aside>
        )}
      </Show>
      <Show when={lost()}>
        {(name) => (
          <aside class="acting" data-lost="" aria-label={t("proxy.label")}>
            <div class="wrap">
              <Icon name="info" />
              <p role="status">{t("proxy.lost", { name: name() })}</p>
              <button type="button" class="quiet" onClick={() => actFor(undefined)}>
                {t("proxy.understood")}
              </button>
            </div>
          </aside>
        )}
      </Show>
    </>
  );
}

/** Switches between oneself and relatives; absent for people who act for nobody. */
export function ActingSwitch() {
  const { acting, people, actFor } = useActing();
  const id = createUniqueId();
  return (
    <Show when={people().length > 0}>
      <span class="switch">
        <label class="sr" for={id}>
          {t("proxy.switch")}
        </label>
        <Icon name="users" />
        <select
          id={id}
          value={acting()?.linkId ?? ""}
          onChange={(event) => actFor(people().find((one) => one.linkId === event.currentTarget.value)?.linkId)}
        >
          <option value="">{t("proxy.me")}</option>
          <For each={people()}>
            {(one) => (
              <option value={one.linkId} selected={acting()?.linkId === one.linkId}>
                {one.name}
              </option>
            )}
          </For>
        </select>
      </span>
    </Show>
  );
}
