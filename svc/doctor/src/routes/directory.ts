import {
  getDoctor,
  listReasons,
  putMyProfile,
  putMyReasons,
  searchDoctors as searchEndpoint,
  suggestDoctors as suggestEndpoint,
} from "@episante/contracts/doctor";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { publishProfile } from "../actions/publish-profile.ts";
import { replaceReasons } from "../actions/replace-reasons.ts";
import { searchDoctors, showDoctor, showReasons, suggestDoctors } from "../actions/search-doctors.ts";
import type { Deps } from "../deps.ts";

/** The public directory, and a doctor's own part of it. */
export function directoryRoutes(deps: Deps): BoundRoute[] {
  return [
    bind(searchEndpoint, ({ query }) => searchDoctors(deps, query)),
    bind(suggestEndpoint, ({ query }) => suggestDoctors(deps, query)),
    bind(putMyProfile, ({ actor, body, meta }) => publishProfile(deps, actor, body, meta)),
    bind(putMyReasons, ({ actor, body, meta }) => replaceReasons(deps, actor, body, meta)),
    bind(getDoctor, ({ params }) => showDoctor(deps, params.id)),
    bind(listReasons, ({ params }) => showReasons(deps, params.id)),
  ];
}
