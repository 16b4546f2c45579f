import type { BoundRoute } from "@episante/service/endpoint";
import type { Deps } from "./deps.ts";
import { absenceRoutes } from "./routes/absences.ts";
import { appointmentRoutes } from "./routes/appointments.ts";
import { busyFeedRoutes } from "./routes/busy-feeds.ts";
import { cancelReasonRoutes } from "./routes/cancel-reasons.ts";
import { feedRoutes } from "./routes/feeds.ts";
import { holdRoutes } from "./routes/holds.ts";
import { resourceRoutes } from "./routes/resources.ts";
import { scheduleRoutes } from "./routes/schedules.ts";
import { seriesRoutes } from "./routes/series.ts";
import { slotRoutes } from "./routes/slots.ts";
import { transferRoutes } from "./routes/transfer.ts";
import { visitFeedRoute } from "./routes/visit-feed.ts";
import { visitLinkRoutes } from "./routes/visit-links.ts";
import { visitRoutes } from "./routes/visits.ts";
import { waitlistRoutes, wakingWaitlists } from "./routes/waitlist.ts";

/** Every route of the service; fixed paths before `/:id`. */
export function routes(deps: Deps): BoundRoute[] {
  return wakingWaitlists(deps, [
    ...slotRoutes(deps),
    ...holdRoutes(deps),
    ...scheduleRoutes(deps),
    ...absenceRoutes(deps),
    ...resourceRoutes(deps),
    ...seriesRoutes(deps),
    ...feedRoutes(deps),
    visitFeedRoute(deps),
    ...visitRoutes(deps),
    ...waitlistRoutes(deps),
    ...visitLinkRoutes(deps),
    ...busyFeedRoutes(deps),
    ...cancelReasonRoutes(deps),
    ...transferRoutes(deps),
    ...appointmentRoutes(deps),
  ]);
}
