import { type AuditRecord, auditRecordSchema } from "@episante/contracts/audit";
import type { Actor } from "@episante/contracts/session";
import { type Grant, patientsOf } from "./db.ts";
import { newId } from "./ids.ts";
import type { OutboxMessage } from "./outbox.ts";

/** What an action adds to its audit record. Ids only: never values, names or texts. */
export interface AuditNote {
  patientIds?: readonly string[];
  /** The patient for whom a relative acts, or tries to. */
  onBehalfOf?: string;
  clinicIds?: readonly string[];
  entity?: { type: string; id: string };
}

/** What an audit record is made of. */
export interface AuditFacts {
  service: string;
  code: string;
  outcome: AuditRecord["outcome"];
  reason?: string;
  actor: Actor;
  traceId?: string;
  notes: readonly AuditNote[];
  nowMs: number;
}

/** Whom and what an access that was granted is about. */
export function notesOf(granted: Grant): AuditNote[] {
  if (granted.kind === "patients") return [{ patientIds: patientsOf(granted) }];
  return granted.kind === "clinics" ? [{ clinicIds: granted.ids }] : [];
}

/** The records of an access that took place. Patients who are seen for a reason stand in one of their own, which names the reason. */
export function accessMessages(facts: Omit<AuditFacts, "outcome" | "reason">, granted: Grant): OutboxMessage[] {
  const ok = { ...facts, outcome: "ok" as const };
  if (granted.kind !== "patients" || !granted.inClinic) return [auditMessage({ ...ok, notes: [...facts.notes, ...notesOf(granted)] })];
  const { ids, inClinic } = granted;
  const { pairs, reason } = inClinic;
  const seen = { patientIds: pairs.map(({ patientId }) => patientId), clinicIds: pairs.map(({ clinicId }) => clinicId) };
  const ordinary = ids.length > 0 ? [auditMessage({ ...ok, notes: [...facts.notes, { patientIds: ids }] })] : [];
  return [...ordinary, auditMessage({ ...ok, reason, notes: ids.length > 0 ? [seen] : [...facts.notes, seen] })];
}

/** An audit record as a message, for the outbox of the transaction it tells of: no audit, no answer. */
export function auditMessage(record: AuditFacts): OutboxMessage {
  const id = newId("aud", record.nowMs);
  const onBehalfOf = record.notes.findLast((note) => note.onBehalfOf)?.onBehalfOf;
  const patientIds = [
    ...new Set(record.notes.flatMap((note) => [...(note.patientIds ?? []), ...(note.onBehalfOf ? [note.onBehalfOf] : [])])),
  ];
  const clinicIds = [...new Set(record.notes.flatMap((note) => note.clinicIds ?? []))];
  const entity = record.notes.findLast((note) => note.entity)?.entity;
  const full = auditRecordSchema.parse({
    id,
    at: new Date(record.nowMs).toISOString(),
    service: record.service,
    code: record.code,
    outcome: record.outcome,
    actor: { ...actorOfAudit(record.actor), ...(onBehalfOf ? actingPatient(record.actor) : {}) },
    patientIds,
    ...(onBehalfOf ? { onBehalfOf } : {}),
    ...(record.reason ? { reason: record.reason } : {}),
    ...(clinicIds.length > 0 ? { clinicIds } : {}),
    ...(entity ? { entity } : {}),
    ...(record.traceId ? { traceId: record.traceId } : {}),
  });
  return { id, type: "audit", subject: `audit.${record.service}`, payload: JSON.stringify(full) };
}

function actingPatient(actor: Actor): { patientId?: string } {
  return actor.kind === "user" && actor.patientId ? { patientId: actor.patientId } : {};
}

function actorOfAudit(actor: Actor): AuditRecord["actor"] {
  switch (actor.kind) {
    case "user":
      return { kind: "user", accountId: actor.accountId, sessionHash: actor.sessionHash.slice(0, 16) };
    case "device":
      return { kind: "device", deviceId: actor.deviceId };
    case "service":
      return { kind: "service", service: actor.service };
    case "system":
      return { kind: "system", job: actor.job };
    case "anonymous":
      return { kind: "anonymous" };
  }
}
