/**
 * Decides whether the segments of a path, percent-decoded once, may be used at all. Services and the file server see only paths
 * that mean the same to everybody: no empty or dot segment, separator, parameter, control character or second encoding.
 */
export function isPlainPath(segments: readonly string[]): boolean {
  return segments.every((segment) => segment !== "" && segment !== "." && segment !== ".." && segment.length <= 1024 && !hasTrick(segment));
}

function hasTrick(segment: string): boolean {
  for (let index = 0; index < segment.length; index++) {
    const code = segment.charCodeAt(index);
    // Controls, DEL, the replacement character of a broken encoding, and / \ ; %
    if (code < 0x20 || code === 0x7f || code === 0xfffd || code === 0x2f || code === 0x5c || code === 0x3b || code === 0x25) return true;
  }
  return false;
}

/** Segments of a URL's path, decoded; a single trailing slash is ignored. Null when the encoding is broken. */
export function segmentsOf(pathname: string): string[] | null {
  const trimmed = pathname.length > 1 && pathname.endsWith("/") ? pathname.slice(1, -1) : pathname.slice(1);
  if (trimmed === "") return pathname === "/" ? [] : null;
  try {
    return trimmed.split("/").map(decodeURIComponent);
  } catch {
    return null;
  }
}
