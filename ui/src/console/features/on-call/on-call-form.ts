import type { OnCallSettings } from "@episante/contracts/on-call";
import { clock, dayOf } from "../../../shared/lib/format.ts";
import { instantOf } from "../practice/absence-form.ts";
import { readTime } from "../practice/hours-form.ts";
import { type Severity, severities } from "./call-plan.ts";

/** The settings as typed. Empty texts: not filled in yet. */
export interface OnCallDraft {
  weekly: { day: number; from: string; to: string; accountId: string }[];
  exceptions: { fromDay: string; from: string; toDay: string; to: string; accountId: string }[];
  chains: Record<Severity, { to: string; after: string; unit: "s" | "min" }[]>;
  quiet: { isOn: boolean; from: string; to: string; warning: boolean; notice: boolean };
}
export type Fault = "time" | "day" | "person" | "order" | "number" | "later" | "empty" | "severity";

type Account = `acc_${string}`;
type Settings = OnCallSettings;

/** A setting as lines to edit. Exceptions that are over are left out: they change nothing any more. */
export function draftOf({ zone, rota, chains, quiet }: Settings, nowMs: number): OnCallDraft {
  const steps = (severity: Severity) =>
    (chains[severity] ?? []).map(({ to, afterSeconds }) => {
      const isMinutes = afterSeconds >= 60 && afterSeconds % 60 === 0;
      return {
        to: to as string,
        after: String(isMinutes ? afterSeconds / 60 : afterSeconds),
        unit: isMinutes ? ("min" as const) : ("s" as const),
      };
    });
  return {
    weekly: rota.weekly.map((turn) => ({ ...turn })),
    exceptions: rota.exceptions
      .filter(({ to }) => Date.parse(to) > nowMs)
      .map(({ from, to, accountId }) => ({
        fromDay: dayOf(from, zone),
        from: clock(from, zone),
        toDay: dayOf(to, zone),
        to: clock(to, zone),
        accountId,
      })),
    chains: { critical: steps("critical"), warning: steps("warning"), notice: steps("notice") },
    quiet: {
      isOn: quiet !== null,
      from: quiet?.from ?? "22:00",
      to: quiet?.to ?? "07:00",
      warning: quiet?.severities.includes("warning") ?? true,
      notice: quiet?.severities.includes("notice") ?? true,
    },
  };
}

/** A time at which something may begin or end; the end of a day is 00:00 of the next. */
const timeOf = (text: string) => (readTime(text) === "24:00" ? "00:00" : readTime(text));
/** Seconds of a step as typed; undefined when it is no whole number up to a day. */
function secondsOf({ after, unit }: { after: string; unit: "s" | "min" }): number | undefined {
  if (!/^\d{1,5}$/.test(after.trim())) return undefined;
  const seconds = Number(after) * (unit === "min" ? 60 : 1);
  return seconds <= 86_400 ? seconds : undefined;
}

/** What is wrong with a draft, by the path the server too would name. */
export function faultsOf(draft: OnCallDraft, zone: string): Map<string, Fault> {
  const faults = new Map<string, Fault>();
  const times = (path: string, line: { from: string; to: string }) => {
    if (!timeOf(line.from)) faults.set(`${path}.from`, "time");
    if (!timeOf(line.to)) faults.set(`${path}.to`, "time");
  };
  draft.weekly.forEach((line, index) => {
    const path = `rota.weekly.${index}`;
    times(path, line);
    if (!line.accountId) faults.set(`${path}.accountId`, "person");
  });
  draft.exceptions.forEach((line, index) => {
    const path = `rota.exceptions.${index}`;
    times(path, line);
    if (!line.fromDay) faults.set(`${path}.from`, "day");
    if (!line.toDay) faults.set(`${path}.to`, "day");
    if (!line.accountId) faults.set(`${path}.accountId`, "person");
    const isWhole = !faults.has(`${path}.from`) && !faults.has(`${path}.to`);
    if (isWhole && endsOf(line, zone).endMs <= endsOf(line, zone).startMs) faults.set(`${path}.to`, "order");
  });
  for (const severity of severities) {
    let before = 0;
    draft.chains[severity].forEach((line, index) => {
      const path = `chains.${severity}.${index}`;
      const seconds = secondsOf(line);
      if (!line.to) faults.set(`${path}.to`, "person");
      if (seconds === undefined) faults.set(`${path}.afterSeconds`, "number");
      else if (seconds < before) faults.set(`${path}.afterSeconds`, "later");
      before = Math.max(before, seconds ?? before);
    });
  }
  const { quiet } = draft;
  if (quiet.isOn) {
    times("quiet", quiet);
    if (timeOf(quiet.from) && timeOf(quiet.from) === timeOf(quiet.to)) faults.set("quiet.to", "empty");
    if (!quiet.warning && !quiet.notice) faults.set("quiet.severities", "severity");
  }
  return faults;
}

function endsOf(line: OnCallDraft["exceptions"][number], zone: string): { startMs: number; endMs: number } {
  return { startMs: instantOf(line.fromDay, timeOf(line.from) ?? "", zone), endMs: instantOf(line.toDay, timeOf(line.to) ?? "", zone) };
}

/** The setting a draft without faults means, in the zone it was written for. */
export function settingsOf(draft: OnCallDraft, zone: string): Settings {
  const steps = (severity: Severity) =>
    draft.chains[severity].map((line) => ({ to: line.to as "on-call" | Account, afterSeconds: secondsOf(line) ?? 0 }));
  const notice = steps("notice");
  return {
    zone,
    chains: { critical: steps("critical"), warning: steps("warning"), ...(notice.length > 0 ? { notice } : {}) },
    rota: {
      weekly: draft.weekly.map(({ day, from, to, accountId }) => ({
        day,
        from: timeOf(from) ?? "",
        to: timeOf(to) ?? "",
        accountId: accountId as Account,
      })),
      exceptions: draft.exceptions.map((line) => {
        const { startMs, endMs } = endsOf(line, zone);
        return { from: new Date(startMs).toISOString(), to: new Date(endMs).toISOString(), accountId: line.accountId as Account };
      }),
    },
    quiet: draft.quiet.isOn
      ? {
          from: timeOf(draft.quiet.from) ?? "",
          to: timeOf(draft.quiet.to) ?? "",
          severities: (["warning", "notice"] as const).filter((severity) => draft.quiet[severity]),
        }
      : null,
  };
}

/** The list with one entry in another place; as it was, when there is no such place. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const copy = [...list];
  const [one] = copy.splice(from, 1);
  if (one === undefined || to < 0 || to >= list.length) return [...list];
  copy.splice(to, 0, one);
  return copy;
}

/** How long an acknowledgement counts, as typed: 5 to 1440 minutes; undefined when it is something else. */
export function minutesOf(text: string): number | undefined {
  const minutes = /^\d{1,4}$/.test(text.trim()) ? Number(text) : 0;
  return minutes >= 5 && minutes <= 1440 ? minutes : undefined;
}
