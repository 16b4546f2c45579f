/** What a link in a mail is bound to. It is good until the visit begins; a move binds new links to the new start. */
export interface VisitLink {
  readonly appointmentId: string;
  readonly patientId: string;
  readonly startMs: number;
}
/** Makes and checks the signature of a text. Keys and their algorithm stay outside. */
export interface LinkKey {
  sign(text: string): string;
  verify(text: string, signature: string): boolean;
}

/** Says what the signature is for, so that nothing else signed with the key is a link. */
const purpose = "1";
const form = /^1([0-9a-f]{32})([0-9a-f]{32})([0-9a-z]{1,12})\.([\w-]{43})$/;

/** The link's text, for an address. Always the same for the same visit at the same time: a mail that is written again carries the same. */
export function writeLink(key: LinkKey, { appointmentId, patientId, startMs }: VisitLink): string {
  const text = `${purpose}${appointmentId.slice(4)}${patientId.slice(4)}${startMs.toString(36)}`;
  return `${text}.${key.sign(text)}`;
}

/** What a text is bound to, or null when it is no link, not ours, or its visit has begun. */
export function readLink(key: LinkKey, signed: string, nowMs: number): VisitLink | null {
  const [, appointment, patient, start = "", signature = ""] = form.exec(signed) ?? [];
  if (appointment === undefined || !key.verify(signed.slice(0, -signature.length - 1), signature)) return null;
  const startMs = Number.parseInt(start, 36);
  return startMs > nowMs ? { appointmentId: `apt_${appointment}`, patientId: `pat_${patient}`, startMs } : null;
}
