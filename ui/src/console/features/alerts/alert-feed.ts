import { type Alert, alertFeed } from "@episante/contracts/alert";
import { type LiveFeed, type LiveFeedOptions, makeLiveFeed } from "../../../shared/lib/live-feed.ts";

/** `cursor`: the one of the list request, to start behind. */
export type AlertFeedOptions = Omit<LiveFeedOptions, "url" | "onEvent" | "cursor"> & {
  readonly cursor: number;
  readonly onAlert: (alert: Alert) => void;
};

/** Follows the alert feed for as long as it lives. A replay is recognised by the cursor of the alert. */
export function makeAlertFeed({ onAlert, ...options }: AlertFeedOptions): LiveFeed {
  return makeLiveFeed({
    ...options,
    url: alertFeed.path,
    onEvent: (event) => {
      if (event.type === "alert") onAlert(JSON.parse(event.data) as Alert);
    },
  });
}
