import { openDatabase } from "@episante/service/db";
import { type BaseDeps, configOrExit, runService } from "@episante/service/run";
import { routes } from "./app.ts";
import { readConfig } from "./config.ts";
import { draftProfileOnMembershipChanged } from "./consumers/draft-profile-on-membership-changed.ts";
import { keepOpeningsOnChanged } from "./consumers/keep-openings-on-changed.ts";
import { mirrorClinicsOnChanged } from "./consumers/mirror-clinics-on-changed.ts";
import { mirrorRelationshipsOnChanged } from "./consumers/mirror-relationships-on-changed.ts";
import type { Deps } from "./deps.ts";
import { indexOutdatedDoctorsJob } from "./jobs/index-outdated-doctors.ts";
import { moveOpeningsOnJob } from "./jobs/move-openings-on.ts";

const config = configOrExit(readConfig);
const relationships = mirrorRelationshipsOnChanged();
await runService<typeof config, BaseDeps & Deps>({
  service: "doctor",
  config,
  extend: async (base, onStop) => {
    const gold = config.GOLD_DATABASE_URL ? openDatabase(config.GOLD_DATABASE_URL, { max: 2, name: "doctor" }) : undefined;
    if (gold) onStop(() => gold.close());
    return { ...base, gold, relationships };
  },
  routes,
  consumers: () => [mirrorClinicsOnChanged, draftProfileOnMembershipChanged, keepOpeningsOnChanged],
  mirrors: () => [relationships],
  jobs: () => [indexOutdatedDoctorsJob, moveOpeningsOnJob],
});
