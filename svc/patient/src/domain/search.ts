/** A name as it is compared: lower case, without accents; hyphens, apostrophes and the like read as spaces. */
export function foldName(name: string): string {
  return name
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** The words that must all begin a word of the name; at most six, the rest is not looked at. */
export function searchWords(query: string): string[] {
  return foldName(query).split(" ").filter(Boolean).slice(0, 6);
}

/** A date of birth in a query, day first or ISO (`3/4/1943`, `03041943`, `1943-04-03`), as `YYYY-MM-DD`; undefined when it is none. */
export function searchedDay(query: string): string | undefined {
  const text = query.trim();
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  const spoken = /^(\d{1,2})[\s/.-]+(\d{1,2})[\s/.-]+(\d{4})$/.exec(text) ?? /^(\d{2})(\d{2})(\d{4})$/.exec(text);
  const [year, month, day] = iso ? [iso[1], iso[2], iso[3]] : spoken ? [spoken[3], spoken[2], spoken[1]] : [];
  if (!year || !month || !day) return undefined;
  const asDay = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const at = Date.parse(`${asDay}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(asDay) ? asDay : undefined;
}

/** Digits of a phone number in a query, without country code or leading zero; undefined for fewer than six, or with letters. */
export function searchedPhone(query: string): string | undefined {
  const text = query.trim();
  if (!/^\+?[\d\s().-]+$/.test(text)) return undefined;
  const all = text.replace(/\D/g, "");
  // Of a whole number a leading zero is the way to dial it; of the last digits it is one of them.
  const digits = all.length >= 9 ? all.replace(/^0+/, "") : all;
  return digits.length >= 6 ? digits.slice(-9) : undefined;
}
