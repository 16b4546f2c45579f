import {
  type Alert,
  ackAlert,
  assignAlert,
  commentAlert,
  endSnooze,
  listAlerts,
  resolveAlert,
  snoozeAlert,
} from "@episante/contracts/alert";
import { me as meEndpoint } from "@episante/contracts/auth";
import type { DoctorId } from "@episante/contracts/ids";
import { batch, createSignal, onCleanup } from "solid-js";
import { createStore } from "solid-js/store";
import { announce } from "../../../shared/components/LiveRegion.tsx";
import { problemText } from "../../../shared/i18n/common.ts";
import { type CallProblem, type CallResult, call } from "../../../shared/lib/call.ts";
import { time } from "../../../shared/lib/format.ts";
import type { LinkState, LiveFeed } from "../../../shared/lib/live-feed.ts";
import { learnServerTime, serverNow } from "../../../shared/lib/server-clock.ts";
import { steadyTicks } from "../../../shared/lib/steady-ticks.ts";
import { tlk } from "../../i18n/lock-texts.ts";
import { t } from "../../i18n/text.ts";
import type { PatientNames } from "../../lib/patient-names.ts";
import { alertHeadline, patientName } from "../../lib/words.ts";
import { type AlertBoard, applyAlerts, dismiss, emptyBoard, levelOf, moveSelection, select, settle } from "./alert-board.ts";
import { makeAlertFeed } from "./alert-feed.ts";

/** New criticals are announced together, at most this often. Milliseconds. */
const announceMs = 5000;
const resolvedSpanMs = 24 * 3_600_000;

/** Every page of a list. The cursor is the lowest of the pages, so that nothing between two pages is missed by the feed. */
async function listAll(status: "open" | "acked"): Promise<CallResult<{ items: Alert[]; cursor: number }>> {
  const items: Alert[] = [];
  let feedCursor = Number.POSITIVE_INFINITY;
  let page: string | undefined;
  do {
    const result = await call(listAlerts, { query: { status, limit: 200, ...(page ? { cursor: page } : {}) } });
    if (!result.ok) return result;
    items.push(...result.value.items);
    feedCursor = Math.min(feedCursor, result.value.cursor);
    page = result.value.next;
  } while (page);
  return { ok: true, value: { items, cursor: feedCursor } };
}

/**
 * The live alerts of the signed-in doctor: list, feed, selection and actions. Lives as long as its owner; one per console.
 * The pure board decides; this shell queues what arrives, applies it once per frame and mirrors the result into a store by id.
 */
