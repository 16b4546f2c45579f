/**
 * French spacing from one place: no-break space before « : » and inside « », narrow no-break space before `? ! ; %`.
 * Dictionaries are written with ordinary spaces.
 */
export function frenchSpacing(text: string): string {
  return text
    .replace(/ :/g, "\u00a0:")
    .replace(/« /g, "«\u00a0")
    .replace(/ »/g, "\u00a0»")
    .replace(/ ([?!;%])/g, "\u202f$1");
}
