import { login, logout, me as meEndpoint, putPreferences } from "@episante/contracts/auth";
import type { AnswerOf, BodyInputOf } from "@episante/contracts/endpoint";
import { createSignal } from "solid-js";
import { isLocale, setLocale } from "../i18n/i18n.ts";
import { type CallResult, call, onSessionEnded } from "./call.ts";
import { setTheme } from "./theme.ts";

export type Me = AnswerOf<typeof meEndpoint>;
type Preferences = Me["preferences"];

/** `unknown` until the first answer; `signedOut` also when the server could not be asked. */
export type SessionState = "unknown" | "signedIn" | "signedOut";

const [me, setMe] = createSignal<Me | undefined>();
const [state, setState] = createSignal<SessionState>("unknown");

/** Bumped on every change of account: anything keyed by it is thrown away, so nothing of one person is shown to the next. */
const [generation, setGeneration] = createSignal(0);

function forget(): void {
  setMe(undefined);
  setState("signedOut");
  setGeneration((count) => count + 1);
}

onSessionEnded(() => {
  if (state() === "signedIn") forget();
  else setState("signedOut");
});

/** Asks who is signed in, and applies their theme and language. Called once by each app, and after a sign-in. */
export async function loadSession(): Promise<Me | undefined> {
  const result = await call(meEndpoint);
  if (!result.ok) {
    forget();
    return undefined;
  }
  const known = result.value;
  if (known.preferences.theme) setTheme(known.preferences.theme);
  if (isLocale(known.preferences.locale)) setLocale(known.preferences.locale);
  setMe(known);
  setState("signedIn");
  setGeneration((count) => count + 1);
  return known;
}

/** Signs in; on success the store holds the account. The refusal is returned for the form to show. */
async function signIn(body: BodyInputOf<typeof login>): Promise<CallResult<Me>> {
  const result = await call(login, { body });
  if (!result.ok) return result;
  return afterCookie();
}

/** To be called once a cookie has been set by another endpoint (registration, invitation). */
async function afterCookie(): Promise<CallResult<Me>> {
  const known = await loadSession();
  if (known) return { ok: true, value: known };
  return { ok: false, problem: { title: "offline", status: 0, code: "offline", traceId: "" } };
}

/** Ends the session here and on the server. The local copy goes even when the server cannot be reached. */
async function signOut(): Promise<CallResult<unknown>> {
  const result = await call(logout);
  forget();
  return result;
}

/** Stores preferences on the account (the endpoint replaces all, so they are merged first). Nothing happens when signed out. */
async function savePreferences(change: Preferences): Promise<void> {
  const known = me();
  if (!known) return;
  const merged = { ...known.preferences, ...change };
  setMe({ ...known, preferences: merged });
  await call(putPreferences, { body: merged });
}

// A page restored from the back-forward cache may belong to an earlier session: it starts again.
if (typeof addEventListener === "function") {
  addEventListener("pageshow", (event: PageTransitionEvent) => {
    if (event.persisted) location.reload();
  });
}

/** The one session of this page. */
export function useSession() {
  return { me, state, generation, signIn, afterCookie, signOut, savePreferences };
}
