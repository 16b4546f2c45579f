import { answerLink as answerEndpoint, readLink as readEndpoint } from "@episante/contracts/visit-link";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { answerLink, describeLinked, readLink } from "../actions/visit-links.ts";
import type { Deps } from "../deps.ts";

/** The links of mails: who has one may confirm or cancel that one visit. */
export function visitLinkRoutes(deps: Deps): BoundRoute[] {
  return [
    bind(readEndpoint, async ({ actor, params, meta }) => describeLinked(deps, await readLink(deps, actor, params, meta))),
    bind(answerEndpoint, async ({ actor, params, body, meta }) =>
      describeLinked(deps, await answerLink(deps, actor, { ...params, ...body }, meta)),
    ),
  ];
}
