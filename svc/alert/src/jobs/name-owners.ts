import { type Job, job } from "@episante/service/jobs";
import { nameOwners } from "../actions/name-owners.ts";
import type { AlertDeps } from "../deps.ts";

/** Fetches names of alert owners that are still missing. */
export const nameOwnersJob: Job<AlertDeps> = job<AlertDeps>({ name: "name-owners", everyMs: 2_000, run: ({ deps }) => nameOwners(deps) });
