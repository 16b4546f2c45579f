/** Most bytes of a file that the API takes. */
const largestFile = 2 * 1024 * 1024;

export type FileFault = "none" | "size" | "binary";
export type ReadFile =
  | {
      readonly text: string;
      /** Read in the character set of older Windows programs. */
      readonly isOld: boolean;
    }
  | { readonly fault: FileFault };

/** The text of a file: UTF-8, else as older spreadsheets on Windows write it. Bytes that are no text in either are a fault. */
export function readBytes(bytes: Uint8Array): ReadFile {
  if (bytes.length > largestFile) return { fault: "size" };
  if (bytes.includes(0)) return { fault: "binary" };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), isOld: false };
  } catch {
    const text = new TextDecoder("windows-1252").decode(bytes);
    return /[^\P{Cc}\t\n\r]/u.test(text) ? { fault: "binary" } : { text, isOld: true };
  }
}

/** A line of the text as it is, from 1. */
export function lineOf(lines: readonly string[], row: number): string {
  return lines[row - 1] ?? "";
}

/** The lines of a text, whatever they end with. */
export function linesOf(text: string): string[] {
  return text.split(/\r\n|\r|\n/);
}
