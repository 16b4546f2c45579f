import type { AlertLoad } from "@episante/contracts/alert-load";
import type { PatientId, RuleId } from "@episante/contracts/ids";
import { type Severity, severities } from "@episante/contracts/rule";

/** An alert as far as it is counted. Times in ms. */
export interface CountedAlert {
  readonly patientId: PatientId;
  readonly ruleId: RuleId;
  readonly ruleName: string;
  readonly ruleKind: string;
  readonly severity: Severity;
  readonly class: "clinical" | "technical";
  readonly status: string;
  readonly late: boolean;
  readonly firedAt: number;
  readonly holdSeconds: number;
  readonly longestMs?: number;
  /** The first time somebody took it in charge. */
  readonly ackedAt?: number;
}

/** What is counted over. */
export interface LoadPeriod {
  readonly fromMs: number;
  readonly toMs: number;
  readonly zone: string;
  /** Patients of whom something was judged. */
  readonly judged: readonly string[];
  /** Those whose id the caller may see. */
  readonly treated: ReadonlySet<string>;
}

const dayMs = 86_400_000;
const mostListed = 10;

/** The load of alerts in a period. */
export function loadOf(all: readonly CountedAlert[], period: LoadPeriod): Omit<AlertLoad, "clinicId" | "from" | "to" | "effectOfHold"> {
  const alerts = all.filter(({ status }) => status !== "withdrawn");
  const calling = alerts.filter(({ late }) => !late);
  const patients = new Set([...period.judged, ...alerts.map(({ patientId }) => patientId)]).size;
  const patientDays = patients * ((period.toMs - period.fromMs) / dayMs);
  const byPatient = mostFirst(Map.groupBy(alerts, ({ patientId }) => patientId));
  const worst = byPatient.slice(0, Math.ceil(patients / 10));
  const count = (is: (alert: CountedAlert) => boolean) => alerts.filter(is).length;
  return {
    patients,
    patientDays,
    alerts: alerts.length,
    perPatientDay: patientDays === 0 ? 0 : alerts.length / patientDays,
    bySeverity: Object.fromEntries(
      severities.map((severity) => [severity, count((one) => one.severity === severity)]),
    ) as AlertLoad["bySeverity"],
    byClass: { clinical: count((one) => one.class === "clinical"), technical: count((one) => one.class === "technical") },
    late: count(({ late }) => late),
    withdrawn: all.length - alerts.length,
    acked: { share: ackedShare(calling), ...ackSeconds(calling) },
    perHour: perHour(alerts, period.zone),
    zone: period.zone,
    topRules: mostFirst(Map.groupBy(alerts, ({ ruleId }) => ruleId))
      .slice(0, mostListed)
      .flatMap(([id, own]) => topRule(id, own)),
    topPatients: byPatient.slice(0, mostListed).map(([patientId, own]) => ({
      ...(period.treated.has(patientId) ? { patientId } : {}),
      alerts: own.length,
      share: own.length / alerts.length,
    })),
    worstTenth: {
      patients: Math.ceil(patients / 10),
      share: alerts.length === 0 ? 0 : worst.reduce((sum, [, own]) => sum + own.length, 0) / alerts.length,
    },
  };
}

/**
 * What a longer hold of a rule would have spared. An alert under the longer hold is one under the shorter whose condition was met for that long
 * without interruption: the longest such stretch decides, exactly. Alerts whose own hold was longer already are not spared by a shorter one.
 */
export function effectOfHold(all: readonly CountedAlert[], ruleId: RuleId, holdSeconds: number): NonNullable<AlertLoad["effectOfHold"]> {
  const alerts = all.filter((one) => one.ruleId === ruleId && one.status !== "withdrawn");
  const isLongEnough = ({ longestMs = 0, holdSeconds: own }: CountedAlert) => longestMs >= Math.max(holdSeconds, own) * 1000;
  const short = alerts.filter((one) => one.holdSeconds < holdSeconds && !isLongEnough(one));
  const isUndecided = ({ longestMs, status }: CountedAlert) => longestMs === undefined || status === "open" || status === "acked";
  const undecided = short.filter(isUndecided).length;
  return { ruleId, holdSeconds, alerts: alerts.length, spared: short.length - undecided, undecided };
}

/** Groups with most members first; of equals the one whose key sorts first. */
function mostFirst<K extends string>(groups: Map<K, CountedAlert[]>): [K, CountedAlert[]][] {
  return [...groups].sort(([a, own], [b, other]) => other.length - own.length || (a < b ? -1 : 1));
}

function topRule(id: RuleId, own: readonly CountedAlert[]): AlertLoad["topRules"] {
  // The name it has now, or had last.
  const last = own.toSorted((a, b) => b.firedAt - a.firedAt)[0];
  if (!last) return [];
  const patients = new Set(own.map(({ patientId }) => patientId)).size;
  const calling = own.filter(({ late }) => !late);
  return [{ id, name: last.ruleName, kind: last.ruleKind, alerts: own.length, patients, ackedShare: ackedShare(calling) }];
}

function ackedShare(calling: readonly CountedAlert[]): number {
  return calling.length === 0 ? 0 : calling.filter(({ ackedAt }) => ackedAt !== undefined).length / calling.length;
}

function ackSeconds(calling: readonly CountedAlert[]): { medianSeconds?: number; p90Seconds?: number } {
  const seconds = calling.flatMap(({ firedAt, ackedAt }) => (ackedAt === undefined ? [] : [Math.max(0, ackedAt - firedAt) / 1000]));
  const [medianSeconds, p90Seconds] = [percentile(seconds, 0.5), percentile(seconds, 0.9)];
  return medianSeconds === undefined || p90Seconds === undefined ? {} : { medianSeconds, p90Seconds };
}

/** Nearest rank. */
function percentile(values: readonly number[], share: number): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1];
}

function perHour(alerts: readonly CountedAlert[], zone: string): number[] {
  const hourOf = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", hourCycle: "h23" });
  const counts = Array.from({ length: 24 }, () => 0);
  for (const { firedAt } of alerts) {
    const hour = Number(hourOf.format(firedAt));
    counts[hour] = (counts[hour] ?? 0) + 1;
  }
  return counts;
}
