import type { Reason } from "@episante/contracts/doctor";

/** One visit reason that one or more doctors offer under the same words and length. */
export interface ReasonChoice {
  readonly key: string;
  readonly name: Reason["name"];
  readonly minutes: number;
  readonly offers: readonly { readonly doctorId: string; readonly reasonId: string }[];
}

/** Reasons of several doctors as one list, in the order of the first doctor who has them. */
export function reasonChoices(of: readonly { readonly doctorId: string; readonly reasons: readonly Reason[] }[]): ReasonChoice[] {
  const choices = new Map<string, ReasonChoice>();
  for (const { doctorId, reasons } of of) {
    for (const { id, name, minutes } of reasons) {
      const key = `${name.fr}|${name.en}|${minutes}`;
      const known = choices.get(key);
      choices.set(key, { key, name, minutes, offers: [...(known?.offers ?? []), { doctorId, reasonId: id }] });
    }
  }
  return [...choices.values()];
}

/**
 * A date of birth as people say it on the phone: day, month, year, with any sign between or none (`3/4/1943`, `03 04 1943`, `03041943`), or ISO.
 * @returns `YYYY-MM-DD`, or undefined for what is no day in the past
 */
export function parseBirth(text: string, today: string): string | undefined {
  const trimmed = text.trim();
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(trimmed);
  const spoken = /^(\d{1,2})[\s/.-]+(\d{1,2})[\s/.-]+(\d{4})$/.exec(trimmed) ?? /^(\d{2})(\d{2})(\d{4})$/.exec(trimmed);
  const [year, month, day] = iso ? [iso[1], iso[2], iso[3]] : spoken ? [spoken[3], spoken[2], spoken[1]] : [];
  if (!year || !month || !day) return undefined;
  const asDay = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const at = Date.parse(`${asDay}T00:00:00Z`);
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== asDay) return undefined;
  return asDay <= today && asDay >= "1900-01-01" ? asDay : undefined;
}
