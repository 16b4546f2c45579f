import { lookup } from "node:dns/promises";
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { Worker } from "node:worker_threads";
import type { BusyFeedFault } from "@episante/contracts/busy-feed";
import type { Unreadable } from "./busy-times.ts";
import { calendarUrl, isPublicAddress } from "./domain/busy-feed.ts";
import type { Interval } from "./domain/calendar.ts";

/** Limits of one reading. Times are real time. */
const [mostBytes, mostMs, mostRedirects, mostThinkingMs] = [2 * 1024 * 1024, 10_000, 3, 5_000];

/** What a calendar answered: its text with what recognises it next time, or that nothing changed. */
export type Fetched = { readonly text: string; readonly etag: string | null; readonly lastModified: string | null } | "unchanged";
export interface Known {
  readonly etag?: string | null;
  readonly lastModified?: string | null;
}

class Fault extends Error {
  constructor(readonly code: BusyFeedFault) {
    super(code);
  }
}

/**
 * Fetches a calendar from the public internet: https, an address that is nobody's own network, at most 3 redirects (each looked at anew), 10 s,
 * 2 MiB. The address that was looked at is the one that is asked: no second answer of the name server counts.
 * @param allowsLocal also http and this machine, for tests @returns the answer, or what is wrong
 */
export async function fetchCalendar(url: string, known: Known, allowsLocal = false): Promise<Fetched | BusyFeedFault> {
  const stop = AbortSignal.timeout(mostMs);
  try {
    let next = url;
    for (let hops = 0; hops <= mostRedirects; hops++) {
      const target = calendarUrl(next, allowsLocal);
      if (!target) return "not-allowed";
      const answer = await ask(target, known, await addressOf(target, allowsLocal), stop);
      const { statusCode: status = 0, headers } = answer;
      if (status === 304) {
        answer.destroy();
        return "unchanged";
      }
      if ([301, 302, 303, 307, 308].includes(status) && headers.location) {
        answer.destroy();
        next = URL.parse(headers.location, target.href)?.href ?? "";
        continue;
      }
      if (status !== 200) {
        answer.destroy();
        return "refused";
      }
      return { text: await textOf(answer), etag: headers.etag ?? null, lastModified: headers["last-modified"] ?? null };
    }
    return "too-many-redirects";
  } catch (error) {
    if (error instanceof Fault) return error.code;
    return stop.aborted ? "too-slow" : "not-reachable";
  }
}

/** The one address that is asked. Every address of the name must be allowed: which one is used is not the host's choice. */
async function addressOf({ hostname }: URL, allowsLocal: boolean): Promise<string> {
  const host = hostname.replace(/^\[|\]$/g, "");
  const found = await lookup(host, { all: true }).catch(() => []);
  const [first] = found;
  if (!first) throw new Fault("no-such-host");
  const isLocal = (address: string) => address === "::1" || address.startsWith("127.");
  if (!found.every(({ address }) => isPublicAddress(address) || (allowsLocal && isLocal(address)))) throw new Fault("not-allowed");
  return first.address;
}

function ask(url: URL, known: Known, address: string, signal: AbortSignal): Promise<IncomingMessage> {
  const headers = {
    accept: "text/calendar, text/plain;q=0.5",
    "accept-encoding": "identity",
    "user-agent": "EpiSante",
    ...(known.etag ? { "if-none-match": known.etag } : {}),
    ...(known.lastModified ? { "if-modified-since": known.lastModified } : {}),
  };
  const pinned: LookupFunction = (_, options, done) => {
    const family = isIP(address);
    if (options.all) done(null, [{ address, family }]);
    else done(null, address, family);
  };
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const sent: ClientRequest = send(url.href, { headers, lookup: pinned, signal, agent: false }, resolve);
    sent.on("error", reject);
    sent.end();
  });
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > mostBytes) {
      answer.destroy();
      throw new Fault("too-large");
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

/**
 * Works a calendar's busy times out beside the service: its rules may be written so that this never ends, and bookings must not wait.
 * @returns the times, or what is wrong; `too-much` also after 5 s
 */
export function readBusyTimes(text: string, zone: string, period: Interval): Promise<Interval[] | Unreadable> {
  const worker = new Worker(new URL("./busy-times-worker.ts", import.meta.url));
  const told = new Promise<Interval[] | Unreadable>((resolve, reject) => {
    const tooLong = setTimeout(() => resolve("too-much"), mostThinkingMs);
    worker.once("message", (times: Interval[] | Unreadable) => {
      clearTimeout(tooLong);
      resolve(times);
    });
    worker.once("error", (error) => {
      clearTimeout(tooLong);
      reject(error);
    });
  });
  worker.postMessage({ text, zone, period });
  return told.finally(() => worker.terminate());
}
