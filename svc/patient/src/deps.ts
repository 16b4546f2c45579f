import type { accountProfile } from "@episante/contracts/auth";
import type { AnswerOf } from "@episante/contracts/endpoint";
import type { Refusal } from "@episante/contracts/problem";
import type { ActionDeps } from "@episante/service/action";

export type AccountProfile = AnswerOf<typeof accountProfile>;

/** What the actions of this service need. */
export interface PatientDeps extends ActionDeps {
  /** The profile given at registration, from svc/auth. */
  readonly fetchAccount: (accountId: AccountProfile["accountId"]) => Promise<AccountProfile | Refusal>;
}
