import type { DoorName } from "@episante/device/link";

export interface Progress {
  readonly sent: number;
  readonly acked: number;
  readonly refused: number;
  /** Readings that were not kept, because too much waited. */
  readonly dropped: number;
}

/** Streams simulated readings until the signal is aborted; the first device desaturates a minute after the start and every ten. */
export async function streamSimulated(input: {
  url: string;
  door?: DoorName;
  /** The broker's address, for door `nats`. */
  nats?: string;
  tokens: readonly string[];
  rateHz: number;
  signal: AbortSignal;
  show: (news: Progress) => void;
}): Promise<Progress> {
  const { runSimulation } = await import("@episante/device/simulate");
  const { tokens, show, ...options } = input;
  const devices = tokens.map((token, index) => ({
    token,
    seed: index + 1,
    profile: index === 0 ? ("desaturating" as const) : ("stable" as const),
  }));
  return runSimulation({ ...options, devices, onProgress: show });
}
