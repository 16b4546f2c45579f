import type { ActionDeps } from "@episante/service/action";
import type { CallInternal } from "@episante/service/call";
import type { LinkKey } from "./domain/visit-link.ts";

/** What this service's actions need. */
export interface Deps extends ActionDeps {
  /** The mirror of links between relatives. Without it nobody acts for anybody else. */
  readonly proxies?: { fresh(): boolean };
  /** Signs what stands in links of mails. Without it there are none. */
  readonly linkKey?: LinkKey;
  /** Whether calendars may be read from this machine, for tests: never in production. */
  readonly allowsLocalCalendars?: boolean;
  /** Asks the directory for names. Without it no private calendar tells details. */
  readonly callInternal?: CallInternal;
}
