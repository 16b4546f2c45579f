import type { EventData } from "@episante/contracts/events";
import { toInstant } from "@episante/contracts/time";
import { grant, type Tx } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import { emitterInto, enqueue, type OutboxMessage } from "@episante/service/outbox";
import { handedOver, pipelined } from "@episante/service/pipelined";
import type { AlertDeps } from "../deps.ts";
import { pagedMs } from "../domain/access.ts";
import { type Advance, advance, stepsOf } from "../domain/chain.ts";
import { mostOnPage, type PageCall, type PagedAlert, placeCalls, severityOf } from "../domain/grouping.ts";
import { quietUntil } from "../domain/quiet-hours.ts";
import { onCallAt } from "../domain/rota.ts";
import { addHistory, type HistoryRow, publishChanges } from "../storage/alerts.ts";
import {
  type CallingAlert,
  criticalsOf,
  deliveriesOf,
  deliveryOf,
  doctorsOf,
  endHolds,
  type Hold,
  type Looked,
  lockCalling,
  recentPages,
  writeHolds,
  writeLines,
  writeLooked,
  writePages,
} from "../storage/escalations.ts";
import { onCallOf, peopleOf } from "../storage/on-call.ts";
import { writePagedGrants } from "../storage/reach.ts";
import type { Change } from "./engine-cache.ts";
import { type ChangedAlert, readTold, recordTold, tellable, viewersOf } from "./tell-feed.ts";

export const escalateJob = "escalate-alerts";
/** Alerts of one transaction: it holds them, and the feed's cursor at its end. */
const mostAtOnce = 100;

type Deps = Pick<AlertDeps, "db" | "clock" | "service" | "relationships" | "feed" | "alertMetrics">;

/**
 * Tells people of alerts that call, step by step in business time. Alerts are locked, and what they are is looked at in the transaction that
 * tells: whoever took one in charge, closed or snoozed it a moment before has stopped it. Rows are the timers and the memory of what was told:
 * a restart loses none, and nobody is told twice.
 */
export async function escalateAlerts(deps: Deps, now: number): Promise<void> {
  for (let count = mostAtOnce; count === mostAtOnce; ) {
    const done = await deps.db.transaction(grant.system(escalateJob), (tx) => look(tx, deps, now));
    count = done.looked;
    const { pagesSent, pagesLate, pagesHeld } = deps.alertMetrics;
    for (const { kind, severity, late } of done.sent) {
      pagesSent.inc({ kind, severity });
      if (late) pagesLate.inc();
    }
    pagesHeld.inc(done.held);
    if (done.change) deps.feed.moveTo(done.change.cursor, done.change.page);
  }
}

type Paged = EventData<"alert.paged">;
/** What one transaction did: alerts it looked at, what it sent, how many people it left in peace. */
interface Done {
  readonly looked: number;
  readonly sent: readonly Paged[];
  readonly held: number;
  readonly change: Change | undefined;
}

async function look(tx: Tx, deps: Deps, now: number): Promise<Done> {
  const alerts = await lockCalling(tx, now, mostAtOnce);
  const { pages, held, decided, changed } = alerts.length > 0 ? await advanceAll(tx, alerts, now) : nothing;
  const digests = await listEnded(tx, now);
  const messages: OutboxMessage[] = [];
  const emit = emitterInto((message) => void messages.push(message), { kind: "system", job: escalateJob }, deps.clock);
  for (const { hasGrown: _, ...paged } of pages) await emit("alert.paged", paged);
  for (const digest of digests) await emit("alert.paged", digest);
  await enqueue(tx, messages);
  // A page that grew was counted when it left.
  const sent = [...pages.filter(({ hasGrown }) => !hasGrown), ...digests];
  return { looked: alerts.length, sent, held, change: await publish(tx, deps, decided, changed, now) };
}

/** What a look did to alerts, before consoles are told of it. */
interface Advanced {
  readonly pages: readonly SentPage[];
  readonly held: number;
  readonly decided: readonly Decided[];
  readonly changed: readonly ChangedAlert[];
}
const nothing: Advanced = { pages: [], held: 0, decided: [], changed: [] };

/**
 * Publishes what changed and decides what consoles are told of it, as the engine does: a read by each of them would take the machine from the
 * alerts that come meanwhile. Comes last, because the feed's cursor stays locked until the commit, and behind the grants of who is called.
 */
