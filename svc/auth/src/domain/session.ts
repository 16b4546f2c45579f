import type { Membership, SessionEntry } from "@episante/contracts/session";

/** Longest life of a session, and how long it may lie idle. */
export const sessionLife = { absoluteMs: 12 * 3_600_000, idlePatientSeconds: 30 * 60, idleStaffSeconds: 15 * 60 } as const;

export interface SessionFacts {
  readonly secretHash: string;
  readonly accountId: string;
  readonly patientId: string | null;
  readonly demo: boolean;
  readonly memberships: readonly { clinicId: string; role: Membership["role"]; doctorId: string | null }[];
  readonly expiresAtMs: number;
}

/** What the gateway needs to know of a session. Members of a clinic sit at shared machines: their sessions idle out sooner. */
export function sessionEntryOf(facts: SessionFacts): SessionEntry {
  return {
    actor: {
      kind: "user",
      accountId: facts.accountId as SessionEntry["actor"]["accountId"],
      sessionHash: facts.secretHash,
      ...(facts.patientId ? { patientId: facts.patientId as `pat_${string}` } : {}),
      memberships: facts.memberships.map(membershipOf),
      demo: facts.demo,
    },
    expiresAtMs: facts.expiresAtMs,
    idleSeconds: facts.memberships.length > 0 ? sessionLife.idleStaffSeconds : sessionLife.idlePatientSeconds,
  };
}

function membershipOf(row: SessionFacts["memberships"][number]): Membership {
  return {
    clinicId: row.clinicId as Membership["clinicId"],
    role: row.role,
    ...(row.doctorId ? { doctorId: row.doctorId as `doc_${string}` } : {}),
  };
}
