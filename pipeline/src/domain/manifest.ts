import { z } from "zod";

/** What a stage made of one part (a day or a week): its inputs and SQL by content hash, its outputs by hash and rows. */
export const manifestSchema = z.object({
  v: z.literal(1),
  stage: z.enum(["silver", "gold"]),
  part: z.string(),
  /** Object key → SHA-256 of its bytes, hex. */
  inputs: z.record(z.string(), z.string()),
  /** SQL file → SHA-256 of its text, hex. */
  sql: z.record(z.string(), z.string()),
  /** Object key → SHA-256 and rows. */
  outputs: z.record(z.string(), z.object({ sha256: z.string(), rows: z.number().int() })),
  rowsIn: z.number().int(),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** A manifest as text: sorted keys, so that equal facts are equal bytes. */
export function writeManifest(manifest: Manifest): string {
  const sorted = <T>(record: Record<string, T>) =>
    Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  return `${JSON.stringify({ ...manifest, inputs: sorted(manifest.inputs), sql: sorted(manifest.sql), outputs: sorted(manifest.outputs) }, null, 1)}\n`;
}

/** Parses a manifest; null for anything unreadable, which only means the part is built again. */
export function readManifest(text: string): Manifest | null {
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** True when a part need not be built: the same inputs and SQL made it. Its outputs must still be compared. */
export function isCurrent(manifest: Manifest, inputs: Record<string, string>, sql: Record<string, string>): boolean {
  return sameRecord(manifest.inputs, inputs) && sameRecord(manifest.sql, sql);
}

function sameRecord(a: Record<string, string>, b: Record<string, string>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
