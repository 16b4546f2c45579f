import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { type ActionDeps, type ActionMeta, actorKey, auditRefusal, findAnswer, inputHashOf, patientsNamedIn } from "./action.ts";
import { type AuditNote, auditMessage } from "./audit.ts";
import type { Grant } from "./db.ts";
import { makeGroups } from "./groups.ts";
import { type Emit, emitterInto, type OutboxMessage } from "./outbox.ts";
import { inSpan } from "./trace.ts";

/** What the platform adds to a command, and what the database function that writes it must honour. */
export interface CommandEnvelope {
  readonly actor: string;
  readonly key: string;
  readonly action: string;
  readonly input_hash: string;
  /** Stored under the key; a repeat gets it back. */
  readonly answer: string;
  /** Row-level-security context under which this command runs, and no other: ids separated by commas. */
  readonly patients: string;
  readonly clinics: string;
  /** Audit record and events, for the outbox. */
  readonly messages: readonly OutboxMessage[];
}

/**
 * Commands by column, as a function of the database takes them that writes many at once: the contexts of all (patients, clinics), an array
 * for each of the envelope's texts, then up to which message each command's own reach, the messages' ids, types, subjects and payloads, and
 * an array for each field. Text in JSON took the database three times as long to read.
 */
export function columnsOf<C extends CommandEnvelope>(commands: readonly C[], fields: readonly (keyof C)[]) {
  const all = (name: "patients" | "clinics") =>
    [...new Set(commands.map((command) => command[name]).filter((ids) => ids !== ""))].join(",");
  const column = (name: keyof C) => commands.map((command) => command[name] as string | number | null);
  const messages = commands.flatMap((command) => command.messages);
  let count = 0;
  return [
    all("patients"),
    all("clinics"),
    ...(["actor", "key", "action", "input_hash", "answer", "patients", "clinics"] as const).map(column),
    commands.map((command) => {
      count += command.messages.length;
      return count;
    }),
    ...(["id", "type", "subject", "payload"] as const).map((name) => messages.map((message) => message[name])),
    ...fields.map(column),
  ];
}

/** What the database said of one command. `replayed`: the key was used for the same input, here is its answer. */
export interface GroupOutcome<L extends string> {
  readonly outcome: "written" | "replayed" | "mismatch" | "stale" | L;
  /** Only of `replayed`. */
  readonly answer?: string;
}

interface JudgeContext<D, I> {
  readonly actor: Actor;
  readonly input: I;
  readonly deps: D;
  readonly now: number;
  /** True when facts must be read anew: the last judgement was a refusal, or its facts had changed when it came to be written. */
  readonly isRepeat: boolean;
  /** Adds to the audit record, of a refusal too. */
  readonly audit: (note: AuditNote) => void;
}

/** A request that was allowed and judged: everything that is written, as plain data. */
export interface Judged<R, C> {
  readonly command: C;
  readonly answer: R;
  readonly note: AuditNote;
  readonly emit: (emit: Emit) => Promise<void>;
}

/** The parts of a verb whose requests are written in groups. */
export interface GroupedActionDefinition<D extends ActionDeps, I, R, C, L extends string> {
  readonly name: string;
  /** As an action's `access`. Facts may come from memory as far as `write` notices that they changed (`stale`). */
  readonly access: (context: JudgeContext<D, I>) => Promise<Grant | Refusal>;
  /** Decides everything that does not depend on other requests. */
  readonly judge: (context: JudgeContext<D, I> & { readonly grant: Grant }) => Promise<Judged<R, C> | Refusal>;
  /** Writes commands, each under its own context. Must not write a command twice: the key tells. */
  readonly write: (deps: D, commands: readonly (C & CommandEnvelope)[]) => Promise<readonly GroupOutcome<L>[]>;
  /** Whose locks a command takes (`GroupsOptions`). */
  readonly ownerOf?: (command: C) => string;
  /** The refusal of a request that lost to another one. */
  readonly lost: (context: JudgeContext<D, I> & { readonly grant: Grant; readonly outcome: L }) => Promise<Refusal>;
}

