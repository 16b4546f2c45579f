import type { Alert } from "@episante/contracts/alert";

/** What the console shows of an alert's weight: technical alerts are a level of their own. */
export type Level = "critical" | "warning" | "notice" | "technical";
const rank: Record<Level, number> = { critical: 0, warning: 1, notice: 2, technical: 3 };

/** Everything the alert list knows. `order` is what is on screen; `held` waits behind the "new alerts" button. Plain data, replaced, never mutated. */
export interface AlertBoard {
  readonly alerts: Readonly<Record<string, Alert>>;
  readonly order: readonly string[];
  readonly held: readonly string[];
  readonly selected: string | undefined;
  /** Highest cursor seen: where the feed resumes. */
  readonly cursor: number;
}
export const emptyBoard: AlertBoard = { alerts: {}, order: [], held: [], selected: undefined, cursor: 0 };

/** What one step changed, for announcing, sounding and keeping the reading position. */
export interface BoardStep {
  readonly board: AlertBoard;
  /** Ids that were unknown before and are open now, and known ones that call again. */
  readonly arrived: readonly string[];
  /** Criticals put into the list although it is being read. */
  readonly inserted: readonly string[];
}

/** The level shown for an alert. */
export function levelOf(alert: Pick<Alert, "class" | "severity">): Level {
  return alert.class === "technical" ? "technical" : alert.severity;
}

/** True while somebody still has to look after the alert. */
export function isOpen(alert: Pick<Alert, "status">): boolean {
  return alert.status === "open" || alert.status === "acked";
}

/** True while somebody has put the alert off; it stays in the list. */
export function isQuiet(alert: Pick<Alert, "status" | "snoozedUntil">, nowMs: number): boolean {
  return isOpen(alert) && alert.snoozedUntil !== undefined && Date.parse(alert.snoozedUntil) > nowMs;
}

/** Entries of a history after which an alert calls as if it were new. */
const tellingActions: readonly string[] = ["snooze-ended", "snooze-pierced", "ack-expired", "reopened", "worsened"];
const timesTold = ({ history }: Alert) => history.filter(({ action }) => tellingActions.includes(action)).length;

/** Order of the list: level, then newest, then id so that the order is total. */
export function compareAlerts(a: Alert, b: Alert): number {
  const byLevel = rank[levelOf(a)] - rank[levelOf(b)];
  if (byLevel !== 0) return byLevel;
  const byTime = Date.parse(b.firedAt) - Date.parse(a.firedAt);
  if (byTime !== 0) return byTime;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function sortedOpen(alerts: Readonly<Record<string, Alert>>): string[] {
  return Object.values(alerts)
    .filter(isOpen)
    .sort(compareAlerts)
    .map((alert) => alert.id);
}

function insertSorted(order: readonly string[], alert: Alert, alerts: Readonly<Record<string, Alert>>): string[] {
  const at = order.findIndex((id) => {
    const other = alerts[id];
    return other !== undefined && compareAlerts(alert, other) < 0;
  });
  return at < 0 ? [...order, alert.id] : [...order.slice(0, at), alert.id, ...order.slice(at)];
}

/** The row that takes the cursor when `id` leaves the list: the next one, else the one before. */
function neighbour(order: readonly string[], id: string): string | undefined {
  const at = order.indexOf(id);
  return at < 0 ? order[0] : (order[at + 1] ?? order[at - 1]);
}

function without(board: AlertBoard, id: string): AlertBoard {
  if (!board.order.includes(id) && !board.held.includes(id)) return board;
  return {
    ...board,
    selected: board.selected === id ? neighbour(board.order, id) : board.selected,
    order: board.order.filter((other) => other !== id),
    held: board.held.filter((other) => other !== id),
  };
}

/**
 * Takes in alerts from the list request or the feed, in the order given. An alert no newer than the one known changes nothing (duplicates, replays).
 * While `reading`, known rows keep their place (also when they close), criticals are inserted at once, anything else new is held back.
 */
export function applyAlerts(board: AlertBoard, incoming: readonly Alert[], { reading }: { reading: boolean }): BoardStep {
  let next = board;
  const arrived: string[] = [];
  const inserted: string[] = [];
  for (const alert of incoming) {
    const known = next.alerts[alert.id];
    if (known && known.cursor >= alert.cursor) continue;
    next = { ...next, alerts: { ...next.alerts, [alert.id]: alert }, cursor: Math.max(next.cursor, alert.cursor) };
    const listed = next.order.includes(alert.id);
    if (!isOpen(alert)) {
      if (!listed || !reading) next = without(next, alert.id);
      continue;
    }
    if (!known || timesTold(alert) > timesTold(known)) arrived.push(alert.id);
    if (listed) continue;
    const critical = levelOf(alert) === "critical";
    if (reading && !critical) {
      if (!next.held.includes(alert.id)) next = { ...next, held: [...next.held, alert.id] };
      continue;
    }
    if (reading) inserted.push(alert.id);
    next = {
      ...next,
      order: insertSorted(next.order, alert, next.alerts),
      held: next.held.filter((id) => id !== alert.id),
    };
  }
  if (!reading && next !== board) next = settle(next);
  return { board: next, arrived, inserted };
}

/** Puts the list right: held items in, closed rows out, order recomputed. Called when nobody reads, or on "show new". */
export function settle(board: AlertBoard): AlertBoard {
  const order = sortedOpen(board.alerts);
  let selected = board.selected;
  const from = selected === undefined ? -1 : board.order.indexOf(selected);
  // A selected alert that was never in the list (opened by a link, or already resolved) stays selected.
  if (selected !== undefined && from >= 0 && !order.includes(selected)) {
    const after = board.order.slice(from + 1).find((id) => order.includes(id));
    selected = after ?? board.order.slice(0, from).findLast((id) => order.includes(id));
  }
  return { ...board, order, held: [], selected };
}

/** Takes a row away at once, for an alert this user has just closed. */
export function dismiss(board: AlertBoard, id: string): AlertBoard {
  return without(board, id);
}

/** Puts the cursor on an alert; unknown ids are kept so that a link opens before the list has loaded. */
export function select(board: AlertBoard, id: string | undefined): AlertBoard {
  return board.selected === id ? board : { ...board, selected: id };
}

/** Moves the cursor along the visible rows; stops at the ends; from nowhere it enters at the nearer end. */
export function moveSelection(board: AlertBoard, visible: readonly string[], by: number): AlertBoard {
  if (visible.length === 0) return board;
  const at = board.selected === undefined ? -1 : visible.indexOf(board.selected);
  const target = at < 0 ? (by > 0 ? 0 : visible.length - 1) : Math.min(visible.length - 1, Math.max(0, at + by));
  return select(board, visible[target]);
}

/** Open alerts of a level, held ones included: nothing waiting is left out of a count. */
export function countOpen(board: AlertBoard, level: Level): number {
  return Object.values(board.alerts).filter((alert) => isOpen(alert) && levelOf(alert) === level).length;
}

/** Highest clinical level with open alerts, for badges; technical alerts never mix in. */
export function highestOpen(board: AlertBoard): { level: Level; count: number } | undefined {
  for (const level of ["critical", "warning", "notice"] as const) {
    const count = countOpen(board, level);
    if (count > 0) return { level, count };
  }
  return undefined;
}

/** Criticals nobody has taken in charge or put off: they keep calling. */
export function untakenCriticals(board: AlertBoard, nowMs: number): string[] {
  return Object.values(board.alerts)
    .filter((alert) => alert.status === "open" && levelOf(alert) === "critical" && !isQuiet(alert, nowMs))
    .map((alert) => alert.id);
}
