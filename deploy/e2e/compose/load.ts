import { randomUUID } from "node:crypto";
import { type Appointment, appointmentSchema, book, listSlots } from "@episante/contracts/appointment";
import { type DeviceClient, openDevice } from "@episante/device/client";
import type { Caller } from "../src/calls.ts";

/** Codes after which the same request is worth another try. Anything else is an answer. */
const passing = new Set(["not-ready", "upstream-unreachable", "mirror-stale", "too-many-requests", "internal-error", undefined]);

/** A device that measures four times a second, and what the server promised to keep. */
export interface Stream {
  /** Value by instant of every reading sent. */
  readonly sent: ReadonlyMap<string, number>;
  readonly acked: ReadonlySet<string>;
  readonly refused: ReadonlySet<string>;
  /** Longest time between two acknowledgements so far, ms. */
  longestSilenceMs(): number;
  /** Starts measuring silence anew. */
  forget(): void;
  /** Stops measuring and waits for the last acknowledgement. @returns true when nothing waits */
  end(): Promise<boolean>;
}

/** Heart rate, LOINC 8867-4. */
export const heartRate = "8867-4";

export async function startStream({ url, token, ca }: { url: string; token: string; ca: string }): Promise<Stream> {
  const sent = new Map<string, number>();
  const acked = new Set<string>();
  const refused = new Set<string>();
  const silence = silenceMeter();
  const client: DeviceClient = await openDevice({
    url,
    token,
    ca,
    onSettled({ readings }, settlement) {
      silence.heard();
      const lost = settlement.kind === "refused" ? readings.map((_, index) => index) : settlement.refusedItems.map(({ index }) => index);
      readings.forEach(({ at }, index) => {
        (lost.includes(index) ? refused : acked).add(at);
      });
    },
  });
  const timer = setInterval(() => {
    const at = new Date(Date.now()).toISOString();
    if (sent.has(at)) return;
    const value = 60 + (sent.size % 40);
    sent.set(at, value);
    void client.send([{ code: heartRate, value, unit: "/min", at }]);
  }, 250);
  return {
    sent,
    acked,
    refused,
    longestSilenceMs: silence.longestMs,
    forget: silence.forget,
    async end() {
      clearInterval(timer);
      const all = await client.drained(60_000);
      await client.close();
      return all;
    },
  };
}

/** Longest time between two good signs. */
function silenceMeter() {
  let lastAtMs = performance.now();
  let longest = 0;
  return {
    heard() {
      longest = Math.max(longest, performance.now() - lastAtMs);
      lastAtMs = performance.now();
    },
    longestMs: () => Math.max(longest, performance.now() - lastAtMs),
    forget() {
      lastAtMs = performance.now();
      longest = 0;
    },
    lastAtMs: () => lastAtMs,
  };
}

/** A patient who books one visit after another; an unclear answer is asked again under the same key, as the patient app does. */
export interface Bookings {
  readonly made: readonly Appointment[];
  /** What went wrong for good: must stay empty. */
  readonly faults: readonly string[];
  longestSilenceMs(): number;
  forget(): void;
  end(): Promise<void>;
}

type Offer = { doctorId: `doc_${string}`; reasonId: `rea_${string}` };

export async function startBookings(patient: Caller, offer: Offer, everyMs: number): Promise<Bookings> {
  const day = (plus: number) => new Date(Date.now() + plus * 86_400_000).toISOString().slice(0, 10);
  const { items } = await patient.call(listSlots, { query: { ...offer, from: day(2), to: day(55) } });
  const made: Appointment[] = [];
  const faults: string[] = [];
  const silence = silenceMeter();
  let isOver = false;
  async function bookOne(start: string): Promise<void> {
    const key = randomUUID();
    for (const deadline = performance.now() + 90_000; ; ) {
      const answer = await patient.ask(book, { body: { ...offer, start }, headers: { "idempotency-key": key } }).catch(() => null);
      if (answer?.status === 201) {
        made.push(appointmentSchema.parse(answer.json));
        return silence.heard();
      }
      if (answer && !passing.has(answer.code)) return void faults.push(`${start}: ${answer.status} ${answer.code}`);
      if (performance.now() > deadline)
        return void faults.push(`${start}: no answer in time, at last ${answer?.status} ${answer?.text.slice(0, 200)}`);
      await Bun.sleep(300);
    }
  }
  const loop = (async () => {
    for (const { start } of items) {
      if (isOver) return;
      const next = performance.now() + everyMs;
      await bookOne(start);
      if (!isOver) await Bun.sleep(Math.max(0, next - performance.now()));
    }
    faults.push("no time is free any more");
  })();
  return {
    made,
    faults,
    longestSilenceMs: silence.longestMs,
    forget: silence.forget,
    async end() {
      isOver = true;
      await loop;
    },
  };
}

/** A request that is repeated, to see for how long it is not answered. */
export interface Probes {
  /** Waits until each path has answered after now. @throws Error naming those that have not */
  allAnswer(timeoutMs: number): Promise<void>;
  /** Longest time without a good answer since `forget`, ms, by path. */
  longestSilenceMs(): Record<string, number>;
  forget(): void;
  end(): Promise<void>;
}

/** @param paths what to ask: true when the answer was good */
export function startProbes(paths: Readonly<Record<string, () => Promise<boolean>>>, everyMs: number): Probes {
  let isOver = false;
  const probes = Object.entries(paths).map(([name, ask]) => {
    const silence = silenceMeter();
    let goodSince = 0;
    const loop = (async () => {
      while (!isOver) {
        const askedAtMs = performance.now();
        if (await ask().catch(() => false)) {
          silence.heard();
          goodSince = askedAtMs;
        }
        await Bun.sleep(Math.max(20, everyMs - (performance.now() - askedAtMs)));
      }
    })();
    return { name, silence, loop, goodSince: () => goodSince };
  });
  return {
    async allAnswer(timeoutMs) {
      const from = performance.now();
      const silent = () => probes.filter(({ goodSince }) => goodSince() < from).map(({ name }) => name);
      while (silent().length > 0) {
        if (performance.now() - from > timeoutMs) throw new Error(`not answered within ${timeoutMs} ms: ${silent().join(", ")}`);
        await Bun.sleep(50);
      }
    },
    longestSilenceMs: () => Object.fromEntries(probes.map(({ name, silence }) => [name, Math.round(silence.longestMs())])),
    forget() {
      for (const { silence } of probes) silence.forget();
    },
    async end() {
      isOver = true;
      await Promise.all(probes.map(({ loop }) => loop));
    },
  };
}
