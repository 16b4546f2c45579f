import type { AccountId, AlertId, ClinicId, Id, PatientId } from "@episante/contracts/ids";
import { type Severity, severities } from "@episante/contracts/rule";
import { isMoreSevere } from "./lifecycle.ts";

/** An alert as a page names it. */
export interface PagedAlert {
  readonly id: AlertId;
  readonly patientId: PatientId;
  readonly severity: Severity;
}

/** What somebody was sent: one message that may grow for a while. Times in milliseconds. */
export interface Page {
  readonly id: Id<"pag">;
  readonly clinicId: ClinicId;
  readonly accountId: AccountId;
  /** Whose alerts it gathers; null: everybody's, while alerts storm. */
  readonly patientId: PatientId | null;
  readonly firstMs: number;
  readonly step: number;
  readonly isLate: boolean;
  readonly alerts: readonly PagedAlert[];
}

/** Somebody to be told of an alert. */
export interface PageCall {
  readonly alert: PagedAlert;
  readonly clinicId: ClinicId;
  readonly accountId: AccountId;
  readonly step: number;
  readonly isLate: boolean;
}

/** Alerts of one patient join a page that is younger than this. */
const gatherMs = 30_000;
/** Of more pages than this in five minutes, the rest is one page that grows. */
export const stormPages = 10;
export const stormMs = 300_000;
/** What an event can carry. */
export const mostOnPage = 50;

/** The highest severity on a page. */
export function severityOf({ alerts }: Pick<Page, "alerts">): Severity {
  return severities.find((severity) => alerts.some((alert) => alert.severity === severity)) ?? "notice";
}

/**
 * Puts calls on pages, the most severe first: onto the recipient's page about the same patient while it is young and no less severe (a page
 * that has left as a warning must not swallow a critical alert), else onto a page of its own. When pages storm, all else goes onto one page,
 * except the first critical alert of each patient.
 * @param recent pages of the last five minutes, oldest first
 * @returns the pages to be sent or sent again, as they then stand, and for each call the page it is on
 */
export function placeCalls<C extends PageCall>(
  recent: readonly Page[],
  calls: readonly C[],
  nowMs: number,
  newPageId: () => Id<"pag">,
): { pages: Page[]; placed: { call: C; pageId: Id<"pag"> }[] } {
  const pages = recent.filter(({ firstMs }) => nowMs - firstMs < stormMs);
  const changed = new Set<string>();
  const placed: { call: C; pageId: Id<"pag"> }[] = [];
  const rank = ({ alert }: PageCall) => severities.indexOf(alert.severity);
  for (const call of [...calls].sort((one, other) => rank(one) - rank(other))) {
    const own = pages.filter(({ clinicId, accountId }) => clinicId === call.clinicId && accountId === call.accountId);
    const page = pageFor(own, call, nowMs) ?? newPage(own, call, nowMs, newPageId);
    const known = page.alerts.find(({ id }) => id === call.alert.id);
    if (known?.severity !== call.alert.severity) {
      const grown = { ...page, alerts: [...page.alerts.filter((alert) => alert !== known), call.alert] };
      const index = pages.indexOf(page);
      if (index < 0) pages.push(grown);
      else pages[index] = grown;
      changed.add(page.id);
    }
    placed.push({ call, pageId: page.id });
  }
  return { pages: pages.filter(({ id }) => changed.has(id)), placed };
}

const hasAlert = ({ alerts }: Page, { id }: PagedAlert) => alerts.some((alert) => alert.id === id);
const hasRoom = ({ alerts }: Page) => alerts.length < mostOnPage;

/** A page that a call may join. A step about an alert that is on it already is another call, unless pages storm. */
function pageFor(own: readonly Page[], { alert }: PageCall, nowMs: number): Page | undefined {
  const gathering = own.findLast(
    (page) =>
      page.patientId === alert.patientId &&
      nowMs - page.firstMs < gatherMs &&
      !isMoreSevere(alert.severity, severityOf(page)) &&
      !hasAlert(page, alert) &&
      hasRoom(page),
  );
  if (gathering || !isStorm(own, alert)) return gathering;
  return own.findLast((page) => page.patientId === null && (hasRoom(page) || hasAlert(page, alert)));
}

function newPage(
  own: readonly Page[],
  { clinicId, accountId, step, isLate, alert }: PageCall,
  nowMs: number,
  newPageId: () => Id<"pag">,
): Page {
  const patientId = isStorm(own, alert) ? null : alert.patientId;
  return { id: newPageId(), clinicId, accountId, patientId, firstMs: nowMs, step, isLate, alerts: [] };
}

/** True when this alert must not be a page of its own any more. */
function isStorm(own: readonly Page[], { patientId, severity }: PagedAlert): boolean {
  const isFirstCritical =
    severity === "critical" &&
    !own.some(({ alerts }) => alerts.some((alert) => alert.patientId === patientId && alert.severity === "critical"));
  return own.length >= stormPages && !isFirstCritical;
}
