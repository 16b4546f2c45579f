import { accountProfile } from "@episante/contracts/auth";
import type { AccountId } from "@episante/contracts/ids";
import { isRefusal } from "@episante/contracts/problem";
import { grant } from "@episante/service/db";
import type { AlertDeps } from "../deps.ts";
import { publishChanges } from "../storage/alerts.ts";
import { alertsNaming, namelessOwners, namesOf, writeName } from "../storage/names.ts";

type Deps = Pick<AlertDeps, "db" | "clock" | "callInternal" | "feed" | "log">;

/** Fetches an account's name from svc/auth and shows it on the alerts it stands on. Unreachable: tried again by the job. */
async function fetchName(deps: Deps, accountId: string): Promise<void> {
  const profile = await deps.callInternal(accountProfile, { params: { id: accountId as AccountId } });
  if (isRefusal(profile) && profile.refused !== "not-found") return;
  const name = isRefusal(profile) ? "" : `${profile.givenName} ${profile.familyName}`;
  await deps.db.transaction(grant.system("name-owners"), async (tx) => {
    await writeName(tx, accountId, name, deps.clock.now());
    const named = await alertsNaming(tx, accountId);
    await publishChanges(
      tx,
      named.map((id) => ({ id })),
      deps.clock.now(),
    );
  });
  deps.feed.wake();
}

/** Names owners that have none yet. No acknowledgement ever waits for it. */
export async function nameOwners(deps: Deps): Promise<void> {
  const nameless = await deps.db.transaction(grant.system("name-owners"), namelessOwners);
  for (const accountId of nameless) await fetchName(deps, accountId);
}

/** Fetches the name of somebody who has opened a console, so that it is there when they acknowledge. */
export function prefetchName(deps: Deps, accountId: string): void {
  const run = async () => {
    const known = await deps.db.transaction(grant.system("name-owners"), (tx) => namesOf(tx, [accountId]));
    if (!known.has(accountId)) await fetchName(deps, accountId);
  };
  run().catch((error: unknown) => deps.log.warn({ err: error }, "owner's name not fetched"));
}
