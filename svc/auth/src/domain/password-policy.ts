import { type Refusal, refuse } from "@episante/contracts/problem";
import { commonRuns, commonWords } from "./common-passwords.ts";

/** Fewest and most characters (Unicode code points). NIST SP 800-63B-4 asks 15 where the password is the only factor. */
export const passwordLength = { min: 15, max: 256 } as const;

export type PasswordWeakness = "too-short" | "too-long" | "too-uniform" | "common" | "personal";

const words = new Set<string>(commonWords);
const longestWord = Math.max(...commonWords.map((word) => word.length));
const runs = commonRuns.flatMap((run) => [run, [...run].reverse().join("")]);
const lookalikes: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
  "!": "i",
};

/**
 * Why a password is refused, or null. No composition rule and no truncation: length, and a list of what is guessed first.
 * @param personal e-mail and names of the person, which must not be the whole password
 */
export function findWeakness(password: string, personal: readonly string[]): PasswordWeakness | null {
  const characters = [...password];
  if (characters.length > passwordLength.max) return "too-long";
  if ([...password.trim()].length < passwordLength.min) return "too-short";
  if (new Set(characters.map((character) => character.toLowerCase())).size < 5) return "too-uniform";
  const lower = password.toLowerCase();
  if (isRun(lower.replace(/[^a-z0-9]/g, "")) || isRepetition(lower)) return "common";
  const variants = [fold(password, false), fold(password, true)];
  if (variants.some((variant) => isMadeOf(variant, words))) return "common";
  const own = new Set(personal.flatMap((value) => [value, ...value.split(/[@.\s+_-]/)]).map((value) => fold(value, false)));
  own.delete("");
  if (variants.some((variant) => isMadeOf(variant, new Set([...own, ...words])))) return "personal";
  return null;
}

/** `weak-password` with the reason as field error, or null. @param personal see findWeakness */
export function refuseWeak(password: string, personal: readonly string[]): Refusal | null {
  const weakness = findWeakness(password, personal);
  return weakness && refuse("weak-password", { errors: [{ path: "password", message: messages[weakness], code: weakness }] });
}

const messages: Readonly<Record<PasswordWeakness, string>> = {
  "too-short": `at least ${passwordLength.min} characters`,
  "too-long": `at most ${passwordLength.max} characters`,
  "too-uniform": "too few different characters",
  common: "made of common words, runs or repetitions",
  personal: "made of the own name or e-mail",
};

/** Lower case letters only, without accents; with `lookalike`, digits and signs that stand for letters are read as those. */
function fold(value: string, lookalike: boolean): string {
  const read = lookalike ? [...value].map((character) => lookalikes[character] ?? character).join("") : value;
  return read
    .normalize("NFD")
    .toLowerCase()
    .replace(/[^\p{L}]/gu, "");
}

/** True when the text is nothing but listed words in a row. An empty text (digits only) counts: digits alone add little. */
function isMadeOf(text: string, listed: ReadonlySet<string>): boolean {
  const longest = Math.max(longestWord, ...[...listed].map((word) => word.length));
  const reachable = new Array<boolean>(text.length + 1).fill(false);
  reachable[0] = true;
  for (let end = 1; end <= text.length; end++) {
    for (let length = 1; length <= Math.min(longest, end); length++) {
      if (reachable[end - length] && listed.has(text.slice(end - length, end))) {
        reachable[end] = true;
        break;
      }
    }
  }
  return reachable[text.length] === true;
}

/** True when four fifths of the text are one piece of a keyboard or counting run. */
function isRun(text: string): boolean {
  const piece = Math.max(8, Math.ceil(text.length * 0.8));
  if (text.length < piece) return false;
  for (let start = 0; start + piece <= text.length; start++) {
    const part = text.slice(start, start + piece);
    if (runs.some((run) => `${run}${run}`.includes(part))) return true;
  }
  return false;
}

/** True for a piece of at most 8 characters said again and again. */
function isRepetition(text: string): boolean {
  for (let length = 1; length <= Math.min(8, Math.floor(text.length / 2)); length++) {
    const piece = text.slice(0, length);
    if (text === piece.repeat(Math.ceil(text.length / length)).slice(0, text.length)) return true;
  }
  return false;
}