const mostJudgements = 5;

/**
 * Builds a verb for one process: access and judgement as plain reads, then one write for all requests that have gathered meanwhile.
 * Otherwise as `defineAction`: default-deny, row-level security, audit record and events in the transaction, one effect per
 * idempotency key (which every request must have), an audit record of its own for a refusal.
 */
export function groupedAction<D extends ActionDeps, I, R, C, L extends string>(
  definition: GroupedActionDefinition<D, I, R, C, L>,
  deps: D,
): (actor: Actor, input: I, meta: ActionMeta) => Promise<R | Refusal> {
  const { name } = definition;
  const groups = makeGroups<C & CommandEnvelope, GroupOutcome<L>>({
    write: (commands) => definition.write(deps, commands),
    ...(definition.ownerOf ? { ownerOf: definition.ownerOf } : {}),
    onWritten: () => deps.outbox.wake(),
  });

  async function perform(actor: Actor, input: I, meta: ActionMeta): Promise<R | Refusal> {
    const key = meta.idempotencyKey;
    if (key === undefined) return refuse("idempotency-key-required");
    const inputHash = inputHashOf(name, input);
    for (let count = 1; count <= mostJudgements; count++) {
      const notes: AuditNote[] = [{ patientIds: patientsNamedIn(input) }];
      const audit = (note: AuditNote) => void notes.push(note);
      const context = { actor, input, deps, now: deps.clock.now(), isRepeat: count > 1, audit };
      const refused = async (refusal: Refusal, outcome: "denied" | "refused") => {
        if (actor.kind !== "anonymous") await auditRefusal(name, deps, actor, meta, { refusal, outcome, notes });
        return refusal;
      };
      const grant = await definition.access(context);
      // A refusal is given on fresh facts only: nobody else would notice that those in memory are old.
      if (isRefusal(grant)) {
        if (!context.isRepeat) continue;
        return refused(grant, "denied");
      }
      if (grant.kind === "patients") notes.push({ patientIds: grant.ids });
      if (grant.kind === "clinics") notes.push({ clinicIds: grant.ids });
      const judged = await definition.judge({ ...context, grant });
      if (isRefusal(judged)) {
        if (!context.isRepeat) continue;
        // What was carried out once is not judged again.
        const stored = await findAnswer(deps.db, actorKey(actor), key, inputHash);
        if (stored && !isRefusal(stored)) return stored.answer as R;
        return refused(stored ?? judged, "refused");
      }
      notes.push(judged.note);
      const messages: OutboxMessage[] = [];
      await judged.emit(emitterInto((message) => void messages.push(message), actor, deps.clock, meta.traceparent));
      const { traceId } = meta;
      messages.push(auditMessage({ service: deps.service, code: name, outcome: "ok", actor, traceId, notes, nowMs: context.now }));
      const result = await groups.submit({
        ...judged.command,
        actor: actorKey(actor),
        key,
        action: name,
        input_hash: inputHash,
        answer: JSON.stringify(judged.answer),
        patients: grant.kind === "patients" ? grant.ids.join(",") : "",
        clinics: grant.kind === "clinics" ? grant.ids.join(",") : "",
        messages,
      });
      switch (result.outcome) {
        case "written":
          return judged.answer;
        case "replayed":
          return JSON.parse(result.answer ?? "") as R;
        case "mismatch":
          return refused(refuse("idempotency-mismatch"), "refused");
        case "stale":
          continue;
        default:
          return refused(await definition.lost({ ...context, grant, outcome: result.outcome as L }), "refused");
      }
    }
    return refuse("not-ready");
  }

  return (actor, input, meta) =>
    inSpan({ name: `action ${name}`, parent: meta.traceparent }, async (span) => {
      const result = await perform(actor, input, span.traceparent ? { ...meta, traceparent: span.traceparent } : meta);
      const outcome = isRefusal(result) ? result.refused : "ok";
      deps.metrics.actions.inc({ action: name, outcome });
      span.set({ "episante.outcome": outcome });
      return result;
    });
}
