import {
  acceptOffer as acceptEndpoint,
  declineOffer as declineEndpoint,
  getWaitlistSettings,
  joinWaitlist as joinEndpoint,
  leaveWaitlist as leaveEndpoint,
  listWaitlist,
  offerForMessage,
  putWaitlistSettings,
} from "@episante/contracts/waitlist";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { acceptOffer, declineOffer, showOfferForMessage } from "../actions/answer-offer.ts";
import { joinWaitlist, keepWaitlistSettings, leaveWaitlist, readWaitlist, showWaitlistSettings } from "../actions/keep-waitlist.ts";
import { makeWaitlistWaker } from "../actions/offer-freed.ts";
import type { Deps } from "../deps.ts";

/** Waiting for a time that becomes free, and what is offered to who waits. */
export function waitlistRoutes(deps: Deps): BoundRoute[] {
  return [
    bind(getWaitlistSettings, ({ actor, params, meta }) => showWaitlistSettings(deps, actor, params, meta)),
    bind(putWaitlistSettings, ({ actor, params, body, meta }) => keepWaitlistSettings(deps, actor, { ...params, ...body }, meta)),
    bind(listWaitlist, ({ actor, query, meta }) => readWaitlist(deps, actor, query, meta)),
    bind(joinEndpoint, ({ actor, body, meta }) => joinWaitlist(deps, actor, body, meta)),
    bind(leaveEndpoint, ({ actor, params, meta }) => leaveWaitlist(deps, actor, params, meta)),
    bind(acceptEndpoint, ({ actor, params, meta }) => acceptOffer(deps, actor, params, meta)),
    bind(declineEndpoint, ({ actor, params, meta }) => declineOffer(deps, actor, params, meta)),
    bind(offerForMessage, ({ actor, params, meta }) => showOfferForMessage(deps, actor, params, meta)),
  ];
}

/** Verbs that take time or none: after all others but reads something may be free. */
const freesNothing = new Set(["appointment.book", "appointment.hold", "appointment.extend-hold"]);

/** Has due waitlists looked at right after whatever may have freed time. What frees it marks the doctor due, in its own transaction. */
export function wakingWaitlists(deps: Deps, routes: readonly BoundRoute[]): BoundRoute[] {
  const wake = makeWaitlistWaker(deps);
  return routes.map((route) => {
    if (route.endpoint.method === "GET" || freesNothing.has(route.endpoint.id)) return route;
    const handle: BoundRoute["handle"] = async (context) => {
      const answer = await route.handle(context);
      wake();
      return answer;
    };
    return { ...route, handle };
  });
}