async function publish(
  tx: Tx,
  deps: Deps,
  decided: readonly Decided[],
  changed: readonly ChangedAlert[],
  now: number,
): Promise<Change | undefined> {
  const patientIds = new Set(changed.map(({ patientId }) => patientId));
  const told = tellable(await viewersOf(tx, deps, deps.feed.inStep(), patientIds, now), changed);
  const [cursor, , , alerts] = await pipelined([
    publishChanges(
      tx,
      changed.map(({ alertId }) => ({ id: alertId })),
      now,
    ),
    writeLooked(tx, decided.map(lookedOf)),
    told && recordTold(tx, deps, told, now),
    handedOver().then(() => told && readTold(tx, told, now)),
  ]);
  return cursor === undefined ? undefined : { cursor, page: alerts && { after: cursor - changed.length, upTo: cursor, alerts } };
}

async function advanceAll(tx: Tx, alerts: readonly CallingAlert[], now: number): Promise<Advanced> {
  const decided = await decide(tx, alerts, now);
  const made = await deliveriesOf(
    tx,
    alerts.map(({ id }) => id),
  );
  const calls = decided.flatMap(({ alert, done }) =>
    done.calls
      .filter(({ step, accountId }) => !made.has(deliveryOf(alert.id, alert.sinceSeq, step, accountId)))
      .map((call) => ({ ...call, alert, clinicId: alert.clinicId })),
  );
  const pages = await writeCalls(tx, calls, now);
  const held = await writeHolds(
    tx,
    decided.flatMap(({ alert, done }) => holdsOf(alert, done)),
  );
  const history = decided.flatMap((one) => historyOf(one, calls, held, now));
  await addHistory(tx, history);
  const told = new Set(history.map(({ alertId }) => alertId));
  const changed = decided.filter(
    ({ alert, done }) => told.has(alert.id) || done.next?.atMs !== alert.nextMs || done.next?.to !== alert.nextTo,
  );
  return { pages, held: held.length, decided, changed: changed.map(({ alert: { id, patientId } }) => ({ alertId: id, patientId })) };
}
type AlertCall = PageCall & { readonly alert: CallingAlert };
interface SentPage extends Paged {
  /** It left before, with fewer alerts. */
  readonly hasGrown: boolean;
}
const namedInPage = ({ id, patientId, severity }: PagedAlert): PagedAlert => ({ id, patientId, severity });

/** Puts calls on pages. @returns the pages to be sent, or sent again */
async function writeCalls(tx: Tx, calls: readonly AlertCall[], now: number): Promise<SentPage[]> {
  if (calls.length === 0) return [];
  const accountIds = [...new Set(calls.map(({ accountId }) => accountId))];
  const recent = await recentPages(tx, accountIds, now);
  const { pages, placed } = placeCalls(recent, calls, now, () => newId("pag", now));
  await writePages(
    tx,
    pages.map((page) => ({ ...page, kind: "page" })),
  );
  await writeLines(
    tx,
    placed.map(({ call: { alert, step, accountId }, pageId }) => ({ alert, step, accountId, pageId })),
    now,
  );
  const called = calls.map(({ accountId, clinicId, alert: { patientId } }) => ({ accountId, clinicId, patientId }));
  await writePagedGrants(tx, called, now, now + pagedMs);
  return pages.map(({ id, clinicId, accountId, step, isLate, alerts }) => ({
    id,
    clinicId,
    accountId,
    kind: "page",
    severity: severityOf({ alerts }),
    alerts: alerts.map(namedInPage),
    step,
    ...(isLate ? { late: true } : {}),
    at: toInstant(now),
    hasGrown: recent.some((page) => page.id === id),
  }));
}

/** What quiet hours kept back and what ended meanwhile, listed once for everybody when they end. */
async function listEnded(tx: Tx, now: number): Promise<Paged[]> {
  const ended = await endHolds(tx, now);
  const byPerson = [...Map.groupBy(ended, ({ clinicId, accountId }) => `${clinicId} ${accountId}`).values()];
  const digests = byPerson.flatMap((lines) => {
    const parts = Array.from({ length: Math.ceil(lines.length / mostOnPage) }, (_, part) =>
      lines.slice(part * mostOnPage, (part + 1) * mostOnPage),
    );
    return parts.flatMap((alerts): Paged[] => {
      const [first] = alerts;
      if (!first) return [];
      const { clinicId, accountId } = first;
      const shared = { id: newId("pag", now), clinicId, accountId, kind: "digest" as const };
      return [{ ...shared, severity: severityOf({ alerts }), alerts: alerts.map(namedInPage), at: toInstant(now) }];
    });
  });
  await writePages(
    tx,
    digests.map((digest) => ({ ...digest, patientId: null, step: null, isLate: false, firstMs: now })),
  );
  return digests;
}

