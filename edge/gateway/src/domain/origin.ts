import { type Refusal, refuse } from "@episante/contracts/problem";

/** What the cross-site check looks at. */
export interface RequestFacts {
  readonly method: string;
  readonly hasSession: boolean;
  readonly isUpgrade: boolean;
  readonly origin: string | null;
  readonly fetchSite: string | null;
  /** Origin under which the client reached us, for example `https://clinic.example`. */
  readonly ownOrigin: string;
}

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/** True for methods that may change something. */
export function isUnsafe(method: string): boolean {
  return !safeMethods.has(method);
}

/**
 * Refuses what another site's page made the browser send: anything that carries the session, could change something, or opens a socket.
 * Clients that are not browsers send neither header and pass.
 */
export function checkOrigin(facts: RequestFacts): Refusal | null {
  if (!facts.hasSession && !isUnsafe(facts.method) && !facts.isUpgrade) return null;
  if (facts.origin !== null && facts.origin !== facts.ownOrigin) return refuse("foreign-origin");
  if (facts.fetchSite !== null && facts.fetchSite !== "same-origin" && facts.fetchSite !== "none") return refuse("foreign-origin");
  return null;
}
