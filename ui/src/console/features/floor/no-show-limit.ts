/** A typed number of missed visits; undefined unless it is a whole number from 1 to 20. */
export function limitOf(text: string): number | undefined {
  const limit = /^\d{1,2}$/.test(text.trim()) ? Number(text.trim()) : 0;
  return limit >= 1 && limit <= 20 ? limit : undefined;
}
