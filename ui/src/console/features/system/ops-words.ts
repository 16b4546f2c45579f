import type { Attention, AttentionCode, Ops } from "@episante/contracts/ops";
import { number } from "../../../shared/lib/format.ts";
import { o, type opsFr } from "./ops-texts.ts";

/** A point to look at: what the gateway found, and what only this page can know. */
export interface Point {
  readonly code: AttentionCode | "dead-letters" | "insecure";
  readonly level: Attention["level"];
  readonly name?: string | undefined;
  readonly value?: number | undefined;
}

const order = { critical: 0, warning: 1, notice: 2 } as const;

/** Everything to look at, worst first. @param waiting dead letters not yet replayed */
export function pointsOf(ops: Ops | undefined, waiting: number, origin: Origin): Point[] {
  const own: Point[] = [
    ...(origin === "plain" ? [{ code: "insecure", level: "critical" } as const] : []),
    ...(waiting > 0 ? [{ code: "dead-letters", level: "warning", value: waiting } as const] : []),
  ];
  return [...own, ...(ops?.attention ?? [])].sort((a, b) => order[a.level] - order[b.level]);
}

type Key = keyof typeof opsFr;
/** A text whose key is put together from a closed list. */
const say = o as (key: Key, params?: Readonly<Record<string, string | number>>) => string;

/** What is wrong, in a sentence. */
export function pointText({ code, name = "", value = 0 }: Point): string {
  return say(`ops.at.${code}`, { name, n: value });
}

const processes = ["gateway", "patient", "doctor", "appointment", "auth", "notification", "ingest", "alert", "audit", "pipeline"] as const;

/** What people notice of it, when that is known, and what to do. */
export function pointAdvice({ code, name }: Point): string {
  const process = processes.find((known) => known === name);
  const effect = process && /^(process|database)-/.test(code) ? `${o(`ops.effect.${process}`)} ` : "";
  return `${effect}${o(`ops.do.${code}`)}`;
}

/** `44,9 Go` / `44.9 GB`: powers of 1,000, one decimal below 100. */
export function bytes(count: number): string {
  const power = Math.min(4, count < 1 ? 0 : Math.floor(Math.log10(count) / 3)) as 0 | 1 | 2 | 3 | 4;
  const value = count / 1000 ** power;
  return o(`ops.bytes.${power}`, { n: number(value, power === 0 || value >= 100 ? 0 : 1) });
}

export type Origin = "https" | "localhost" | "plain";

/** How this page was reached, as its address tells. */
export function originOf({ protocol, hostname }: Pick<Location, "protocol" | "hostname">): Origin {
  if (protocol === "https:") return "https";
  return hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "127.0.0.1" || hostname === "[::1]"
    ? "localhost"
    : "plain";
}
