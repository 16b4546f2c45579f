/**
 * French spacing from one place: no-break space before « : », inside « » and after n°, narrow no-break space before `? ! ; %`.
 * Dictionaries are written with ordinary spaces.
 */
export function frenchSpacing(text: string): string {
  return text
    .replace(/([Nn]°) /g, "$1\u00a0")
    .replace(/ :/g, "\u00a0:")
    .replace(/« /g, "«\u00a0")
    .replace(/ »/g, "\u00a0»")
    .replace(/ ([?!;%])/g, "\u202f$1");
}
