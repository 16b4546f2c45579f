import type { ProxyBasis, ProxyScope } from "@episante/contracts/patient";
import { proxyScopes } from "@episante/contracts/patient";
import { type Refusal, refuse } from "@episante/contracts/problem";
import { addDays, birthdayAfter, dayAt, startOfDay } from "./civil-day.ts";

/** Age from which a person decides alone. */
const majorityYears = 18;
/** Links and requests one patient may have at a time as a proxy. */
export const mostLinks = 20;

/** What decides how far a link counts. Milliseconds since the epoch; null = never. */
export interface LinkTimes {
  readonly verifiedMs: number | null;
  readonly endsMs: number | null;
  readonly reviewMs: number | null;
  readonly closedMs: number | null;
}
export type LinkStatus = "requested" | "active" | "review" | "ended";

/** State of a link now. Nothing has to run for a link to end or to go to review: time alone decides. */
export function statusOf(link: LinkTimes, nowMs: number): LinkStatus {
  if (link.closedMs !== null || (link.endsMs !== null && link.endsMs <= nowMs)) return "ended";
  if (link.verifiedMs === null) return "requested";
  return link.reviewMs !== null && link.reviewMs <= nowMs ? "review" : "active";
}

/** Until when a verified link counts, or null for no end known. */
export function grantsUntil({ endsMs, reviewMs, closedMs }: LinkTimes): number | null {
  const ends = [endsMs, reviewMs, closedMs].filter((ms) => ms !== null);
  return ends.length > 0 ? Math.min(...ends) : null;
}

/** Instant at which somebody comes of age in a zone: the first moment of the 18th birthday. */
export function majorityOf(birthDate: string, zone: string): number {
  return startOfDay(zone, birthdayAfter(birthDate, majorityYears));
}

/** End of a link whose last day is given: the first moment of the day after. Refused when that day is over already. */
export function endOfLastDay(lastDay: string, zone: string, nowMs: number): number | Refusal {
  if (lastDay < dayAt(zone, nowMs)) return refuse("invalid-input", { errors: [{ path: "until", message: "lies in the past" }] });
  return startOfDay(zone, addDays(lastDay, 1));
}

const basesOfMinors: readonly ProxyBasis[] = ["parent", "guardian"];
const basesOfGrownUps: readonly ProxyBasis[] = ["guardian", "carer-mandate", "spouse-consent", "patient-consent"];

/** Whether a link may stand on this basis: parents only for minors, mandates and consents only for grown-ups. */
export function judgeBasis(basis: ProxyBasis, isMinor: boolean): Refusal | null {
  const fits = (isMinor ? basesOfMinors : basesOfGrownUps).includes(basis);
  const message = isMinor ? "for a minor: parent or guardian" : "a parent acts for minors only";
  return fits ? null : refuse("invalid-input", { errors: [{ path: "basis", message }] });
}

/** Basis of a link the relative agreed to alone. */
export function basisOfConsent(asked: ProxyBasis): ProxyBasis {
  return asked === "spouse-consent" ? asked : "patient-consent";
}

/** Rights in their fixed order; of `wanted` only what was asked for when the asker may not widen. */
export function narrow(asked: readonly ProxyScope[], wanted: readonly ProxyScope[] | undefined): ProxyScope[] {
  return proxyScopes.filter((scope) => asked.includes(scope) && (wanted ?? asked).includes(scope));
}
