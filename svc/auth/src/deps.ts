import type { SessionEntry } from "@episante/contracts/session";
import type { ActionDeps } from "@episante/service/action";
import type { Gate } from "./gate.ts";

/** Password hashing (argon2id); the runtime's implementation is given by `main.ts`. */
export interface Passwords {
  hash(password: string): Promise<string>;
  verify(password: string, hash: string): Promise<boolean>;
}

/** A session's entry in the gateway's bucket with the revision it was read at; `entry` null after a deletion. */
export interface StoredEntry {
  readonly entry: SessionEntry | null;
  readonly revision: number;
}

/** The KV bucket `sessions`, by hash of the session's secret. */
export interface SessionBucket {
  find(secretHash: string): Promise<StoredEntry | null>;
  /** Writes (or with null deletes) unless the key changed since `revision`; false when it did. No revision: the key must be new. */
  replace(secretHash: string, entry: SessionEntry | null, revision: number | undefined): Promise<boolean>;
  /** Hashes of every entry there is. */
  list(): Promise<string[]>;
}

/** What the actions of this service need. */
export interface AuthDeps extends ActionDeps {
  readonly passwords: Passwords;
  /** Bounds how many passwords are hashed at once. */
  readonly hashing: Gate;
  /** Hash of a password nobody has: verified for unknown e-mails, so that they take as long as known ones. */
  readonly decoyHash: string;
  readonly bucket: SessionBucket;
  /** Public keys of all processes. */
  readonly jwks: { readonly keys: Record<string, unknown>[] };
  /** Demo and test-clock installations: their accounts are marked and need no second factor; elsewhere such accounts cannot sign in. */
  readonly demo: boolean;
  /** Real time in ms, for sessions and limits: never the test clock. */
  readonly realNow: () => number;
}
