/** Passwords that stand in manuals and examples, or are tried first by everybody. Lower case. */
const wellKnown = [
  "admin",
  "changeit",
  "changeme",
  "default",
  "episante",
  "example",
  "grafana",
  "minio123",
  "minioadmin",
  "nats",
  "password",
  "postgres",
  "root",
  "s3cr3t",
  "secret",
  "test",
];
/** Characters a secret needs at least: 96 bits as base64. */
const shortest = 16;

/**
 * Why a secret must not protect patients' data, or null when nothing speaks against it: too short, a word everybody knows
 * (also repeated or followed by digits), or hardly any different characters.
 */
export function weaknessOf(secret: string): string | null {
  if (secret.length < shortest) return `is too short (${secret.length} characters, at least ${shortest} are needed)`;
  const plain = secret.toLowerCase().replace(/[^a-z0-9]/g, "");
  const known = wellKnown.find((word) => new RegExp(`^(?:${word})+\\d*$`).test(plain) || plain.startsWith(`change${word}`));
  if (
    known ||
    /^(?:your|my|the|a|this|is|not|very|change|me|replace|with|please|before|use|in|production|long|super|strong|secret|password|example|key|random|\d)+$/.test(
      plain,
    )
  )
    return "is an example everybody knows";
  return new Set(secret).size < 6 ? "has hardly any different characters" : null;
}