/** An alert with what its chain does now. */
interface Decided {
  readonly alert: CallingAlert;
  readonly done: Advance;
  readonly inhibitor: CallingAlert["id"] | undefined;
  readonly settingsVersion: number;
}

async function decide(tx: Tx, alerts: readonly CallingAlert[], now: number): Promise<Decided[]> {
  const clinicIds = [...new Set(alerts.map(({ clinicId }) => clinicId))];
  const patientIds = [...new Set(alerts.map(({ patientId }) => patientId))];
  const settings = await onCallOf(tx, clinicIds);
  const members = Map.groupBy(await peopleOf(tx, clinicIds), ({ clinicId }) => clinicId);
  const doctors = await doctorsOf(tx, clinicIds, patientIds, now);
  const criticals = await criticalsOf(tx, patientIds);
  return alerts.map((alert) => {
    const { clinicId, patientId, severity, signal } = alert;
    const stored = settings.get(clinicId);
    if (!stored) throw new Error("settings of a clinic cannot be read");
    const { settings: clinic, version } = stored;
    const atWork = new Map(members.get(clinicId)?.map((person) => [person.accountId, person]));
    const ofClinic = doctors.filter((doctor) => doctor.clinicId === clinicId);
    const treating = ofClinic.filter(({ treats }) => treats.includes(patientId));
    const inhibitor =
      severity === "critical"
        ? undefined
        : criticals.find((one) => one.patientId === patientId && one.signal === signal && one.class === alert.class)?.id;
    const done = advance(
      alert.run,
      {
        steps: stepsOf(severity, clinic),
        hasNet: severity !== "notice" || (clinic.chains.notice ?? []).length > 0,
        who: (to) => {
          const accountId = to === "on-call" ? onCallAt(clinic.rota, clinic.zone, now) : to;
          return accountId && atWork.has(accountId) ? accountId : undefined;
        },
        doctors: [...new Set((treating.length > 0 ? treating : ofClinic).map(({ accountId }) => accountId))],
        quietUntil: (accountId) => quietUntil(clinic.quiet, atWork.get(accountId)?.zone ?? clinic.zone, severity, now),
        inhibitor,
      },
      now,
    );
    return { alert, done, inhibitor, settingsVersion: version };
  });
}

function holdsOf(alert: CallingAlert, { held }: Advance): Hold[] {
  return held ? held.accountIds.map((accountId) => ({ alert, accountId, untilMs: held.untilMs })) : [];
}

/** What the look leaves in the alert's history: steps that were nobody, who was told, who is left in peace, that it waits for another. */
function historyOf(
  { alert, done }: Decided,
  calls: readonly AlertCall[],
  held: readonly Hold[],
  now: number,
): (HistoryRow & { readonly patientId: string })[] {
  const entry = { alertId: alert.id, patientId: alert.patientId, atMs: now };
  return [
    ...done.holes.map(() => ({ ...entry, action: "nobody-to-page" })),
    ...calls
      .filter((call) => call.alert === alert)
      .map(({ step, accountId, isLate }) => {
        const action = step === 0 ? "paged" : "escalated";
        return { ...entry, action: isLate ? `${action}-late` : action, toAccountId: accountId };
      }),
    ...held
      .filter((hold) => hold.alert === alert)
      .map(({ accountId, untilMs }) => ({ ...entry, action: "page-held", toAccountId: accountId, untilMs })),
    ...(done.run.isInhibited && !alert.run.isInhibited ? [{ ...entry, action: "page-suppressed" }] : []),
  ];
}

function lookedOf({ alert, done: { run, next }, inhibitor, settingsVersion }: Decided): Looked {
  return { alert, run, next, settingsVersion, inhibitedBy: run.isInhibited ? inhibitor : undefined };
}
