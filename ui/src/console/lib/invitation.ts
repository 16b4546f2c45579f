const path = "/console/invitation";

/**
 * Secret of an invitation link `/console/invitation#SECRET`; empty when the link has none, undefined on any other page.
 * The secret leaves the address bar at once: it must not stay in the history nor be seen over a shoulder. The server never gets it in a URL.
 */
export function takeInvitation(): string | undefined {
  if (location.pathname.replace(/\/$/, "") !== path) return undefined;
  const secret = decodeURIComponent(location.hash.slice(1));
  if (location.hash !== "") history.replaceState(null, "", path);
  return secret;
}

export type PasswordFault = "missing" | "too-short" | "too-long" | "too-uniform" | "common" | "personal";
export const shortestPassword = 15;
const longestPassword = 256;

/** What can be told about a password before it is sent; the server knows more (common words, own name). */
export function passwordFault(password: string): PasswordFault | undefined {
  if (password === "") return "missing";
  if ([...password].length > longestPassword) return "too-long";
  if ([...password.trim()].length < shortestPassword) return "too-short";
  return new Set([...password].map((character) => character.toLowerCase())).size < 5 ? "too-uniform" : undefined;
}

/** The fault named in the field errors of a `weak-password` answer. */
export function refusedPassword(errors: readonly { code?: string | undefined }[] | undefined): PasswordFault {
  const codes = ["too-short", "too-long", "too-uniform", "common", "personal"] as const;
  return codes.find((code) => errors?.some((error) => error.code === code)) ?? "common";
}
