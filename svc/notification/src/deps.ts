import type { ActionDeps } from "@episante/service/action";
import type { CallInternal } from "@episante/service/call";
import type { EmailChannel } from "./channels/email.ts";

/** What this service's actions need. */
export interface Deps extends ActionDeps {
  readonly callInternal: CallInternal;
  readonly email: EmailChannel;
  /** Address of the product as people open it, without a slash at the end; links in mails begin with it. */
  readonly publicUrl: string;
  /** Whether captured mail may be shown: never in production. */
  readonly showsCaptured: boolean;
}
