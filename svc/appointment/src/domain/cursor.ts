/** Place in a list of visits: behind the visit with this start and id. */
export interface Place {
  readonly startMs: number;
  readonly id: string;
}

/** A place as an opaque cursor. */
export function encodeCursor(start: string, id: string): string {
  return `${start}~${id}`;
}

/** The place of a cursor, or null for anything that is not one. */
export function decodeCursor(cursor: string): Place | null {
  const [start = "", id = ""] = cursor.split("~");
  const startMs = Date.parse(start);
  return Number.isFinite(startMs) && /^apt_[0-9a-f]{32}$/.test(id) ? { startMs, id } : null;
}
