import { type AlertId, formatId } from "@episante/contracts/ids";

const prime = (1n << 88n) + 0x13bn;
const offset = 0x6c62272e07bb014262b821756295c58dn;
const mask = (1n << 128n) - 1n;

/**
 * Id of an alert: its onset, then 80 bits of FNV-1a (128 bit) over patient, rule and onset, so that replaying the stream makes the same id.
 * @param onsetAt milliseconds since the epoch
 */
export function alertId(patientId: string, ruleId: string, onsetAt: number): AlertId {
  let hash = offset;
  for (const char of `${patientId}|${ruleId}|${onsetAt}`) hash = ((hash ^ BigInt(char.charCodeAt(0))) * prime) & mask;
  const bytes = Uint8Array.from({ length: 10 }, (_, index) => Number((hash >> BigInt(index * 8 + 24)) & 0xffn));
  return formatId("alr", onsetAt, bytes);
}
