import type { Role } from "@episante/contracts/session";
import { type Accessor, createContext, createSignal, type JSX, onCleanup, untrack, useContext } from "solid-js";
import { serverNow } from "../../shared/lib/server-clock.ts";
import { type Me, useSession } from "../../shared/lib/session.ts";
import { type Alerts, createAlerts } from "../features/alerts/create-alerts.ts";
import { createInbox, type Inbox } from "../features/inbox/create-inbox.ts";
import { createLock, type Lock } from "../features/lock/create-lock.ts";
import { createSound, type Sound } from "../features/sound/create-sound.ts";
import { createPatientNames, type PatientNames } from "../lib/patient-names.ts";

/** What every console page may use. `alerts` and `sound` exist for doctors only. */
export interface ConsoleState {
  readonly me: Accessor<Me>;
  readonly roles: Accessor<readonly Role[]>;
  readonly doctorId: Accessor<string | undefined>;
  readonly zone: Accessor<string>;
  readonly now: Accessor<number>;
  readonly names: PatientNames;
  readonly alerts: Alerts | undefined;
  readonly sound: Sound | undefined;
  /** Pages received; absent in tests of single components. */
  readonly inbox: Inbox | undefined;
  /** Absent in tests of single components. */
  readonly lock?: Lock;
}
/** Exported for tests of components; pages read it through `useConsole`. */
export const ConsoleContext = createContext<ConsoleState>();

/** Roles of an account in the console. Being a patient too opens nothing here. */
export function consoleRoles(me: Me): Role[] {
  return [...new Set(me.memberships.map((membership) => membership.role as Role))];
}

/** Holds the live alerts, names and clock of one signed-in account; thrown away with it. */
export function ConsoleProvider(props: { me: Me; children: JSX.Element }) {
  const session = useSession();
  const me = () => session.me() ?? props.me;
  const zone = () => me().memberships[0]?.zone ?? "Europe/Paris";
  const [now, setNow] = createSignal(serverNow());
  // One timer for every age on screen; it also catches up at once after sleep.
  const catchUp = () => setNow(serverNow());
  const timer = setInterval(catchUp, 1000);
  document.addEventListener("visibilitychange", catchUp);
  onCleanup(() => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", catchUp);
  });
  const names = createPatientNames();
  const lock = createLock(props.me.accountId);
  let alerts: Alerts | undefined;
  let sound: Sound | undefined;
  if (consoleRoles(props.me).includes("doctor")) {
    alerts = createAlerts({
      names,
      accountId: () => me().accountId,
      zone,
      locked: lock.locked,
      onChanged: (arrived) => untrack(() => sound?.consider(arrived)),
    });
    const live = alerts;
    sound = createSound({ enabled: () => me().preferences.sound !== false, board: () => live.board() });
  }
  const state: ConsoleState = {
    me,
    roles: () => consoleRoles(me()),
    doctorId: () => me().memberships.find((membership) => membership.doctorId)?.doctorId,
    zone,
    now,
    names,
    alerts,
    sound,
    inbox: createInbox(),
    lock,
  };
  return <ConsoleContext.Provider value={state}>{props.children}</ConsoleContext.Provider>;
}

export function useConsole(): ConsoleState {
  const state = useContext(ConsoleContext);
  if (!state) throw new Error("useConsole outside ConsoleProvider");
  return state;
}
