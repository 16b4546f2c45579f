import { grant } from "@episante/service/db";
import { type Job, job } from "@episante/service/jobs";
import type { BaseDeps } from "@episante/service/run";
import { indexOutdated } from "../storage/search-keys.ts";

const name = "index-outdated-doctors";
const batchSize = 500;

/** Doctors whom an older version of the search indexed, or none: after an upgrade they are found again within a turn. */
export async function indexOutdatedDoctors({ db }: Pick<BaseDeps, "db">): Promise<void> {
  let count = batchSize;
  while (count === batchSize) count = await db.transaction(grant.system(name), (tx) => indexOutdated(tx, batchSize));
}

/** Once at the start, then three times a minute. */
export const indexOutdatedDoctorsJob: Job<BaseDeps> = job<BaseDeps>({
  name,
  everyMs: 20_000,
  run: ({ deps }) => indexOutdatedDoctors(deps),
});
