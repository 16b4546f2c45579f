/** Reads a display preference kept in this browser. Never patient data. Null when absent or when storage is refused. */
export function readStored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Keeps a display preference in this browser; silently nothing where storage is refused. */
export function writeStored(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // The preference then lasts until the page is closed.
  }
}
