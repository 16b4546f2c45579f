import { type Refusal, refuse } from "@episante/contracts/problem";

/** How long an invitation may be handed over and used. */
export const invitationLifeMs = 72 * 3_600_000;

export interface InvitationState {
  readonly usedAtMs: number | null;
  readonly expiresAtMs: number;
  readonly membershipStatus: "invited" | "active" | "ended";
  /** The account already has a password: an invitation must never replace it. */
  readonly hasPassword: boolean;
}

/** Why an invitation cannot be accepted, or null. An unknown secret reads as an expired one. @param nowMs business time */
export function refuseInvitation(state: InvitationState | null, nowMs: number): Refusal | null {
  if (!state) return refuse("code-expired");
  if (state.usedAtMs !== null || state.hasPassword || state.membershipStatus === "active") return refuse("code-used");
  if (state.expiresAtMs <= nowMs || state.membershipStatus === "ended") return refuse("code-expired");
  return null;
}
