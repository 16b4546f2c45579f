import type { AnswerOf } from "@episante/contracts/endpoint";
import { listRelatives, type Relative } from "@episante/contracts/patient";
import { batch, createSignal } from "solid-js";
import { type CallProblem, call, onRefused } from "../../../shared/lib/call.ts";

type List = AnswerOf<typeof listRelatives>;
/** A relative the account acts for: a link that is active. */
export interface Acting {
  readonly linkId: Relative["id"];
  readonly patientId: NonNullable<Relative["person"]["patientId"]>;
  readonly name: string;
  readonly scopes: Relative["scopes"];
}

/** The chosen link outlives a reload of this tab, not the tab: an id that says nothing about anybody. */
const storedKey = "es.acting";
const [list, setList] = createSignal<List>();
const [chosen, setChosen] = createSignal(readChosen());
const [problem, setProblem] = createSignal<CallProblem>();
const [lost, setLost] = createSignal<string>();

/** Given name and family name as patients read them. */
export function fullName(person: { givenName: string; familyName: string }): string {
  return `${person.givenName} ${person.familyName}`;
}

/** The people of a list that may be acted for now, in its order. */
export function actable(items: readonly Relative[]): Acting[] {
  return items.flatMap(({ id, role, status, person, scopes }) =>
    role === "proxy" && status === "active" && person.patientId
      ? [{ linkId: id, patientId: person.patientId, name: fullName(person), scopes }]
      : [],
  );
}

const people = () => actable(list()?.items ?? []);
const acting = () => people().find((one) => one.linkId === chosen());

/** Acts for a relative from now on, or for oneself again. */
function actFor(linkId: Relative["id"] | undefined): void {
  batch(() => {
    setChosen(linkId);
    setLost(undefined);
  });
  writeChosen(linkId);
}

let running: Promise<void> | undefined;

/** Asks again for whom the account may act. Whoever is acted for and is no longer on the list is let go of at once. */
function refresh(): Promise<void> {
  running ??= (async () => {
    const before = acting();
    const result = await call(listRelatives);
    running = undefined;
    batch(() => {
      setProblem(result.ok ? undefined : result.problem);
      if (!result.ok) return;
      setList(result.value);
      if (chosen() === undefined || acting()) return;
      setChosen(undefined);
      writeChosen(undefined);
      setLost(before?.name);
    });
  })();
  return running;
}

/** Forgets everything: another person, or nobody, is signed in. */
function forget(): void {
  batch(() => {
    setList(undefined);
    setProblem(undefined);
    actFor(undefined);
  });
}

// What a revoked relative does next is refused somewhere: the list then says why, and the view is emptied.
onRefused(() => {
  if (acting()) void refresh();
});

/** Whom the person of this page acts for, and the links that allow it. */
export function useActing() {
  return {
    acting,
    people,
    list,
    problem,
    /** Name of somebody who could be acted for until a moment ago. */
    lost,
    /** A choice from before the reload waits for the list. */
    pending: () => chosen() !== undefined && list() === undefined && problem() === undefined,
    actFor,
    refresh,
    forget,
    /** Name of a patient the account acts for, active or chosen or not. */
    nameOf: (patientId: string) => people().find((one) => one.patientId === patientId)?.name,
  };
}

function readChosen(): Relative["id"] | undefined {
  try {
    const stored = sessionStorage.getItem(storedKey);
    return stored && /^prx_[0-9a-f]{32}$/.test(stored) ? (stored as Relative["id"]) : undefined;
  } catch {
    return undefined;
  }
}

function writeChosen(linkId: string | undefined): void {
  try {
    if (linkId === undefined) sessionStorage.removeItem(storedKey);
    else sessionStorage.setItem(storedKey, linkId);
  } catch {
    // The choice then lasts until the page is loaded again.
  }
}