export function createAlerts(options: {
  names: PatientNames;
  accountId: () => string | undefined;
  zone: () => string;
  /** The console is locked: names and findings are not said. */
  locked?: () => boolean;
  /** After every change, with the alerts that have just arrived. */
  onChanged: (arrived: readonly Alert[]) => void;
}) {
  let board: AlertBoard = emptyBoard;
  let reading = false;
  const [alerts, setAlerts] = createStore<Record<string, Alert>>({});
  const [order, setOrder] = createSignal<readonly string[]>([]);
  const [held, setHeld] = createSignal<readonly string[]>([]);
  const [pinned, setPinned] = createSignal<readonly string[]>([]);
  const [selected, setSelected] = createSignal<string | undefined>();
  const [link, setLink] = createSignal<LinkState>("connecting");
  const [lostSince, setLostSince] = createSignal<number | undefined>();
  const [back, setBack] = createSignal<{ at: number; count: number } | undefined>();
  const [lastBeat, setLastBeat] = createSignal<number | undefined>();
  const [version, setVersion] = createSignal(0);
  const [loaded, setLoaded] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  const [notices, setNotices] = createStore<Record<string, { text: string; tone: "good" | "notice" | "critical" }>>({});
  const [busy, setBusy] = createSignal<string | undefined>();

  function show(next: AlertBoard, arrived: readonly Alert[] = []): void {
    const before = board;
    board = next;
    batch(() => {
      for (const id of Object.keys(next.alerts)) {
        const alert = next.alerts[id];
        if (alert && alert !== before.alerts[id]) setAlerts(id, structuredClone(alert));
      }
      setOrder(next.order);
      setHeld(next.held);
      setSelected(next.selected);
      setVersion((count) => count + 1);
    });
    options.onChanged(arrived);
  }

  let queue: Alert[] = [];
  let scheduled = false;
  function enqueue(alert: Alert): void {
    queue.push(alert);
    if (scheduled) return;
    scheduled = true;
    // A hidden page draws no frames and slows its timers, but must still ring and count.
    if (document.visibilityState === "visible") requestAnimationFrame(flush);
    else queueMicrotask(flush);
  }
  function flush(): void {
    if (!scheduled) return;
    scheduled = false;
    const incoming = queue;
    queue = [];
    take(incoming);
  }
  function take(incoming: readonly Alert[], quiet = false): void {
    const step = applyAlerts(board, incoming, { reading });
    if (step.inserted.length > 0) setPinned((ids) => [...step.inserted.filter((id) => !ids.includes(id)), ...ids]);
    const fresh = quiet ? [] : step.arrived.flatMap((id) => (step.board.alerts[id] ? [step.board.alerts[id]] : []));
    show(step.board, fresh);
    void options.names.want(incoming.map((alert) => alert.patientId));
    if (quiet) return;
    arrivedSinceLost += step.arrived.length;
    const criticals = fresh.filter((alert) => levelOf(alert) === "critical");
    if (criticals.length > 0) void announceCriticals(criticals);
  }

  let unspoken: Alert[] = [];
  let speaking: ReturnType<typeof setTimeout> | undefined;
  let spokenAt = Number.NEGATIVE_INFINITY;
  async function announceCriticals(criticals: readonly Alert[]): Promise<void> {
    unspoken.push(...criticals);
    await options.names.want(criticals.map((alert) => alert.patientId));
    if (speaking !== undefined || unspoken.length === 0) return;
    speaking = setTimeout(
      () => {
        speaking = undefined;
        spokenAt = Date.now();
        const list = unspoken.map((alert) => `${patientName(options.names.get(alert.patientId))}, ${alertHeadline(alert)}`).join(" ; ");
        const n = unspoken.length;
        announce(options.locked?.() ? tlk("newCritical", { n }) : t("alerts.newCritical", { n, list }), "assertive");
        unspoken = [];
      },
      Math.max(0, spokenAt + announceMs - Date.now()),
    );
  }

  let feed: LiveFeed | undefined;
  let stopped = false;
  let arrivedSinceLost = 0;
  let retry: ReturnType<typeof setTimeout> | undefined;
  async function start(): Promise<void> {
    clearTimeout(retry);
    const [open, acked] = await Promise.all([listAll("open"), listAll("acked")]);
    if (stopped) return;
    const refused = !open.ok ? open.problem : !acked.ok ? acked.problem : undefined;
    if (!open.ok || !acked.ok) {
      setProblem(refused);
      if (refused?.status !== 401) retry = setTimeout(start, 3000);
      return;
    }
    setProblem(undefined);
    take([...open.value.items, ...acked.value.items], true);
    setLoaded(true);
    follow(Math.min(open.value.cursor, acked.value.cursor));
  }
  function follow(cursor: number): void {
    feed?.stop();
    feed = makeAlertFeed({
      cursor,
      onAlert: enqueue,
      onHeartbeat(beat) {
        learnServerTime(Date.parse(beat.at), true);
        setLastBeat(beat.receivedAt);
        setLink("live");
        if (beat.lostSince === undefined) return;
        // What was missed arrives before the first heartbeat; it must be counted in this very sentence.
        flush();
        const returned = { at: serverNow(), count: arrivedSinceLost };
        setLostSince(undefined);
        setBack(returned);
      },
      onLost(since) {
        arrivedSinceLost = 0;
        setBack(undefined);
        setLink("lost");
        setLostSince(since + serverNow() - Date.now());
      },
      onRefused() {
        setLink("refused");
        void call(meEndpoint);
      },
    });
  }

  const wake = () => {
    feed?.check();
    // The frame asked for before the page was hidden will not come.
    if (document.visibilityState === "hidden") flush();
  };
  const online = () => feed?.restart();
  document.addEventListener("visibilitychange", wake);
  addEventListener("pageshow", wake);
  addEventListener("online", online);
  const stopTicks = steadyTicks(() => feed?.check());
  onCleanup(() => {
    stopped = true;
    stopTicks();
    feed?.stop();
    clearTimeout(retry);
    clearTimeout(speaking);
    document.removeEventListener("visibilitychange", wake);
    removeEventListener("pageshow", wake);
    removeEventListener("online", online);
  });
  void start();

  type Notice = { text: string; tone: "good" | "notice" };
  /** One verb at a time; the answer is the alert as it now stands, whoever was first. */
  async function act(
    id: string,
    send: (params: { id: Alert["id"] }) => Promise<CallResult<Alert>>,
    words: (alert: Alert) => Notice | undefined,
  ): Promise<boolean> {
    if (busy()) return false;
    setBusy(id);
    const result = await send({ id: id as Alert["id"] });
    setBusy(undefined);
    if (!result.ok) {
      say(id, { text: problemText(result.problem), tone: "critical" });
      return false;
    }
    take([result.value], true);
    const notice = words(result.value);
    if (notice) say(id, notice);
    return true;
  }
  const timeOf = (instant: string | number) => time(instant, options.zone());
  function ackWords({ owner, ackedAt }: Alert): Notice | undefined {
    if (!owner) return undefined;
    const at = timeOf(ackedAt ?? serverNow());
    if (owner.accountId === options.accountId()) return { text: t("ack.done", { time: at }), tone: "good" };
    return { text: t("ack.other", { name: owner.name, time: at }), tone: "notice" };
  }
  function say(id: string, notice: Notice | { text: string; tone: "critical" }): void {
    setNotices(id, notice);
    announce(notice.text);
  }

  return {
    alerts,
    order,
    held,
    pinned,
    selected,
    link,
    lostSince,
    back,
    lastBeat,
    loaded,
    problem,
    notices,
    busy,
    /** The whole board; reactive. */
    board(): AlertBoard {
      version();
      return board;
    },
    resolvedSince: () => new Date(serverNow() - resolvedSpanMs).toISOString(),
    dismissBack: () => setBack(undefined),
    select: (id: string | undefined) => show(select(board, id)),
    move: (visible: readonly string[], by: number) => show(moveSelection(board, visible, by)),
    /** Somebody reads the list (focus, hover, scroll), or has stopped. */
    setReading(next: boolean): void {
      if (reading === next) return;
      reading = next;
      if (!next) {
        setPinned([]);
        show(settle(board));
      }
    },
    showNew(): void {
      setPinned([]);
      show(settle(board));
    },
    restart(): void {
      if (feed) feed.restart();
      else void start();
    },
    /** Takes in an alert read by another request, for example a link to a resolved one. */
    learn: (alert: Alert) => take([alert], true),
    say,
    ack: (id: string) => act(id, (params) => call(ackAlert, { params }), ackWords),
    async resolve(id: string): Promise<boolean> {
      const done = await act(
        id,
        (params) => call(resolveAlert, { params }),
        () => ({ text: t("alerts.resolvedDone", { time: timeOf(serverNow()) }), tone: "good" }),
      );
      if (done) show(dismiss(board, id));
      return done;
    },
    snooze: (id: string, minutes: number) =>
      act(
        id,
        (params) => call(snoozeAlert, { params, body: { minutes } }),
        ({ snoozedUntil }) => (snoozedUntil ? { text: t("snooze.done", { time: timeOf(snoozedUntil) }), tone: "good" } : undefined),
      ),
    /** Takes a snooze back: the alert calls again at once, here and everywhere. */
    endSnooze: (id: string) =>
      act(
        id,
        (params) => call(endSnooze, { params }),
        () => ({ text: t("snooze.ended"), tone: "good" }),
      ),
    assign: (id: string, to: DoctorId) =>
      act(
        id,
        (params) => call(assignAlert, { params, body: { to } }),
        ({ owner }) => (owner ? { text: t("alerts.assignedDone", { name: owner.name }), tone: "good" } : undefined),
      ),
    /** @param attempt the same for every try to send this text: it is written once */
    comment: (id: string, text: string, attempt: string) =>
      act(
        id,
        (params) => call(commentAlert, { params, body: { text }, idempotencyKey: attempt }),
        () => ({ text: t("alerts.commentDone"), tone: "good" }),
      ),
  };
}
export type Alerts = ReturnType<typeof createAlerts>;
