import type { ActionDeps } from "@episante/service/action";

/** What this service's actions need. */
export interface Deps extends ActionDeps {
  /** The mirror of links between relatives. Without it nobody acts for anybody else. */
  readonly proxies?: { fresh(): boolean };
}
