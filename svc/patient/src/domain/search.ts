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
