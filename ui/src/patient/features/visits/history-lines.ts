import type { VisitEntry } from "@episante/contracts/visit";
import { problemText } from "../../../shared/i18n/common.ts";
import type { CallProblem } from "../../../shared/lib/call.ts";
import { capital, dateTime } from "../../../shared/lib/format.ts";
import { t } from "../../i18n/t.ts";
import { tv } from "../../i18n/visit-texts.ts";

/** One line of a visit's history in words. */
export interface HistoryLine {
  readonly at: string;
  readonly what: string;
  /** By whom, or why it was refused. */
  readonly more: string;
  readonly isRefused: boolean;
}

/** The history in words, newest first. @param isOwn the reader is the patient: "by you" */
export function historyLines(items: readonly VisitEntry[], zone: string, isOwn: boolean): HistoryLine[] {
  return items
    .map((entry) => ({ at: entry.at, what: whatOf(entry, zone), more: moreOf(entry, isOwn), isRefused: entry.kind === "refused" }))
    .reverse();
}

function whatOf(entry: VisitEntry, zone: string): string {
  const when = (start: string | undefined) => (start ? dateTime(start, zone) : "");
  const [from, to] = [entry.former?.place?.start, entry.later?.place?.start];
  const status = entry.later?.state?.status;
  switch (entry.kind) {
    case "booked":
      return [tv(`booked.${entry.channel ?? "unknown"}`), to ? tv("history.place", { when: when(to) }) : ""].filter(Boolean).join(" ");
    case "moved":
      return tv("history.moved", { from: when(from), to: when(to) });
    case "cancelled":
      return entry.later?.reason ? tv("history.cancelledWhy", { reason: entry.later.reason }) : tv("history.cancelled");
    case "status":
      return tv("history.status", { status: status ? t(`status.${status}`) : "" });
    case "undone":
      return tv("history.undone", { status: status ? t(`status.${status}`) : "" });
    case "refused":
      if (entry.attempt === "cancel") return tv("history.refused.cancel");
      return to ? tv("history.refused.moveTo", { when: when(to) }) : tv("history.refused.move");
  }
}

function moreOf({ kind, by, code }: VisitEntry, isOwn: boolean): string {
  const who = by ? capital(tv(by === "patient" && isOwn ? "by.you" : `by.${by}`)) : "";
  if (kind !== "refused" || !code) return who;
  return `${who ? `${who}. ` : ""}${problemText({ code: code as CallProblem["code"], traceId: "" })}`;
}
