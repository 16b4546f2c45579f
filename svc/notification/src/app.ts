import type { BoundRoute } from "@episante/service/endpoint";
import type { Deps } from "./deps.ts";
import { inboxRoutes } from "./routes/inbox.ts";
import { messageRoutes } from "./routes/messages.ts";

/** Every route of the service. */
export function routes(deps: Deps): BoundRoute[] {
  return [...inboxRoutes(deps), ...messageRoutes(deps)];
}
