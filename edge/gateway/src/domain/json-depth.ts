/** Deepest nesting of a body the product accepts. */
export const maxJsonDepth = 32;

/**
 * Follows the nesting of JSON bytes as they arrive, so that a hostile body is refused before anything parses it.
 * It does not check the syntax: brackets inside strings are skipped, everything else is left to the parser.
 */
export function jsonDepthMeter(limit = maxJsonDepth): { add(chunk: Uint8Array): boolean } {
  let depth = 0;
  let inString = false;
  let escaped = false;
  return {
    /** False once the limit was passed. */
    add(chunk) {
      // By index: iterating bytes costs more than parsing them.
      for (let index = 0; index < chunk.length; index++) {
        const byte = chunk[index];
        if (inString) {
          if (escaped) escaped = false;
          else if (byte === 0x5c) escaped = true;
          else if (byte === 0x22) inString = false;
        } else if (byte === 0x22) inString = true;
        else if (byte === 0x7b || byte === 0x5b) {
          depth += 1;
          if (depth > limit) return false;
        } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
      }
      return true;
    },
  };
}

/** The same for JSON that is there as text, without making bytes of it. */
export function isTooDeep(text: string, limit = maxJsonDepth): boolean {
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x22) index = endOfString(text, index + 1);
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > limit) return true;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return false;
}

/** Where the string that began before `from` ends: its closing quote, or the end of the text. */
function endOfString(text: string, from: number): number {
  let index = from;
  for (; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x22) return index;
    if (code === 0x5c) index += 1;
  }
  return index;
}
