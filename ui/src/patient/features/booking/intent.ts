import type { hold } from "@episante/contracts/appointment";
import type { BodyInputOf } from "@episante/contracts/endpoint";

/** What the person chose: travels in the URL, so sign-in, reload and an expired hold lose nothing. */
export type Intent = BodyInputOf<typeof hold>;

type Query = Readonly<Record<string, string | string[] | undefined>>;
const one = (value: string | string[] | undefined): string => (Array.isArray(value) ? (value[0] ?? "") : (value ?? ""));

/** Reads an intent from a query string; undefined when a part is missing or is no id or instant. */
export function readIntent(query: Query): Intent | undefined {
  const doctorId = one(query.doctorId);
  const reasonId = one(query.reasonId);
  const start = one(query.start);
  const isId = (value: string, prefix: string) => new RegExp(`^${prefix}_[0-9a-f]{32}$`).test(value);
  if (!isId(doctorId, "doc") || !isId(reasonId, "rea") || Number.isNaN(Date.parse(start))) return undefined;
  return { doctorId: doctorId as Intent["doctorId"], reasonId: reasonId as Intent["reasonId"], start };
}

/** The query string of an intent, with `?`. */
export function intentQuery(intent: Intent): string {
  return `?${new URLSearchParams({ doctorId: intent.doctorId, reasonId: intent.reasonId, start: intent.start })}`;
}

/** Link back to the doctor's times, with the same reason and time chosen. */
export function timesLink(intent: Intent): string {
  return `/doctors/${intent.doctorId}?${new URLSearchParams({ reason: intent.reasonId, at: intent.start })}`;
}

/** The free times a `slot-taken` problem offers: at most three instants. */
export function alternativesOf(alternatives: unknown): string[] {
  if (!Array.isArray(alternatives)) return [];
  return alternatives
    .map((entry: unknown) => (typeof entry === "string" ? entry : (entry as { start?: unknown } | null)?.start))
    .filter((start): start is string => typeof start === "string" && !Number.isNaN(Date.parse(start)))
    .slice(0, 3);
}
