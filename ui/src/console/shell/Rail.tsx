import type { Role } from "@episante/contracts/session";
import { A, useLocation } from "@solidjs/router";
import { createMemo, For, type JSX, Show } from "solid-js";
import { Icon } from "../../shared/components/Icon.tsx";
import type { IconName } from "../../shared/components/icon-paths.ts";
import { Logo } from "../../shared/components/Logo.tsx";
import { highestOpen } from "../features/alerts/alert-board.ts";
import { t } from "../i18n/text.ts";
import { useConsole } from "./console-context.tsx";

interface Place {
  readonly path: string;
  readonly icon: IconName;
  readonly label: () => string;
  readonly roles: readonly Role[];
  /** Roles for the pages below it, when fewer. */
  readonly below?: readonly Role[];
  /** Nobody starts here. */
  readonly isNoHome?: boolean;
}
const places: readonly Place[] = [
  { path: "/alerts", icon: "bell", label: () => t("nav.alerts"), roles: ["doctor"] },
  { path: "/patients", icon: "users", label: () => t("nav.patients"), roles: ["doctor", "staff"], below: ["doctor"], isNoHome: true },
  { path: "/agenda", icon: "calendar", label: () => t("nav.agenda"), roles: ["doctor", "staff"] },
  { path: "/floor", icon: "floor", label: () => t("nav.floor"), roles: ["doctor", "staff"] },
  { path: "/rules", icon: "rules", label: () => t("nav.rules"), roles: ["doctor"] },
  { path: "/analytics", icon: "chart", label: () => t("nav.analytics"), roles: ["doctor"] },
  { path: "/system", icon: "power", label: () => t("nav.system"), roles: ["admin"] },
];

/** The page an account starts on. */
export function homeOf(roles: readonly Role[]): string {
  return places.find((place) => !place.isNoHome && place.roles.some((role) => roles.includes(role)))?.path ?? "/settings";
}

/** True when one of the roles opens the page at `path` (inside /console). */
export function mayOpen(path: string, roles: readonly Role[]): boolean {
  const place = places.find((known) => path === known.path || path.startsWith(`${known.path}/`));
  const needed = place && path !== place.path ? (place.below ?? place.roles) : place?.roles;
  return needed === undefined || needed.some((role) => roles.includes(role));
}

/** Navigation: a rail on the left, a bar at the bottom on phones. Labels are always visible. */
export function Rail() {
  const { roles } = useConsole();
  const mine = createMemo(() => places.filter((place) => place.roles.some((role) => roles().includes(role))));
  return (
    <nav class="c-rail" aria-label={t("nav.label")}>
      <A class="c-home" href={homeOf(roles())}>
        <Logo size={30} />
        <span class="sr">{t("nav.home")}</span>
      </A>
      <For each={mine()}>
        {(place) => (
          <Item path={place.path} icon={place.icon} label={place.label()}>
            <Show when={place.path === "/alerts"}>
              <Badge />
            </Show>
          </Item>
        )}
      </For>
      <span class="c-space" />
      <Item path="/settings" icon="settings" label={t("nav.settings")} />
    </nav>
  );
}

function Item(props: { path: string; icon: IconName; label: string; children?: JSX.Element }) {
  const location = useLocation();
  const current = () => `${location.pathname}/`.startsWith(`/console${props.path}/`);
  return (
    <A class="c-nav" href={props.path} aria-current={current() ? "page" : undefined}>
      <Icon name={props.icon} size={22} />
      <span>{props.label}</span>
      {props.children}
    </A>
  );
}

/** Highest open clinical level and how many; technical alerts never mix in. */
function Badge() {
  const { alerts } = useConsole();
  const highest = createMemo(() => (alerts ? highestOpen(alerts.board()) : undefined));
  return (
    <Show when={highest()}>
      {(found) => (
        <>
          <span class="c-badge" data-level={found().level} aria-hidden="true">
            {found().count}
          </span>
          <span class="sr">
            ,{" "}
            {found().level === "critical"
              ? t("nav.critical", { n: found().count })
              : found().level === "warning"
                ? t("nav.warning", { n: found().count })
                : t("nav.notice", { n: found().count })}
          </span>
        </>
      )}
    </Show>
  );
}
