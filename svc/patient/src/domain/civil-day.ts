/** A calendar day (`YYYY-MM-DD`) some days later. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** Birthday some years later; of a 29 February in a common year the 1 March. */
export function birthdayAfter(birthDate: string, years: number): string {
  const [year, month, day] = birthDate.split("-").map(Number);
  return new Date(Date.UTC((year ?? 0) + years, (month ?? 1) - 1, day ?? 1)).toISOString().slice(0, 10);
}

/** Calendar day an instant falls on in a zone. */
export function dayAt(zone: string, instantMs: number): string {
  return wallAt(zone, instantMs).slice(0, 10);
}

/** First instant of a day in a zone, milliseconds: also where the clock skips midnight or shows it twice. */
export function startOfDay(zone: string, day: string): number {
  // Offsets lie between -12 h and +14 h and change by whole quarters of an hour.
  const earliest = Date.parse(`${day}T00:00:00Z`) - 14 * 3_600_000;
  let [low, high] = [0, (28 * 3_600_000) / 900_000];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (dayAt(zone, earliest + middle * 900_000) >= day) high = middle;
    else low = middle + 1;
  }
  return earliest + low * 900_000;
}

function wallAt(zone: string, instantMs: number): string {
  const parts = new Intl.DateTimeFormat("en", {
    timeZone: zone,
    calendar: "iso8601",
    numberingSystem: "latn",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  }).formatToParts(instantMs);
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
  return `${of("year").padStart(4, "0")}-${of("month")}-${of("day")}`;
}
