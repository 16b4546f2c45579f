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

/** How a field of a command goes to the database: as it is, or an ISO instant as milliseconds. */
export type ColumnKind = "text" | "number" | "instant";

/** The fields of a command by column, in the order in which the function of the database takes them. */
export type Columns<C> = Partial<Record<keyof C, ColumnKind>>;

/** Closes each value of a column of texts, and stands for null. No id and no JSON has them; a text with one does not fit (`fitsColumns`). */
const closing = "\u001e";
const nothing = "\u001f";
const envelopeTexts = ["actor", "key", "action", "input_hash", "answer", "patients", "clinics"] as const;
const messageTexts = ["id", "type", "subject", "payload"] as const;

/**
 * Commands by column, as a function of the database takes them that writes many at once: the contexts of all (patients, clinics), a column
 * for each of the envelope's texts, then up to which message each command's own reach, the messages' ids, types, subjects and payloads, and
 * a column for each field. A column of texts is one text, of which the database makes an array by `string_to_array`: arrays of text took it and
 * this process twice as long, text in JSON three times as long.
 */
export function columnsOf<C extends CommandEnvelope>(commands: readonly C[], fields: Columns<C>): string[] {
  const all = (name: "patients" | "clinics") =>
    [...new Set(commands.map((command) => command[name]).filter((ids) => ids !== ""))].join(",");
  const numbers = (of: (command: C) => unknown) => `{${commands.map(of).join(",")}}`;
  const column = (name: keyof C, kind: ColumnKind) => {
    if (kind === "text") return joined(commands, name);
    return numbers(kind === "number" ? (command) => command[name] : (command) => Date.parse(String(command[name])));
  };
  const messages = commands.flatMap((command) => command.messages);
  let count = 0;
  return [
    all("patients"),
    all("clinics"),
    ...envelopeTexts.map((name) => joined(commands, name)),
    numbers((command) => {
      count += command.messages.length;
      return count;
    }),
    ...messageTexts.map((name) => joined(messages, name)),
    ...Object.entries(fields).map(([name, kind]) => column(name as keyof C, kind as ColumnKind)),
  ];
}

function joined<T>(rows: readonly T[], name: keyof T): string {
  let all = "";
  for (const row of rows) all += `${row[name] ?? nothing}${closing}`;
  return all;
}

/** False for a command with a text that `columnsOf` cannot carry. */
export function fitsColumns<C extends CommandEnvelope>(command: C, fields: Columns<C>): boolean {
  const texts = (Object.keys(fields) as (keyof C)[]).filter((name) => fields[name] === "text");
  return (
    texts.every((name) => fits(command[name])) &&
    envelopeTexts.every((name) => fits(command[name])) &&
    command.messages.every((message) => messageTexts.every((name) => fits(message[name])))
  );
}

function fits(value: unknown): boolean {
  return typeof value !== "string" || !(value.includes(closing) || value.includes(nothing));
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
